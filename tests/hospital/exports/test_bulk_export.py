"""$export (Bulk Data Access 2.0): what it brings, how far it is, to whom, and until when."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from wardround.hospital.exports import actions
from wardround.hospital.exports.actions import expire_exports, run_next_export, start_anew
from wardround.hospital.exports.models import ExportJob
from wardround.hospital.records.actions.resources import create_resource
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent


def kept_files():
    return sorted((Path(settings.HOME.path) / "exports").rglob("*.sealed"))


def manifest_at(bulk, location):
    return json.loads(bulk.get(location).content)


def test_it_is_asked_for_then_written_then_fetched(bulk, charts):
    asked = bulk.ask()
    waiting = bulk.get(asked.headers["Content-Location"])

    assert asked.status_code == 202
    assert (waiting.status_code, waiting.headers["X-Progress"], waiting.headers["Retry-After"]) == (202, "waiting", "2")
    assert run_next_export()
    done = bulk.get(asked.headers["Content-Location"])
    manifest = json.loads(done.content)
    assert done.status_code == 200
    assert done.headers["Expires"]
    assert manifest["requiresAccessToken"] is True
    assert manifest["request"].endswith("/fhir/R4/$export")
    assert [(entry["type"], entry["count"]) for entry in manifest["output"]] == [
        ("Observation", 2),
        ("Organization", 1),
        ("Patient", 2),
    ]
    assert bulk.get(manifest["output"][0]["url"]).headers["Content-Type"] == "application/fhir+ndjson"


def test_a_line_is_the_stored_text(bulk, charts):
    manifest, _found = bulk.whole("$export?_type=Patient")
    lines = bulk.get(manifest["output"][0]["url"]).content.splitlines()

    assert [bulk.ask(f"Patient/{patient_id}").content for patient_id in charts] == lines


def test_the_level_of_patients_brings_charts_and_nothing_else(bulk, charts):
    _manifest, found = bulk.whole("Patient/$export")

    assert set(found) == {"Patient", "Observation"}


def test_patients_can_be_named(bulk, charts):
    named = {"name": "patient", "valueReference": {"reference": f"Patient/{charts[1]}"}}

    _manifest, found = bulk.whole("Patient/$export", body={"resourceType": "Parameters", "parameter": [named]})

    assert [patient["id"] for patient in found["Patient"]] == [charts[1]]
    assert len(found["Observation"]) == 1


def test_a_group_brings_the_charts_of_those_who_are_in_it_now(bulk, charts):
    members = [{"entity": {"reference": f"Patient/{p}"}, "inactive": p == charts[0]} for p in charts]
    group = create_resource(
        {"resourceType": "Group", "type": "person", "actual": True, "member": members}, by=system_actor("tests")
    )

    _manifest, found = bulk.whole(f"Group/{group.logical_id}/$export")

    assert [patient["id"] for patient in found["Patient"]] == [charts[1]]
    assert bulk.ask("Group/nobody/$export").status_code == 404


def group_of(*members):
    group = {"resourceType": "Group", "type": "person", "actual": True, "member": list(members)}
    return create_resource(group, by=system_actor("tests")).logical_id


def test_whose_membership_is_over_or_still_to_come_is_not_in_the_group(bulk, charts):
    gone = {"entity": {"reference": f"Patient/{charts[0]}"}, "period": {"end": "2020-01-31"}}
    coming = {"entity": {"reference": f"Patient/{charts[0]}"}, "period": {"start": "2999"}}
    here = {"entity": {"reference": f"Patient/{charts[1]}"}, "period": {"start": "2020-01-31", "end": "2999"}}

    _manifest, found = bulk.whole(f"Group/{group_of(gone, coming, here)}/$export")

    assert [patient["id"] for patient in found["Patient"]] == [charts[1]]


def test_a_group_of_groups_is_refused_and_not_half_exported(bulk, charts):
    inner = group_of({"entity": {"reference": f"Patient/{charts[0]}"}})
    outer = group_of({"entity": {"reference": f"Group/{inner}"}})

    assert bulk.ask(f"Group/{outer}/$export").status_code == 400
    assert not ExportJob.objects.exists()


def test_only_what_changed_since_and_what_was_deleted(bulk, bulk_with, charts):
    first, _found = bulk.whole()
    deleter = bulk_with("system/*.cruds", "deleter")
    (entry,) = json.loads(deleter.ask("Organization").content)["entry"]
    assert deleter.delete(entry["fullUrl"]).status_code == 204

    manifest, found = bulk.whole(f"$export?_since={first['transactionTime']}")

    assert found == {}
    (deleted,) = manifest["deleted"]
    request = json.loads(bulk.get(deleted["url"]).content)["entry"][0]["request"]
    assert deleted["type"] == "Bundle"
    assert request == {"method": "DELETE", "url": f"Organization/{entry['resource']['id']}"}


def test_what_is_stored_while_it_waits_is_not_in_it(bulk, charts, make_patient):
    asked = bulk.ask("$export?_type=Patient")
    make_patient(family="Late")
    run_next_export()

    assert [entry["count"] for entry in manifest_at(bulk, asked.headers["Content-Location"])["output"]] == [2]


def test_many_resources_make_several_files(bulk, charts, monkeypatch):
    monkeypatch.setattr(actions, "PER_FILE", 1)

    manifest, found = bulk.whole("$export?_type=Patient")

    assert len(manifest["output"]) == len(found["Patient"]) == 2


def test_the_files_on_the_disk_show_nothing_and_are_the_owners(bulk, charts):
    bulk.whole()

    assert kept_files()
    for path in kept_files():
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"resourceType" not in path.read_bytes()


def test_a_cancelled_export_is_gone(bulk, charts, django_capture_on_commit_callbacks):
    before = kept_files()
    location = bulk.ask().headers["Content-Location"]
    run_next_export()

    with django_capture_on_commit_callbacks(execute=True):
        assert bulk.delete(location).status_code == 202

    assert bulk.get(location).status_code == 404
    assert kept_files() == before


def test_an_export_that_is_cancelled_while_it_runs_stops(bulk, charts, monkeypatch):
    before = kept_files()
    location = bulk.ask().headers["Content-Location"]
    put = actions._Shelf.put

    def cancelled_in_the_middle(shelf, text):
        put(shelf, text)
        ExportJob.objects.update(state=ExportJob.State.CANCELLED)

    monkeypatch.setattr(actions._Shelf, "put", cancelled_in_the_middle)
    assert run_next_export()

    assert bulk.get(location).status_code == 404
    assert kept_files() == before


def test_files_are_kept_for_a_day(bulk, charts):
    before = kept_files()
    location = bulk.ask().headers["Content-Location"]
    run_next_export()
    ExportJob.objects.update(expires=timezone.now() - timedelta(seconds=1))

    expire_exports()

    assert bulk.get(location).status_code == 404
    assert kept_files() == before


def test_a_worker_that_died_in_the_middle_begins_the_job_again(bulk, charts):
    asked = bulk.ask()
    ExportJob.objects.update(state=ExportJob.State.RUNNING)

    start_anew()
    assert run_next_export()

    manifest = manifest_at(bulk, asked.headers["Content-Location"])
    assert sum(entry["count"] for entry in manifest["output"]) == 5


def test_a_worker_that_died_between_two_files_leaves_none_twice(bulk, charts, monkeypatch):
    class Died(BaseException):
        pass

    def dies(_shelf, _seen):
        raise Died

    location = bulk.ask("$export?_type=Observation,Patient").headers["Content-Location"]
    with monkeypatch.context() as patched:
        patched.setattr(actions, "PER_FILE", 1)
        patched.setattr(actions._Shelf, "report", dies)
        with pytest.raises(Died):
            run_next_export()

    start_anew()
    assert run_next_export()

    counts = [(entry["type"], entry["count"]) for entry in manifest_at(bulk, location)["output"]]
    assert counts == [("Observation", 2), ("Patient", 2)]


def test_another_token_of_the_client_fetches_only_what_its_own_scopes_open(bulk, bulk_with, charts):
    manifest, _found = bulk.whole("$export?_type=Patient")
    narrow = bulk_with("system/Observation.rs", "warehouse")

    assert narrow.get(manifest["output"][0]["url"]).status_code == 403


def test_a_job_that_fails_says_so_without_the_reason(bulk, charts, monkeypatch):
    location = bulk.ask().headers["Content-Location"]
    monkeypatch.setattr(actions, "sweep", lambda _wanted: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        run_next_export()

    answer = bulk.get(location)
    assert answer.status_code == 500
    assert "division" not in answer.content.decode()


def test_another_client_sees_no_export(bulk, bulk_with, charts):
    asked = bulk.ask()
    run_next_export()
    manifest = manifest_at(bulk, asked.headers["Content-Location"])
    other = bulk_with("system/*.rs")

    assert other.get(asked.headers["Content-Location"]).status_code == 404
    assert other.get(manifest["output"][0]["url"]).status_code == 404
    assert other.delete(asked.headers["Content-Location"]).status_code == 404


def test_a_client_gets_only_the_types_that_its_scopes_open(bulk_with, charts):
    own = bulk_with("system/Observation.rs")

    _manifest, found = own.whole()

    assert set(found) == {"Observation"}
    assert own.ask("$export?_type=Patient").status_code == 403


def test_a_nurse_and_a_doctor_export_nothing_and_a_steward_may(client, nurse, doctor, steward, charts):
    statuses = {}
    for person in (nurse, doctor, steward):
        client.force_login(person)
        answer = client.get("/fhir/R4/$export", headers={"Prefer": "respond-async"})
        statuses[person.role] = answer.status_code

    assert statuses == {"nurse": 403, "doctor": 403, "steward": 202}


def test_one_client_has_three_exports_under_way_at_most(bulk, charts):
    for _ in range(3):
        assert bulk.ask().status_code == 202

    refused = bulk.ask()

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"


@pytest.mark.parametrize(
    ("address", "how"),
    [
        ("$export", {"prefer": "return=minimal"}),
        ("$export?_outputFormat=text/csv", {}),
        ("$export?_type=Nothing", {}),
        ("$export?_since=yesterday", {}),
        ("$export?_typeFilter=Patient%3Fname%3Da", {}),
        ("$export?patient=Patient/1", {}),
    ],
)
def test_what_is_not_done_is_refused_with_a_sentence(bulk, charts, address, how):
    answer = bulk.ask(address, **how)

    assert answer.status_code == 400
    assert json.loads(answer.content)["issue"][0]["diagnostics"].strip()
    assert not ExportJob.objects.exists()


def test_asking_writing_and_fetching_are_in_the_audit_trail(bulk, charts):
    bulk.whole()

    events = list(AuditEvent.objects.filter(action__startswith="export.").order_by("pk"))
    assert [event.action for event in events] == ["export.ask", "export.done", *["export.fetch"] * 3]
    assert {event.actor_name for event in events} == {"warehouse"}
    assert events[1].detail == {"Observation": 2, "Organization": 1, "Patient": 2}
