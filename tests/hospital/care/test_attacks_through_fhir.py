"""What somebody tries at the FHIR interface to learn of, or change, what another care team has: it is as if it were not there."""

import json

import pytest

from wardround.hospital.care.actions import take_patient
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import system_actor

BY = system_actor("tests")
FHIR = "application/fhir+json"


def observation(patient_id: str, **more: object) -> dict[str, object]:
    subject = {"reference": f"Patient/{patient_id}"}
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": subject, **more}


def appointment(patient_id: str, **more: object) -> dict[str, object]:
    participant = [{"actor": {"reference": f"Patient/{patient_id}"}, "status": "accepted"}]
    return {"resourceType": "Appointment", "status": "proposed", "participant": participant, **more}


def test_an_appointment_of_others_is_neither_overwritten_nor_deleted_by_a_condition(house, nurse, as_client):
    stored = create_resource(appointment(house.heart), by=BY).logical_id
    client = as_client(nurse)
    body = json.dumps(appointment(house.other, id=stored, status="cancelled"))

    for at in (f"/fhir/R4/Appointment/{stored}", f"/fhir/R4/Appointment?_id={stored}"):
        client.put(at, body, content_type=FHIR)
        client.delete(at)

    row = Resource.objects.get(type="Appointment", logical_id=stored)
    assert (row.version, row.is_deleted) == (1, False)


def test_an_appointment_of_ones_own_patient_is_still_changed(house, nurse, as_client):
    stored = create_resource(appointment(house.other), by=BY).logical_id
    body = json.dumps(appointment(house.other, id=stored, status="cancelled"))

    assert as_client(nurse).put(f"/fhir/R4/Appointment/{stored}", body, content_type=FHIR).status_code == 200
    assert as_client(nurse).delete(f"/fhir/R4/Appointment/{stored}").status_code == 204


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_entry_of_a_transaction_answers_as_for_what_is_not_there(house, nurse, as_client, make_observation, method):
    theirs = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    seen = []
    for logical_id in (theirs, "nobody"):
        entry = {"request": {"method": method, "url": f"Observation/{logical_id}"}}
        bundle = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
        answer = as_client(nurse).post("/fhir/R4", bundle, content_type=FHIR)
        seen.append((answer.status_code, answer.content.replace(logical_id.encode(), b"ID")))

    assert seen[0] == seen[1]
    assert not Resource.objects.get(logical_id=theirs).is_deleted


LOOKED_THROUGH = (
    "Location?_has:Encounter:location:patient=Patient/{heart}",
    "Location?_has:Encounter:location:patient.family=Szabó",
    "Location?_has:Encounter:location:status=in-progress",
    "Location?_has:Encounter:location:_has:Observation:encounter:code=8480-6",
    "Observation?focus:Patient.family=Szabó",
    "Observation?focus:Patient.birthdate=1963",
    "Observation?focus:Patient._id={heart}",
    "Observation?focus:Patient._has:Encounter:patient:status=in-progress",
)


@pytest.mark.parametrize("search", LOOKED_THROUGH)
def test_no_chain_looks_beyond_the_door(house, nurse, steward, as_client, search):
    """A ward is nobody's, and so says to everybody where it is; whose patient lies there it must not say."""
    ward = create_resource({"resourceType": "Location", "status": "active", "name": "Ward 7"}, by=BY).logical_id
    stay = create_resource(
        {
            "resourceType": "Encounter",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": {"reference": f"Patient/{house.heart}"},
            "location": [{"location": {"reference": f"Location/{ward}"}}],
        },
        by=BY,
    ).logical_id
    pressure = {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}
    create_resource(observation(house.heart, code=pressure, encounter={"reference": f"Encounter/{stay}"}), by=BY)
    create_resource(observation(house.other, focus=[{"reference": f"Patient/{house.heart}"}]), by=BY)

    def total(person) -> int:
        return json.loads(as_client(person).get(f"/fhir/R4/{search.format(heart=house.heart)}").content)["total"]

    assert total(steward) == 1
    assert total(nurse) == 0
    take_patient(house.first, house.heart, by=BY)
    assert total(nurse) == 1


def test_a_link_to_the_next_page_of_a_history_is_for_whom_it_was_given(house, nurse, steward, as_client):
    first = json.loads(as_client(steward).get("/fhir/R4/_history?_count=1").content)
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")

    assert as_client(steward).get(following).status_code == 200
    assert as_client(nurse).get(following).status_code == 400


@pytest.mark.parametrize("address", ["Observation/{0}/$validate", "Patient/{0}/$validate"])
def test_validating_at_an_address_of_theirs_tells_nothing(house, nurse, as_client, make_observation, address):
    theirs = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    ids = (theirs if address.startswith("Obs") else house.heart, "nobody")
    seen = []
    for logical_id in ids:
        resource = {"resourceType": address.partition("/")[0], "id": logical_id}
        for mode in ("update", "delete"):
            parameters = [{"name": "mode", "valueCode": mode}, {"name": "resource", "resource": resource}]
            body = json.dumps({"resourceType": "Parameters", "parameter": parameters})
            answer = as_client(nurse).post(f"/fhir/R4/{address.format(logical_id)}", body, content_type=FHIR)
            seen.append((answer.status_code, answer.content.replace(logical_id.encode(), b"ID")))

    assert seen[:2] == seen[2:]
