"""FHIR as other systems hand it over, through the command's door: compressed bundles, bulk-export folders, archives."""

import gzip
import zipfile
from pathlib import Path

import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import system_actor

ME = system_actor("import")
pytestmark = pytest.mark.django_db
BUNDLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/data/synthea_fhir_r4/bundles").is_dir()), None
)
PATIENT = b'{"resourceType":"Patient","id":"p1"}\n'
CONDITION = b'{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"}}\n'
MANIFEST = (
    b'{"transactionTime":"2026-02-03T08:00:00Z","request":"https://x/$export","requiresAccessToken":true,'
    b'"output":[{"type":"Condition","url":"https://x/1"},{"type":"Patient","url":"https://x/2"}],"error":[]}'
)


@pytest.mark.skipif(BUNDLES is None, reason="The folder shared/data/synthea_fhir_r4 is not beside the checkout.")
def test_synthea_bundles_are_imported_as_they_are_compressed_and_again_change_nothing(tmp_path):
    smallest = sorted(BUNDLES.glob("*.json.gz"), key=lambda path: path.stat().st_size)[:3]
    for path in smallest:
        (tmp_path / path.name).write_bytes(path.read_bytes())

    first = import_files([tmp_path], by=ME)
    again = import_files([tmp_path], by=ME)

    assert (first.format, first.messages) == ("fhir", 3)
    assert first.created > 150
    assert not first.quarantined
    assert again.changed_nothing
    assert again.messages_known == 3


def test_the_folder_of_a_bulk_export_is_imported_whole_and_again_changes_nothing(tmp_path):
    (tmp_path / "1.Condition.ndjson.gz").write_bytes(gzip.compress(CONDITION))
    (tmp_path / "2.Patient.ndjson").write_bytes(PATIENT)
    (tmp_path / "output.json").write_bytes(MANIFEST)

    first = import_files([tmp_path], by=ME)
    again = import_files([tmp_path], by=ME)

    assert first.by_type == {"Patient": 1, "Condition": 1}
    assert not first.quarantined
    assert not first.not_read
    assert again.changed_nothing
    assert Resource.objects.count() == 2


def test_an_archive_is_recognised_and_imported_and_again_changes_nothing(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/Condition.ndjson", CONDITION)
        archive.writestr("x/Patient.ndjson", PATIENT)

    first = import_files([path], by=ME)
    again = import_files([path], by=ME)

    assert (first.format, first.created) == ("fhir", 2)
    assert not first.quarantined
    assert again.changed_nothing


def test_r5_is_stored_as_r4_and_what_has_no_place_there_waits_in_quarantine(tmp_path):
    visit = b'{"resourceType":"Encounter","id":"e%d","status":"completed","class":[{"coding":[{"code":"AMB"}]}],"subject":{"reference":"Patient/p1"}%s}\n'  # fmt: skip
    (tmp_path / "Patient.ndjson").write_bytes(PATIENT)
    (tmp_path / "Encounter.ndjson").write_bytes(visit % (1, b"") + visit % (2, b',"virtualService":[{}]'))

    report = import_files([tmp_path], by=ME)

    assert report.by_type == {"Patient": 1, "Encounter": 1}
    (reason,) = report.quarantined
    assert "This is FHIR R5, and Encounter.virtualService cannot be brought to R4 without loss" in reason
    assert import_files([tmp_path], by=ME).created == 0
