"""If-Match and If-None-Match are answered behind the door: of what is another team's a stranger learns nothing by them."""

import json

import pytest

from wardround.hospital.records.models import Resource
from wardround.web.audit.models import AuditEvent

MATCHES = ['W/"1"', 'W/"7"', "*"]
NOWHERE = "nobody-has-this-id"


@pytest.fixture
def attack(house, nurse, as_client, make_observation):
    """Sends the same request about what is Cardiology's and about what is not there; both answers, ids made alike."""
    value = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    hidden = {"Patient": house.heart, "Observation": value}
    client = as_client(nurse)

    def send(method: str, type_name: str, body, *, content_type: str = "application/fhir+json", **headers: str):
        answers = []
        for logical_id in (hidden[type_name], NOWHERE):
            said = client.generic(
                method,
                f"/fhir/R4/{type_name}/{logical_id}",
                json.dumps(body(logical_id)) if body else "",
                content_type=content_type,
                headers=headers,
            )
            answers.append((said.status_code, said.content.decode().replace(logical_id, "ID"), said.get("ETag")))
        return answers

    yield send
    assert set(Resource.objects.values_list("version", flat=True)) == {1}, "nothing of it was written"
    assert not Resource.objects.filter(is_deleted=True).exists()


def observed(house, *, of: str):
    return lambda logical_id: {
        "resourceType": "Observation",
        "id": logical_id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "subject": {"reference": f"Patient/{getattr(house, of)}"},
        "effectiveDateTime": "2026-03-02T08:00:00Z",
        "valueQuantity": {"value": 121, "unit": "mm[Hg]", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
    }


@pytest.mark.parametrize("match", MATCHES)
@pytest.mark.parametrize("of", ["heart", "other"])
def test_an_update_if_it_matches(house, attack, match, of):
    hidden, nowhere = attack("PUT", "Observation", observed(house, of=of), **{"If-Match": match})

    assert hidden == nowhere
    assert hidden[0] == 412


@pytest.mark.parametrize("match", MATCHES)
def test_an_update_of_a_patient_if_it_matches(house, attack, patient_body, match):
    hidden, nowhere = attack("PUT", "Patient", lambda i: {**patient_body, "id": i}, **{"If-Match": match})

    assert hidden == nowhere
    assert hidden[0] == 412


@pytest.mark.parametrize("type_name", ["Patient", "Observation"])
@pytest.mark.parametrize("match", ["", *MATCHES])
def test_a_deletion_with_and_without_a_condition(house, attack, match, type_name):
    hidden, nowhere = attack("DELETE", type_name, None, **({"If-Match": match} if match else {}))

    assert hidden == nowhere


@pytest.mark.parametrize("type_name", ["Patient", "Observation"])
@pytest.mark.parametrize("match", ["", *MATCHES])
def test_a_patch_with_and_without_a_condition(house, attack, match, type_name):
    steps = [{"op": "add", "path": "/language", "value": "hu"}]
    hidden, nowhere = attack(
        "PATCH", type_name, lambda _id: steps, content_type="application/json-patch+json",
        **({"If-Match": match} if match else {}),
    )  # fmt: skip

    assert hidden == nowhere
    assert hidden[0] == 404


@pytest.mark.parametrize("type_name", ["Patient", "Observation"])
@pytest.mark.parametrize("header", [{}, {"If-None-Match": 'W/"1"'}, {"If-None-Match": "*"}])
def test_a_read_with_and_without_a_condition(house, attack, header, type_name):
    hidden, nowhere = attack("GET", type_name, None, **header)

    assert hidden == nowhere
    assert hidden[0] == 404


def test_an_entry_of_a_transaction(house, nurse, as_client, make_observation):
    value = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    answers = []
    for logical_id in (value, NOWHERE):
        entry = {
            "resource": observed(house, of="other")(logical_id),
            "request": {"method": "PUT", "url": f"Observation/{logical_id}", "ifMatch": 'W/"1"'},
        }
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        said = as_client(nurse).post("/fhir/R4", json.dumps(bundle), content_type="application/fhir+json")
        answers.append((said.status_code, said.content.decode().replace(logical_id, "ID")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 412


def test_whoever_has_the_patient_is_told_of_the_conflict(house, doctor, as_client, make_observation):
    value = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    said = as_client(doctor).put(
        f"/fhir/R4/Observation/{value}",
        json.dumps(observed(house, of="heart")(value)),
        content_type="application/fhir+json",
        headers={"If-Match": 'W/"7"'},
    )

    assert said.status_code == 412
    assert "The present version is 1." in said.content.decode()


def test_the_attempt_is_in_the_audit(house, nurse, as_client, make_observation):
    value = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    for method, headers in (("PUT", {"If-Match": 'W/"1"'}), ("DELETE", {"If-Match": 'W/"1"'}), ("DELETE", {})):
        before = AuditEvent.objects.filter(outcome="refused", actor_name=nurse.username).count()
        body = json.dumps(observed(house, of="other")(value)) if method == "PUT" else ""
        as_client(nurse).generic(
            method, f"/fhir/R4/Observation/{value}", body, content_type="application/fhir+json", headers=headers
        )

        assert AuditEvent.objects.filter(outcome="refused", actor_name=nurse.username).count() == before + 1


def test_what_brings_several_people_together_is_changed_by_those_who_have_one_of_them(
    house, doctor, nurse, as_client, backend_of_the_hospital
):
    body = {
        "resourceType": "Appointment", "status": "proposed",
        "participant": [{"actor": {"reference": f"Patient/{house.heart}"}, "status": "accepted"}],
    }  # fmt: skip
    stored = backend_of_the_hospital(body)
    late = {**body, "id": stored, "status": "cancelled"}
    address = f"/fhir/R4/Appointment/{stored}"

    for person, status in ((nurse, 404), (doctor, 200)):
        said = as_client(person).put(address, json.dumps(late), content_type="application/fhir+json")
        assert said.status_code == status, said.content


@pytest.fixture
def patient_body():
    return {"resourceType": "Patient", "name": [{"family": "Szabó"}], "gender": "female", "birthDate": "1958-04-17"}


@pytest.fixture
def backend_of_the_hospital():
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    return lambda body: create_resource(body, by=system_actor("tests")).logical_id


def test_what_was_deleted_from_a_chart_is_not_taken_into_another(house, doctor, nurse, as_client, make_observation):
    value = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    address = f"/fhir/R4/Observation/{value}"
    assert as_client(doctor).delete(address).status_code == 204

    body = observed(house, of="other")(value)
    taken = as_client(nurse).put(address, json.dumps(body), content_type="application/fhir+json")

    assert taken.status_code == 422
    assert house.heart not in taken.content.decode()
    assert as_client(nurse).get(f"{address}/_history/1").status_code == 404
