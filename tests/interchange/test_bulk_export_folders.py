"""The folder of a bulk export: read in the order of dependence, and what is missing from it is said."""

import gzip

import pytest

from wardround.interchange.draft import Draft
from wardround.interchange.fhir.json import dumps
from wardround.interchange.ndjson import read


def lines(*resources):
    return b"".join(dumps(resource) + b"\n" for resource in resources)


def patient(number):
    return {"resourceType": "Patient", "id": f"p{number}"}


def output(type_name, name, **others):
    return {"type": type_name, "url": f"https://example.org/files/{name}?token=1", **others}


@pytest.fixture
def export(tmp_path, make_mapping):
    """Write a folder with these files and read it: (drafts, rejects)."""

    def written(files, **manifest):
        if manifest:
            files = files | {"output.json": dumps({"transactionTime": "2026-02-03T08:00:00Z", "error": []} | manifest)}
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        readings = list(read(tmp_path, mapping=make_mapping("fhir")))
        drafts = [reading for reading in readings if isinstance(reading, Draft)]
        return drafts, [reading for reading in readings if not isinstance(reading, Draft)]

    return written


def test_files_are_read_by_their_type_however_it_is_said(export):
    drafts, rejects = export(
        {
            "a-17.ndjson": lines({"resourceType": "Encounter", "id": "e"}),
            "1.Condition.ndjson": lines({"resourceType": "Condition", "id": "c"}),
            "b-03.ndjson.gz": gzip.compress(lines(patient(1))),
            "zz_organization_0001.ndjson": lines({"resourceType": "Organization", "id": "o"}),
        }
    )

    assert not rejects
    types = [draft.resources[0]["resourceType"] for draft in drafts]
    assert types == ["Organization", "Patient", "Encounter", "Condition"]


def test_a_manifest_orders_the_files_and_is_not_stored(export):
    files = {"x.ndjson": lines(patient(1), patient(2)), "a.ndjson": lines({"resourceType": "Group", "id": "g"})}
    drafts, rejects = export(files, output=[output("Group", "a.ndjson"), output("Patient", "x.ndjson", count=2)])

    assert not rejects
    assert [r["resourceType"] for draft in drafts for r in draft.resources] == ["Patient", "Patient", "Group"]


def test_a_file_that_the_manifest_names_and_the_folder_does_not_hold_is_missed(export):
    files = {"Patient.ndjson": lines(patient(1))}
    _drafts, (reject,) = export(
        files, output=[output("Patient", "Patient.ndjson"), output("Observation", "Observation.ndjson")]
    )

    assert "names 1 files of Observation, the folder holds 0" in reject.reason
    assert reject.source.file == "output.json"


def test_a_file_with_fewer_resources_than_the_manifest_counts_is_noticed(export):
    _drafts, (reject,) = export(
        {"Patient.ndjson": lines(patient(1))}, output=[output("Patient", "Patient.ndjson", count=3)]
    )

    assert "counts 3 resources of type Patient, the files hold 1" in reject.reason


def test_files_under_other_names_than_the_manifest_gives_are_not_missed(export):
    files = {"1.Patient.ndjson": lines(patient(1)), "2.Patient.ndjson": lines(patient(2))}
    _drafts, rejects = export(files, output=[output("Patient", "8f3c"), output("Patient", "77aa")])

    assert not rejects


def test_errors_deletions_and_the_log_of_an_export_are_listed_and_not_stored(export):
    deleted = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": "Patient/p7"}}],
    }
    files = {
        "Patient.ndjson": lines(patient(1)),
        "error/OperationOutcome.ndjson": lines({"resourceType": "OperationOutcome", "issue": []}),
        "deleted/Patient.ndjson": lines(deleted),
        "log.ndjson": lines({"exportId": "x", "eventId": "kickoff", "timestamp": "2026-02-03T08:00:00Z"}),
    }
    drafts, (reject,) = export(
        files, output=[output("Patient", "Patient.ndjson", count=1)], error=[output("OperationOutcome", "error")]
    )

    assert [draft.resources for draft in drafts if draft.resources] == [(patient(1),)]
    unmapped = {place for draft in drafts for place in draft.unmapped}
    assert unmapped == {"error files of the export", "OperationOutcome", "the log of an export"}
    assert reject.reason.startswith("The source has deleted Patient.")
    assert b"Patient/p7" in reject.source.raw
