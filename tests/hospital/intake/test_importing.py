"""Any file becomes records; the report says what became of everything."""

import json

import pytest
from visits_of_a_clinic import MAPPING, ROWS

from wardround.hospital.intake.errors import NoSuchFile, UnknownFormat
from wardround.hospital.intake.formats import detected
from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.models import Batch
from wardround.hospital.records.actions.decisions import accept_suggestion
from wardround.hospital.records.models import Provenance, Resource, ResourceVersion, StandardValue
from wardround.interchange.errors import BadMapping
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("import")
pytestmark = pytest.mark.django_db


def take(*paths, mapping=MAPPING, **options):
    return import_files(paths, by=ME, mapping_text=mapping, **options)


def test_a_table_becomes_records_and_the_report_counts_them(table):
    report = take(table)

    assert (report.format, report.messages, report.by_type["Patient"]) == ("csv", 3, 3)
    assert report.resources == report.created == Resource.objects.count()
    assert report.held == 1  # the systolic pressure of 1400
    assert report.not_standardised == {"zero_is_missing": 1, "unknown_answer": 1}
    assert not report.quarantined


def test_every_stored_resource_says_out_of_which_batch_and_line_and_is_audited(table):
    report = take(table)

    places = set(Provenance.objects.filter(batch=report.batch).values_list("position", flat=True))
    assert places == {"line 2", "line 3", "line 4"}
    assert AuditEvent.objects.filter(action="record.import").count() == report.created
    assert AuditEvent.objects.filter(action="batch.finish", what=f"Batch/{report.batch}").exists()


def test_a_file_of_another_kind_in_the_folder_is_named_in_the_report(table):
    (table.parent / "old").mkdir()
    (table.parent / "old" / "export.docx").write_bytes(b"PK")

    report = take(table.parent)

    assert report.not_read == ["old/export.docx"]
    assert "1 files of another kind (old/export.docx)" in report.as_text()
    assert report.as_json()["not_read"] == ["old/export.docx"]


def test_the_same_file_again_changes_nothing_and_the_report_says_so(table):
    take(table)
    versions = ResourceVersion.objects.count()

    again = take(table)

    assert (again.created, again.updated, again.messages_known) == (0, 0, 3)
    assert again.changed_nothing
    assert "Nothing was changed" in again.as_text()
    assert ResourceVersion.objects.count() == versions


def test_the_same_records_in_another_file_change_nothing(table, write_table):
    take(table)

    again = take(write_table(*reversed(ROWS), name="copy.csv"))

    assert again.changed_nothing


def test_the_same_file_does_not_undo_a_decision(table, steward):
    take(table)
    accept_suggestion(StandardValue.objects.get(is_held=True).pk, by=steward)

    take(table)

    assert StandardValue.objects.get(measurement="systolic_pressure", is_current=True, value_number=140)
    assert not StandardValue.objects.filter(is_held=True, is_current=True).exists()


def test_a_corrected_row_becomes_the_next_version(table, write_table):
    take(table)

    again = take(write_table(ROWS[1].replace("1400", "140"), name="corrected.csv"))

    assert again.updated == 1
    assert not StandardValue.objects.filter(is_held=True, is_current=True).exists()


def test_another_mapping_says_anew_what_the_same_rows_mean(table):
    take(table)

    again = take(table, mapping=MAPPING.replace('"4" = "asymptomatic"', '"4" = "asymptomatic"\n"9" = "typical_angina"'))

    assert again.updated > 0
    assert StandardValue.objects.filter(value_text="typical_angina", is_current=True).count() == 1


def test_fhir_resources_may_come_before_the_patient_they_belong_to(tmp_path):
    observation = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "subject": {"reference": "Patient/p1"},
    }
    (tmp_path / "all.ndjson").write_text(
        "\n".join(json.dumps(r) for r in (observation, {"resourceType": "Patient", "id": "p1"}))
    )

    report = take(tmp_path, mapping="")

    assert (report.format, report.created, report.messages) == ("fhir", 2, 2)
    assert not report.quarantined


def test_an_observation_whose_patient_never_comes_is_quarantined(tmp_path):
    observation = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": "Patient/p1"},
    }
    (tmp_path / "all.ndjson").write_text(json.dumps(observation))

    report = take(tmp_path, mapping="")

    [reason] = report.quarantined
    assert "The patient it refers to is not here" in reason
    assert "p1" not in reason


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.hl7", b"MSH|^~\\&|", "hl7v2"),
        ("messages.dat", b"\x0bMSH|^~\\&|", "hl7v2"),
        ("a.ndjson", b"{}", "fhir"),
        ("bundle", b'  {"resourceType"', "fhir"),
        ("a.csv", b"x", "csv"),
        ("person.csv", b"x", "omop"),
    ],
)
def test_the_format_is_found_in_the_files(tmp_path, name, content, form):
    from wardround.hospital.intake.formats import detected

    (tmp_path / name).write_bytes(content)

    assert detected([tmp_path]) == form


def test_files_of_no_known_format_are_refused_with_those_that_are(tmp_path):
    (tmp_path / "a.docx").write_bytes(b"PK")

    with pytest.raises(UnknownFormat, match="--format"):
        take(tmp_path, mapping="")
    assert not Batch.objects.exists()


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NoSuchFile, match=r"missing\.csv is not there"):
        take(tmp_path / "missing.csv")


def test_a_mapping_that_cannot_be_meant_is_refused_before_anything_is_written(table):
    with pytest.raises(BadMapping):
        take(table, mapping=MAPPING.replace('NO = "mrn"', 'NO = "mrm"'))
    assert not Batch.objects.exists()


def test_the_names_of_files_are_not_kept_in_clear(write_table):
    take(write_table(ROWS[0], name="ammann_rosa.csv"))

    assert b"ammann" not in bytes(Batch.objects.get().files)


def test_progress_is_told_after_each_chunk(table):
    told = []

    take(table, on_progress=lambda report: told.append(report.messages))

    assert told == [3]


@pytest.mark.parametrize(
    ("files", "form"),
    [
        (["visits.xlsx"], "csv"),
        (["visits.ods"], "csv"),
        (["visits.csv.gz"], "csv"),
        (["labs.parquet"], "csv"),
        (["person.parquet", "measurement.parquet"], "omop"),
        (["PERSON.csv.gz"], "omop"),
        (["person.xlsx"], "csv"),
        (["data/0.parquet", "metadata/dataset.json"], "meds"),
    ],
)
def test_a_folders_format_is_known_by_its_files(tmp_path, files, form):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    assert detected([tmp_path]) == form
