"""Every OMOP table that tells of patients goes the whole way: stored, reported, known the second time, undone."""

import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.replaying import undo_batch
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import system_actor

ME = system_actor("import")
pytestmark = pytest.mark.django_db
TABLES = {
    "person": "person_id,gender_concept_id,year_of_birth\n1,8532,1950\n",
    "death": "person_id,death_date\n1,2026-05-01\n",
    "visit_occurrence": "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date\n"
    "10,1,0,2026-02-03,2026-02-05\n",
    "visit_detail": "visit_detail_id,person_id,visit_detail_concept_id,visit_detail_start_date,visit_occurrence_id\n"
    "11,1,0,2026-02-03,10\n",
    "drug_exposure": "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_source_value,"
    "visit_occurrence_id,days_supply\n20,1,0,2026-02-03,ASPIRIN,10,7\n",
    "device_exposure": "device_exposure_id,person_id,device_concept_id,device_exposure_start_date,device_source_value\n"
    "30,1,0,2026-02-03,STENT\n",
    "specimen": "specimen_id,person_id,specimen_concept_id,specimen_date,specimen_source_value\n40,1,0,2026-02-03,BLOOD\n",
    "note": "note_id,person_id,note_date,note_text\n50,1,2026-02-05,All is well.\n",
    "measurement": "measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number,unit_source_value,"
    "visit_occurrence_id\n60,1,3027114,2026-02-03,210,mg/dL,10\n",
    "cost": "cost_id\n1\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_all_tables_are_stored_and_what_is_not_read_is_reported(folder):
    report = import_files([folder], by=ME)

    assert (report.format, report.quarantined_messages) == ("omop", 0)
    assert dict(report.by_type) == {
        "Patient": 1,
        "Encounter": 2,
        "MedicationStatement": 1,
        "DeviceUseStatement": 1,
        "Specimen": 1,
        "DocumentReference": 1,
        "Observation": 1,
    }
    assert report.as_json()["unmapped"] == {"drug_exposure.days_supply": 1, "table cost": 1}
    assert report.standardised == 1


def test_the_same_tables_change_nothing_and_a_batch_is_undone_whole(folder):
    first = import_files([folder], by=ME)

    assert import_files([folder], by=ME).changed_nothing
    undo_batch(first.batch, by=ME)
    assert not Resource.objects.filter(is_deleted=False).exists()
