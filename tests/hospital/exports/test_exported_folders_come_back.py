"""What `export` writes, `import` reads: FHIR with the same bodies, MEDS with the same standard facts."""

import json
from collections import Counter

import pytest
from meds.schema import DataSchema
from pyarrow import parquet

from wardround.hospital.exports.folders import export_fhir
from wardround.hospital.exports.meds import export_meds
from wardround.hospital.exports.queries import types_here
from wardround.hospital.intake.formats import detected
from wardround.hospital.intake.importing import import_files, mapping_from
from wardround.hospital.records.access import NotAllowed
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.models import StandardValue
from wardround.interchange import meds_in, ndjson
from wardround.interchange.draft import Reject
from wardround.interchange.fhir.json import loads
from wardround.interchange.meds import read_meds
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("command export")
MAPPING = """
[source]
slug = "klinik"
format = "csv"
zone = "UTC"
[columns]
NO = "mrn"
VISIT = "visit_start"
SBP = { measurement = "systolic_pressure", unit = "mmHg" }
PAIN = { measurement = "chest_pain_type" }
[answers.chest_pain_type]
"4" = "asymptomatic"
"""
pytestmark = pytest.mark.django_db


@pytest.fixture
def chart(make_patient, make_observation):
    patient = make_patient(deceasedDateTime="2026-05-01")
    make_observation(patient, loinc="8480-6", value=140, unit="mm[Hg]")
    make_observation(patient, loinc="2093-3", value=5.4, unit="mmol/L")
    make_observation(patient, loinc="8480-6", value=1400, unit="mm[Hg]", time="2026-03-05T08:00:00Z")
    return patient


@pytest.fixture
def table_of_visits(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("NO,VISIT,SBP,PAIN\nK-1,2026-03-02 08:00,130,4\nK-2,2026-03-03 08:00,150,4\n")
    return path


@pytest.fixture
def fhir_folder(chart, tmp_path):
    from django.utils import timezone

    folder = tmp_path / "fhir"
    folder.mkdir()
    export_fhir(ME, folder, types=types_here(), since=None, now=timezone.now())
    return folder


@pytest.fixture
def meds_folder(chart, settings, tmp_path):
    (tmp_path / "meds").mkdir()
    export_meds(ME, tmp_path / "meds", home=settings.HOME)
    return tmp_path / "meds"


def test_a_fhir_folder_has_a_manifest_that_counts_its_files(fhir_folder):
    manifest = json.loads((fhir_folder / "manifest.json").read_text())

    assert [(file["type"], file["url"], file["count"]) for file in manifest["output"]] == [
        ("Observation", "Observation.ndjson", 3),
        ("Patient", "Patient.ndjson", 1),
    ]
    assert {path.stat().st_mode & 0o777 for path in fhir_folder.iterdir()} == {0o600}


def test_a_fhir_folder_read_again_gives_the_same_bodies(fhir_folder):
    readings = list(ndjson.read(fhir_folder, mapping=mapping_from("", form="fhir")))

    lines = [line for path in fhir_folder.glob("*.ndjson") for line in path.read_bytes().splitlines()]
    read = [resource for reading in readings for resource in reading.resources]
    assert not [reading for reading in readings if isinstance(reading, Reject)]
    assert sorted(map(str, read)) == sorted(str(loads(line)) for line in lines)
    assert import_files([fhir_folder], by=ME).changed_nothing


def test_a_file_that_the_manifest_counts_and_that_is_gone_is_missed(fhir_folder):
    (fhir_folder / "Observation.ndjson").unlink()

    report = import_files([fhir_folder], by=ME)

    assert any("Observation" in reason for reason in report.quarantined)


def test_a_meds_dataset_has_keyed_subjects_deaths_and_no_held_value(meds_folder, chart, settings):
    events = list(read_meds(meds_folder))

    DataSchema.validate(parquet.read_table(meds_folder / "data" / "0.parquet"))
    assert Counter(event.code for event in events) == {
        "GENDER//female": 1,
        "MEDS_BIRTH": 1,
        "LOINC//8480-6": 1,
        "LOINC//2093-3": 1,
        "MEDS_DEATH": 1,
    }
    assert chart not in (meds_folder / "data" / "0.parquet").read_bytes().decode("latin-1")


def test_a_meds_dataset_read_again_gives_the_same_facts(meds_folder):
    assert detected([meds_folder]) == "meds"

    (draft,) = meds_in.read(meds_folder, mapping=mapping_from("", form="meds"))

    values = {r["code"]["coding"][0]["code"]: r["valueQuantity"] for r in draft.resources if "valueQuantity" in r}
    assert values["8480-6"] == {"value": 140, "unit": "mm[Hg]"}
    assert float(values["2093-3"]["value"]) == pytest.approx(208.8, abs=0.5)  # 5.4 mmol/L
    assert values["2093-3"]["unit"] == "mg/dL"
    report = import_files([meds_folder], by=ME)
    assert (report.format, report.quarantined_messages, report.not_read) == ("meds", 0, [])
    assert report.standardised >= 2


def test_who_may_not_export_gets_no_dataset(chart, nurse, settings, tmp_path):
    with pytest.raises(NotAllowed):
        export_meds(nurse, tmp_path, home=settings.HOME)

    assert not AuditEvent.objects.filter(action="export.done").exists()


def test_a_patient_who_comes_first_in_no_file_is_no_loss(fhir_folder):
    create_resource({"resourceType": "Organization", "name": "x"}, by=ME)

    assert import_files([fhir_folder], by=ME).changed_nothing


def test_an_export_read_again_without_its_sources_mapping_takes_no_meaning_away(tmp_path, table_of_visits):
    from django.utils import timezone

    import_files([table_of_visits], by=ME, mapping_text=MAPPING)
    known = set(StandardValue.objects.filter(is_current=True).values_list("measurement", "value_number", "value_text"))
    folder = tmp_path / "fhir"
    folder.mkdir()
    export_fhir(ME, folder, types=types_here(), since=None, now=timezone.now())

    report = import_files([folder], by=ME)

    assert (report.created, report.updated) == (0, 0)
    now = set(StandardValue.objects.filter(is_current=True).values_list("measurement", "value_number", "value_text"))
    assert now == known
