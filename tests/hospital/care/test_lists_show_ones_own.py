"""Whatever lists or opens records for a nurse or doctor shows only those of their patients."""

import json

import pytest

from wardround.hospital.identity.actions import merge_pair
from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.identity.queries import pairs
from wardround.hospital.identity.searching import search_everybody
from wardround.hospital.quality.queries import fix_queue
from wardround.hospital.quality.waiting import queue_page
from wardround.hospital.records.access import NotThere
from wardround.hospital.records.actions.resources import create_resource
from wardround.web.audit.actor import system_actor

BY = system_actor("tests")


def found(client, address: str) -> set[str]:
    answer = client.get(f"/fhir/R4/{address}")
    assert answer.status_code == 200, answer.content
    return {entry["resource"]["id"] for entry in json.loads(answer.content).get("entry", [])}


def test_a_search_of_the_fhir_interface(house, doctor, steward, make_observation, as_client):
    heart = make_observation(house.heart, loinc="8480-6", value=120, unit="mm[Hg]")
    other = make_observation(house.other, loinc="8480-6", value=130, unit="mm[Hg]")

    assert found(as_client(doctor), "Observation?code=8480-6") == {heart}
    assert found(as_client(doctor), "Observation?_sort=-date") == {heart}
    assert found(as_client(doctor), "Observation?_lastUpdated=gt2000-01-01") == {heart}
    assert found(as_client(doctor), "Patient") == {house.heart}
    assert found(as_client(doctor), "Patient?family=Balogh") == set()
    assert found(as_client(doctor), f"Observation?subject=Patient/{house.other}") == set()
    assert found(as_client(doctor), "Observation?subject:Patient.family=Balogh") == set()
    assert found(as_client(steward), "Observation?code=8480-6") == {heart, other}


def test_the_total_of_a_search_counts_ones_own(house, doctor, as_client):
    answer = json.loads(as_client(doctor).get("/fhir/R4/Patient?_summary=count").content)

    assert answer["total"] == 1


def test_what_comes_along_with_the_hits(house, doctor, steward, as_client):
    flag = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Donor"},
        "subject": {"reference": f"Patient/{house.heart}"},
        "focus": [{"reference": f"Patient/{house.other}"}],
    }
    stored = create_resource(flag, by=BY).logical_id

    assert found(as_client(doctor), f"Observation?_id={stored}&_include=Observation:focus") == {stored}
    assert found(as_client(steward), f"Observation?_id={stored}&_include=Observation:focus") == {stored, house.other}


def test_an_appointment_is_for_those_who_have_one_of_its_patients(house, nurse, doctor, as_client):
    appointment = {
        "resourceType": "Appointment",
        "status": "proposed",
        "participant": [{"actor": {"reference": f"Patient/{house.heart}"}, "status": "accepted"}],
    }
    stored = create_resource(appointment, by=BY).logical_id

    assert found(as_client(doctor), "Appointment") == {stored}
    assert as_client(doctor).get(f"/fhir/R4/Appointment/{stored}").status_code == 200
    assert found(as_client(nurse), "Appointment") == set()
    assert as_client(nurse).get(f"/fhir/R4/Appointment/{stored}").status_code == 404


def test_the_history_of_a_type_and_of_everything(house, nurse, as_client):
    assert found(as_client(nurse), "Patient/_history") == {house.other}
    assert found(as_client(nurse), "_history") == {house.other}


@pytest.mark.parametrize(
    "address", ["Patient/{0}", "Patient/{0}/$everything", "Patient/{0}/_history", "Patient/{0}/$summary"]
)
def test_anothers_patient_is_not_there(house, nurse, as_client, address):
    one, none = (as_client(nurse).get(f"/fhir/R4/{address.format(p)}") for p in (house.heart, "nobody"))

    assert one.status_code == none.status_code == 404


def test_a_match_finds_ones_own(house, nurse, doctor, as_client):
    asked = {
        "resourceType": "Parameters",
        "parameter": [{"name": "resource", "resource": {"resourceType": "Patient", "name": [{"family": "Szabó", "given": ["Ilona"]}], "birthDate": "1963"}}],
    }  # fmt: skip

    def matched(person) -> set[str]:
        answer = as_client(person).post(
            "/fhir/R4/Patient/$match", json.dumps(asked), content_type="application/fhir+json"
        )
        assert answer.status_code == 200, answer.content
        return {entry["resource"]["id"] for entry in json.loads(answer.content).get("entry", [])}

    assert matched(doctor) == {house.heart}
    assert matched(nurse) == set()


def test_the_fix_queue(house, doctor, steward, make_observation):
    for patient in (house.heart, house.other):
        make_observation(patient, loinc="8480-6", value=1200, unit="mm[Hg]")

    assert {line.patient_id for line in fix_queue(doctor)} == {house.heart}
    assert {line.patient_id for line in fix_queue(steward)} == {house.heart, house.other}
    assert (queue_page(doctor).total, queue_page(steward).total) == (1, 2)


def test_duplicates_are_for_who_has_both(house, doctor, steward, make_patient, as_client):
    twin = make_patient(family="Szabó", birth="1963-04-05")
    make_patient(family="Szabó", birth="1963-04-05")
    search_everybody(BY)
    pair = CandidatePair.objects.filter(one=twin) | CandidatePair.objects.filter(other=twin)
    number = pair.latest("score").pk

    assert pairs(steward)
    assert not pairs(doctor)
    assert as_client(doctor).get(f"/duplicates/{number}/").status_code == 404
    with pytest.raises(NotThere):
        merge_pair(number, keep=twin, by=doctor)
