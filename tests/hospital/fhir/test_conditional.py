"""Conditional create, update, patch and delete: the resource is named by a search, and the search is part of the write."""

import pytest

from wardround.hospital.records.models import Resource
from wardround.web.audit.models import AuditEvent

MINE = "identifier=urn:wardround:mrn:test-hospital|B-1"
NUMBERED = {"resourceType": "Organization", "identifier": [{"system": "urn:x", "value": "1"}], "name": "One"}


def outcome(response):
    return response.json()["issue"][0]


@pytest.fixture
def twins(backend):
    """Two organisations with one number."""
    return [backend.post("Organization", NUMBERED).json()["id"] for _ in range(2)]


def test_a_conditional_create_stores_what_is_not_there_and_then_finds_it(backend, patient_body):
    first = backend.post("Patient", patient_body, **{"If-None-Exist": MINE})
    second = backend.post("Patient", {**patient_body, "gender": "male"}, **{"If-None-Exist": MINE})

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["Location"] == first.headers["Location"]
    assert second.json()["gender"] == "female"
    assert Resource.objects.count() == 1


def test_a_condition_that_means_several_is_refused(backend, twins):
    search = "identifier=urn:x|1"

    answers = [
        backend.post("Organization", NUMBERED, **{"If-None-Exist": search}),
        backend.put(f"Organization?{search}", NUMBERED),
        backend.patch(f"Organization?{search}", [{"op": "remove", "path": "/name"}]),
        backend.delete(f"Organization?{search}"),
    ]

    assert [answer.status_code for answer in answers] == [412] * 4
    assert {outcome(answer)["code"] for answer in answers} == {"multiple-matches"}
    assert set(Resource.objects.values_list("version", flat=True)) == {1}


def test_a_conditional_update_creates_then_updates_the_one_that_matches(backend, patient_body):
    created = backend.put(f"Patient?{MINE}", patient_body)
    updated = backend.put(f"Patient?{MINE}", {**patient_body, "gender": "other"})

    assert (created.status_code, updated.status_code) == (201, 200)
    assert updated.json()["id"] == created.json()["id"]
    assert updated.headers["ETag"] == 'W/"2"'


def test_a_conditional_update_keeps_the_id_it_is_given_where_nothing_matches(backend, patient_body):
    assert backend.put(f"Patient?{MINE}", {**patient_body, "id": "mine"}).status_code == 201
    assert backend.get("Patient/mine").status_code == 200


def test_a_conditional_update_with_another_id_is_refused(backend, patient_body, make_patient):
    other = make_patient()
    backend.put("Patient/mine", {**patient_body, "id": "mine"})

    assert backend.put(f"Patient?{MINE}", {**patient_body, "id": "yours"}).status_code == 400
    taken = backend.put("Patient?identifier=urn:none|0", {**patient_body, "id": other})
    assert taken.status_code == 409


def test_a_conditional_patch_changes_the_one_that_matches(backend, patient_body):
    backend.post("Patient", patient_body)
    steps = [{"op": "replace", "path": "/gender", "value": "male"}]

    assert backend.patch(f"Patient?{MINE}", steps).json()["gender"] == "male"
    assert backend.patch("Patient?identifier=urn:none|0", steps).status_code == 404


def test_a_conditional_delete_deletes_the_one_that_matches(backend, patient_body):
    address = f"Patient/{backend.post('Patient', patient_body).json()['id']}"

    assert backend.delete(f"Patient?{MINE}").status_code == 204
    assert backend.get(address).status_code == 410
    assert backend.delete(f"Patient?{MINE}").status_code == 204


@pytest.mark.parametrize("search", ["favourite=blue", "_format=json", "identifier="])
def test_a_condition_that_says_nothing_is_refused(backend, patient_body, search):
    assert backend.post("Patient", patient_body, **{"If-None-Exist": search}).status_code == 400
    assert backend.put(f"Patient?{search}", patient_body).status_code == 400
    assert backend.delete(f"Patient?{search}").status_code == 400
    assert not Resource.objects.exists()


def test_a_write_to_a_type_without_a_condition_is_refused(backend, patient_body):
    assert backend.put("Patient", patient_body).status_code == 400
    assert backend.delete("Patient").status_code == 400
    assert backend.post("Patient?name=x", patient_body).status_code == 400


def test_a_condition_needs_the_scope_of_a_search(backend_with, patient_body):
    writer = backend_with("system/Patient.cud")

    assert writer.post("Patient", patient_body, **{"If-None-Exist": MINE}).status_code == 403
    assert writer.delete(f"Patient?{MINE}").status_code == 403
    assert AuditEvent.objects.filter(action="token.scope", outcome="refused").count() == 2
    assert not Resource.objects.exists()


def test_if_match_and_if_none_match_guard_a_write(backend, patient_body):
    body = {**patient_body, "id": "one"}

    assert backend.put("Patient/one", body, **{"If-Match": 'W/"1"'}).status_code == 412
    assert backend.put("Patient/one", body, **{"If-Match": "*"}).status_code == 412
    assert backend.put("Patient/one", body, **{"If-None-Match": "*"}).status_code == 201
    assert backend.put("Patient/one", body, **{"If-None-Match": "*"}).status_code == 412
    assert backend.put("Patient/one", {**body, "gender": "male"}, **{"If-Match": '"1"'}).status_code == 200
    assert backend.put("Patient/one", body, **{"If-None-Match": 'W/"1"'}).status_code == 400
    assert backend.delete("Patient/one", **{"If-Match": 'W/"1"'}).status_code == 412


def test_a_read_answers_304_to_whoever_has_it(backend, patient_body):
    read = backend.put("Patient/one", {**patient_body, "id": "one"})
    modified = read.headers["Last-Modified"]

    assert backend.get("Patient/one", **{"If-None-Match": 'W/"7", W/"1"'}).status_code == 304
    assert backend.get("Patient/one", **{"If-None-Match": 'W/"7"'}).status_code == 200
    assert backend.get("Patient/one", **{"If-Modified-Since": modified}).status_code == 304
    assert backend.get("Patient/one", **{"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"}).status_code == 200
    both = {"If-None-Match": 'W/"7"', "If-Modified-Since": modified}
    assert backend.get("Patient/one", **both).status_code == 200
