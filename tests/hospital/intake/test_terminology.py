"""A hospital loads its own map between code systems: what had no meaning gets one, and loses it with the map."""

import pytest

from wardround.hospital.intake.replaying import undo_batch
from wardround.hospital.intake.terminology import load_map
from wardround.hospital.records.access import NotAllowed
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.models import ResourceVersion, StandardValue
from wardround.hospital.records.queries import iter_patients_facts
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
BY = system_actor("tests")
SNOMED, ICD, LOINC = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm", "http://loinc.org"
LAB = "urn:wardround:lab"


@pytest.fixture
def table(tmp_path):
    (tmp_path / "map.csv").write_text("53741008,I25.10\n")
    return tmp_path / "map.csv"


@pytest.fixture
def condition(make_patient):
    def make(system=SNOMED, code="53741008"):
        return create_resource(
            {
                "resourceType": "Condition",
                "code": {"coding": [{"system": system, "code": code}]},
                "subject": {"reference": f"Patient/{make_patient()}"},
                "onsetDateTime": "2026-03-02",
            },
            by=BY,
        )

    return make


def load(path, *, source=SNOMED, target=ICD, name="map", by=BY):
    return load_map(path, source=source, target=target, name=name, by=by)


def present():
    return StandardValue.objects.get(is_current=True, fact__in=["condition", "measurement"])


def test_a_condition_that_meant_nothing_means_something_once_the_map_is_there(condition, table):
    condition()
    assert present().not_standard_kind == "unknown_code"
    versions = ResourceVersion.objects.count()

    _report, again = load(table)

    assert (present().code, present().not_standard, again.values) == ("I25.10", "", 1)
    assert ResourceVersion.objects.exclude(resource__type="ConceptMap").count() == versions  # bodies stay as they are
    assert [v.code for facts in iter_patients_facts(BY) for v in facts.values if v.fact == "condition"] == ["I25.10"]
    assert AuditEvent.objects.filter(action="record.restandardise").exists()


def test_what_comes_after_the_map_is_translated_at_once(condition, table):
    load(table)

    condition()

    assert present().code == "I25.10"


def test_a_laboratorys_codes_become_measurements(make_patient, tmp_path):
    (tmp_path / "lab.csv").write_text("CHOL1,2093-3\n")
    load(tmp_path / "lab.csv", source=LAB, target=LOINC, name="laboratory")

    create_resource(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": LAB, "code": "CHOL1"}]},
            "subject": {"reference": f"Patient/{make_patient()}"},
            "effectiveDateTime": "2026-03-02T08:00:00Z",
            "valueQuantity": {"value": 2000, "unit": "mg/dL"},
        },
        by=BY,
    )

    assert (present().measurement, present().finding) == ("total_cholesterol", "decimal_slip")


def test_a_part_that_stays_without_a_meaning_is_not_counted_nor_written_again(make_patient, table):
    create_resource(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": LOINC, "code": "55284-4"}]},
            "subject": {"reference": f"Patient/{make_patient()}"},
            "effectiveDateTime": "2026-03-02T08:00:00Z",
            "component": [
                {
                    "code": {"coding": [{"system": system, "code": code}]},
                    "valueQuantity": {"value": 120, "unit": "mmHg"},
                }
                for system, code in ((LOINC, "8480-6"), (LAB, "unheard-of"))
            ],
        },
        by=BY,
    )
    before = set(StandardValue.objects.filter(is_current=True).values_list("pk", flat=True))

    _report, again = load(table)

    assert again.values == 0
    assert set(StandardValue.objects.filter(is_current=True).values_list("pk", flat=True)) == before


def test_a_map_is_a_batch_and_is_taken_back_whole(condition, table):
    report, _again = load(table)
    undo_batch(report.batch, by=BY)

    condition()

    assert present().not_standard_kind == "unknown_code"


def test_the_same_map_again_changes_nothing(table):
    load(table)

    report, again = load(table)

    assert report.changed_nothing
    assert again.values == 0


def test_only_who_looks_after_data_loads_a_map(table, nurse):
    with pytest.raises(NotAllowed):
        load(table, by=nurse)


def test_an_icd_9_cm_diagnosis_is_standard_without_any_map(condition):
    condition(system="http://hl7.org/fhir/sid/icd-9-cm", code="414.01")

    assert (present().code_system, present().code) == (ICD, "I25.10")
