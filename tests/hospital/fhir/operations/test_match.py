"""Patient/$match: who is found, how sure, and by whom it may be asked."""

import json

import pytest
from django.test import Client

from wardround.web.accounts.models import User
from wardround.web.audit.models import AuditEvent

SYSTEM = "urn:wardround:mrn:test-hospital"


def described(*, only_certain=False, count=None, **elements):
    parameters = [{"name": "resource", "resource": {"resourceType": "Patient", **elements}}]
    if only_certain:
        parameters.append({"name": "onlyCertainMatches", "valueBoolean": True})
    if count:
        parameters.append({"name": "count", "valueInteger": count})
    return {"resourceType": "Parameters", "parameter": parameters}


def graded(answer):
    entries = json.loads(answer.content).get("entry", [])
    return [(e["resource"]["id"], e["search"]["extension"][0]["valueCode"], e["search"]["score"]) for e in entries]


@pytest.fixture
def ilona(make_patient):
    make_patient(family="Kovacsik", given="Péter", birth="1980-01-01", gender="male")
    return make_patient(birth="1963-05-02")


def test_name_birth_date_and_sex_together_find_the_patient_before_all_others(backend, ilona):
    asked = described(name=[{"family": "KOVACS", "given": ["Ilona"]}], birthDate="1963-05-02", gender="female")

    found = graded(backend.post("Patient/$match", asked))

    assert [(one, grade) for one, grade, _ in found] == [(ilona, "certain")]
    assert 0.999 <= found[0][2] <= 1


def test_a_birth_date_with_day_and_month_swapped_still_finds_the_patient(backend, ilona):
    asked = described(name=[{"family": "Kovács", "given": ["Ilona"]}], birthDate="1963-02-05", gender="female")

    found = graded(backend.post("Patient/$match", asked))

    assert found[0][0] == ilona
    assert found[0][1] in {"certain", "probable"}


def test_only_certain_matches_leave_out_a_name_alone(backend, ilona):
    name = [{"family": "Kovács", "given": ["Ilona"]}]

    assert graded(backend.post("Patient/$match", described(name=name))) != []
    assert graded(backend.post("Patient/$match", described(name=name, only_certain=True))) == []


def test_two_people_who_are_both_certain_are_not_one_certain_match(backend, make_patient):
    pair = {make_patient(birth="1963-05-02"), make_patient(birth="1963-05-02")}
    who = {"name": [{"family": "Kovács", "given": ["Ilona"]}], "birthDate": "1963-05-02", "gender": "female"}

    assert {one for one, _, _ in graded(backend.post("Patient/$match", described(**who)))} == pair
    assert len(graded(backend.post("Patient/$match", described(**who, count=1)))) == 1
    assert graded(backend.post("Patient/$match", described(**who, only_certain=True))) == []


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Parameters"},
        described(gender="female"),
        described(name="Kovács"),
        described(name=[{"family": "Kovács"}], address=[7]),
    ],
)
def test_what_cannot_be_matched_is_refused_with_a_sentence(backend, body):
    answer = backend.post("Patient/$match", body)

    assert answer.status_code == 400
    assert json.loads(answer.content)["issue"][0]["diagnostics"]


def test_the_audit_trail_holds_that_it_was_asked_and_not_for_whom(backend, ilona):
    backend.post("Patient/$match", described(name=[{"family": "Kovács", "given": ["Ilona"]}], birthDate="1963-05-02"))

    event = AuditEvent.objects.get(action="patient.match")
    assert "Kov" not in json.dumps(event.detail)
    assert AuditEvent.objects.filter(action="record.read", patient_id=ilona).exists()


def test_a_token_needs_to_read_and_search_patients(backend_with):
    asked = described(name=[{"family": "Kovács"}])

    assert backend_with("system/Patient.r").post("Patient/$match", asked).status_code == 403
    assert backend_with("system/Patient.rs").post("Patient/$match", asked).status_code == 200


@pytest.mark.parametrize(("role", "status"), [("nurse", 200), ("steward", 200), ("researcher", 403), ("stranger", 403)])
def test_who_sees_charts_may_match(as_client, request, role, status, db):
    is_of_the_cast = role != "researcher"
    user = request.getfixturevalue(role) if is_of_the_cast else User.objects.create(username="r.weber", role=role)
    asked = described(name=[{"family": "Kovács"}])

    answer = as_client(user).post("/fhir/R4/Patient/$match", json.dumps(asked), content_type="application/fhir+json")

    assert answer.status_code == status


def test_who_is_signed_out_matches_nobody(db):
    asked = json.dumps(described(name=[{"family": "Kovács"}]))

    answer = Client().post("/fhir/R4/Patient/$match", asked, content_type="application/fhir+json")

    assert answer.status_code == 401
