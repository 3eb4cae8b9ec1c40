"""A Binary is as protected as the resource that its `securityContext` names (FHIR R4), else as the records that name it."""

import base64
import json
from collections.abc import Callable

import pytest

from wardround.hospital.care.actions import take_patient
from wardround.hospital.records.actions.merging import merge_patients
from wardround.hospital.records.actions.reindexing import reindex
from wardround.hospital.records.actions.resources import create_resource, delete_resource, update_resource
from wardround.hospital.records.models import ReferenceIndex, Resource
from wardround.web.accounts.actions import make_token
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

BY = system_actor("tests")
CONTENT = base64.b64encode(b"Dear colleague").decode()
LISTS = ("Binary", "Binary/_history", "_history?_count=200")
READ, NOT_THERE = (200, True), (404, False)


def store(type_name: str, **elements: object) -> str:
    return create_resource({"resourceType": type_name, **elements}, by=BY).logical_id


def binary(context: str = "", **more: object) -> dict[str, object]:
    protection = {"securityContext": {"reference": context}} if context else {}
    return {"resourceType": "Binary", "contentType": "text/plain", "data": CONTENT, **protection, **more}


def store_binary(context: str = "") -> str:
    return create_resource(binary(context), by=BY).logical_id


def letter(patient: str, **attachment: object) -> str:
    subject = {"reference": f"Patient/{patient}"}
    return store("DocumentReference", status="current", subject=subject, content=[{"attachment": attachment}])


def report(patient: str, **attachment: object) -> str:
    subject = {"reference": f"Patient/{patient}"}
    return store("DiagnosticReport", status="final", code={"text": "CT"}, subject=subject, presentedForm=[attachment])


@pytest.fixture
def seen(as_client) -> Callable[..., tuple[int, bool]]:
    """seen(person, address) -> the status, and whether the file was in the answer."""

    def made(person: object, address: str) -> tuple[int, bool]:
        answer = as_client(person).get(f"/fhir/R4/{address}")
        return answer.status_code, CONTENT in answer.content.decode()

    return made


@pytest.fixture
def put(as_client):
    def made(person: object, body: dict[str, object]) -> int:
        at = f"/fhir/R4/Binary/{body['id']}"
        return as_client(person).put(at, json.dumps(body), content_type="application/fhir+json").status_code

    return made


CONTEXTS = {
    "the patient": lambda patient: f"Patient/{patient}",
    "a version of the patient": lambda patient: f"Patient/{patient}/_history/1",
    "a letter of the patient": lambda patient: f"DocumentReference/{letter(patient, title='Letter')}",
    "an appointment of the patient": lambda patient: (
        "Appointment/"
        + store(
            "Appointment",
            status="proposed",
            participant=[{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}],
        )
    ),
}


@pytest.mark.parametrize("context", CONTEXTS)
def test_the_own_team_reads_it_and_for_another_it_is_not_there(context, house, doctor, nurse, seen):
    stored = store_binary(CONTEXTS[context](house.heart))

    for address in (f"Binary/{stored}", f"Binary/{stored}/_history/1", f"Binary/{stored}/_history"):
        assert (seen(doctor, address), seen(nurse, address)) == (READ, NOT_THERE), address
    for address in LISTS:
        assert (seen(doctor, address), seen(nurse, address)) == (READ, (200, False)), address


def test_it_is_answered_word_for_word_as_what_is_not_there(house, nurse, as_client):
    stored = store_binary(f"Patient/{house.heart}")
    client = as_client(nurse)

    theirs, nobodys = (client.get(f"/fhir/R4/Binary/{one}").content.decode() for one in (stored, "nobody"))

    assert theirs == nobodys


def test_an_opening_and_a_refusal_are_in_the_patients_audit_trail(house, doctor, nurse, seen):
    stored = store_binary(f"Patient/{house.heart}")

    seen(doctor, f"Binary/{stored}")
    seen(nurse, f"Binary/{stored}")

    opened = AuditEvent.objects.filter(action="patient.open", patient_id=house.heart)
    assert set(opened.values_list("actor_name", "outcome")) == {(doctor.username, "done"), (nurse.username, "refused")}


@pytest.mark.parametrize(
    "context", ["Patient/nobody", "DocumentReference/none", "https://elsewhere.example/fhir/Patient/1"]
)
def test_what_names_nothing_that_is_here_is_for_those_who_act_for_the_whole_hospital(
    context, house, doctor, nurse, steward, client, seen
):
    stored = store_binary(context)
    token = make_token("laboratory", scopes="system/*.rs", days=1, by=BY)
    answer = client.get(f"/fhir/R4/Binary/{stored}", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, CONTENT in answer.content.decode()) == READ
    assert seen(steward, f"Binary/{stored}") == READ
    for person in (doctor, nurse):
        assert seen(person, f"Binary/{stored}") == NOT_THERE
        assert seen(person, "Binary") == (200, False)


def test_it_is_protected_from_when_what_it_names_has_come(house, doctor, nurse, seen):
    """An import reads Binaries before the documents that they name."""
    stored = store_binary("DocumentReference/later")
    assert seen(doctor, f"Binary/{stored}") == NOT_THERE

    subject = {"reference": f"Patient/{house.heart}"}
    body = {
        "resourceType": "DocumentReference",
        "id": "later",
        "status": "current",
        "subject": subject,
        "content": [{"attachment": {"url": f"Binary/{stored}"}}],
    }
    update_resource(body, type_name="DocumentReference", logical_id="later", by=BY)

    assert (seen(doctor, f"Binary/{stored}"), seen(nurse, f"Binary/{stored}")) == (READ, NOT_THERE)


def test_a_service_reads_what_a_patient_protects(house, client):
    stored = store_binary(f"Patient/{house.heart}")
    token = make_token("laboratory", scopes="system/Binary.rs", days=1, by=BY)
    headers = {"Authorization": f"Bearer {token}"}

    for address in (f"Binary/{stored}", *LISTS):
        answer = client.get(f"/fhir/R4/{address}", headers=headers)
        assert (answer.status_code, CONTENT in answer.content.decode()) == READ


@pytest.mark.parametrize("record", [letter, report])
@pytest.mark.parametrize("base", ["", "http://testserver/fhir/R4/"])
def test_without_a_context_it_is_for_those_who_may_see_a_record_that_names_it(
    record, base, house, doctor, nurse, steward, seen
):
    stored = store_binary()
    assert seen(nurse, f"Binary/{stored}") == READ

    record(house.heart, url=f"{base}Binary/{stored}")

    assert [seen(person, f"Binary/{stored}") for person in (doctor, steward, nurse)] == [READ, READ, NOT_THERE]
    assert seen(nurse, "Binary") == (200, False)


def test_what_nothing_protects_is_for_everybody_who_may_read_charts(house, doctor, nurse, seen):
    stored = store_binary()
    of_a_ward = store_binary(f"Location/{store('Location', name='Ward 7')}")

    for one in (stored, of_a_ward):
        assert (seen(doctor, f"Binary/{one}"), seen(nurse, f"Binary/{one}")) == (READ, READ)


def test_another_binary_protects_nothing(house, nurse, seen):
    stored = store_binary(f"Binary/{store_binary(f'Patient/{house.heart}')}")

    assert seen(nurse, f"Binary/{stored}") == NOT_THERE


def test_an_earlier_version_is_as_protected_as_what_it_named(house, doctor, nurse, seen, put):
    stored = store_binary(f"Patient/{house.heart}")
    open_now = binary(id=stored, data=base64.b64encode(b"Opening hours").decode())

    assert put(nurse, open_now) == 404
    assert put(doctor, open_now) == 200

    assert seen(nurse, f"Binary/{stored}") == (200, False)
    assert seen(nurse, f"Binary/{stored}/_history/1") == NOT_THERE
    assert seen(nurse, f"Binary/{stored}/_history") == (200, False)
    assert seen(doctor, f"Binary/{stored}/_history") == READ


def test_what_was_deleted_comes_back_for_nobody_else(house, doctor, nurse, seen, put):
    stored = store_binary(f"Patient/{house.heart}")
    delete_resource(type_name="Binary", logical_id=stored, by=BY)
    assert seen(nurse, f"Binary/{stored}/_history") == NOT_THERE

    put(nurse, binary(id=stored, data=base64.b64encode(b"Mine").decode()))

    assert seen(nurse, f"Binary/{stored}/_history/1") == NOT_THERE
    assert seen(nurse, f"Binary/{stored}/_history") == (200, False)


def test_nobody_overwrites_or_deletes_what_they_may_not_see(house, nurse, as_client, put):
    stored = store_binary(f"Patient/{house.heart}")

    assert put(nurse, binary(f"Patient/{house.other}", id=stored)) == 404
    as_client(nurse).delete(f"/fhir/R4/Binary/{stored}")

    row = Resource.objects.get(type="Binary", logical_id=stored)
    assert (row.version, row.is_deleted) == (1, False)


def test_nobody_puts_a_file_under_what_they_may_not_see(house, nurse, as_client):
    seen = []
    for patient in (house.heart, "nobody"):
        body = json.dumps(binary(f"Patient/{patient}"))
        answer = as_client(nurse).post("/fhir/R4/Binary", body, content_type="application/fhir+json")
        seen.append((answer.status_code, answer.content))

    assert seen[0] == seen[1]
    assert seen[0][0] == 422
    assert not Resource.objects.filter(type="Binary").exists()


def test_a_file_and_what_protects_it_come_in_one_transaction(house, nurse, doctor, as_client, seen):
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": f"Patient/{house.other}"},
        "content": [{"attachment": {"url": "urn:uuid:0f0e3a3c-2b7c-4d6a-9b1e-000000000002"}}],
    }
    resources = (document, binary("urn:uuid:0f0e3a3c-2b7c-4d6a-9b1e-000000000001"))
    entries = [
        {
            "fullUrl": f"urn:uuid:0f0e3a3c-2b7c-4d6a-9b1e-00000000000{number}",
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for number, resource in enumerate(resources, start=1)
    ]
    bundle = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})

    answer = as_client(nurse).post("/fhir/R4", bundle, content_type="application/fhir+json")

    assert answer.status_code == 200
    stored = Resource.objects.get(type="Binary").logical_id
    assert (seen(nurse, f"Binary/{stored}"), seen(doctor, f"Binary/{stored}")) == (READ, NOT_THERE)


def test_it_goes_along_when_its_patient_is_merged(house, doctor, nurse, seen):
    stored = store_binary(f"Patient/{house.other}")
    take_patient(house.cardiology, house.other, by=BY)

    merge_patients(house.other, into=house.heart, by=BY)

    assert (seen(doctor, f"Binary/{stored}"), seen(doctor, f"Binary/{stored}/_history/1")) == (READ, READ)


def test_what_a_file_protects_is_not_deleted_under_it(house, steward, doctor, as_client):
    document = letter(house.heart, title="Letter")
    store_binary(f"DocumentReference/{document}")

    assert as_client(doctor).delete(f"/fhir/R4/DocumentReference/{document}").status_code == 409


def test_after_an_upgrade_files_are_closed_until_the_index_is_made_anew(house, doctor, seen):
    stored = store_binary(f"Patient/{house.heart}")
    ReferenceIndex.objects.all().delete()
    Resource.objects.update(index_version=3)
    assert seen(doctor, f"Binary/{stored}") == NOT_THERE

    reindex(BY)

    assert seen(doctor, f"Binary/{stored}") == READ


@pytest.mark.parametrize(
    "search", ["Binary?_has:Provenance:target:_id={by}", "Binary?_has:Provenance:target:agent:Patient.family=Szabó"]
)
def test_a_chain_to_a_file_stops_at_the_door(search, house, doctor, nurse, seen):
    stored = store_binary(f"Patient/{house.heart}")
    by = store(
        "Provenance",
        target=[{"reference": f"Binary/{stored}"}],
        recorded="2026-03-02T08:00:00Z",
        agent=[{"who": {"reference": f"Patient/{house.heart}"}}],
    )

    assert seen(doctor, search.format(by=by)) == READ
    assert seen(nurse, search.format(by=by)) == (200, False)
