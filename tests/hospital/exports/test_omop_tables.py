"""The records as OMOP CDM 5.4: every field as the specification wants it, and read again they say the same."""

import csv
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from wardround.clinical.catalogue import OMOP, load_catalogue
from wardround.demo.exports import mapping_path, write_exports
from wardround.hospital.exports.omop import export_omop
from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.access import NotAllowed
from wardround.hospital.records.actions.resources import create_resource
from wardround.interchange.omop_columns import COLUMNS
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

ME = system_actor("command export")
pytestmark = pytest.mark.django_db
FIELDS = Path(__file__).resolve().parents[4] / "shared/suites/ohdsi-dqd/inst/csv/OMOP_CDMv5.4_Field_Level.csv"
WHEN = "2026-03-02T08:30:00+01:00"


@pytest.fixture
def tables(settings, tmp_path):
    """Export, and give each table's rows."""

    def export(folder="out"):
        (tmp_path / folder).mkdir()
        done = export_omop(ME, tmp_path / folder, home=settings.HOME, version="0")
        return done, {table: read_table(tmp_path / folder / f"{table}.csv") for table in COLUMNS}

    return export


def read_table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def patient(db):
    body = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:x", "value": "4711"}],
        "name": [{"family": "Csipkerózsa"}],
        "gender": "female",
        "birthDate": "1950-03",
        "deceasedDateTime": "2026-05-01",
        "address": [{"line": ["Fő utca 1."], "city": "Budapest", "state": "Pest", "postalCode": "1011"}],
    }
    return create_resource(body, by=ME).logical_id


@pytest.fixture
def add(patient):
    def store(kind, **elements):
        who = "patient" if kind == "Immunization" else "subject"
        return create_resource({"resourceType": kind, who: {"reference": f"Patient/{patient}"}, **elements}, by=ME)

    return store


def coded(system, code, text=""):
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


@pytest.fixture
def chart(add):
    """A visit, a diagnosis, a procedure, drugs and values of every kind."""
    visit = add(
        "Encounter",
        status="finished",
        period={"start": WHEN},
        **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}},
    )
    inside = {"encounter": {"reference": f"Encounter/{visit.logical_id}"}}
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    add("Condition", code=coded(icd, "I25.10"), onsetDateTime="2020-01-02", **inside)
    add("Procedure", status="completed", code=coded("urn:local", "CATH"), performedDateTime=WHEN, **inside)
    add(
        "MedicationRequest",
        status="active",
        intent="order",
        medicationCodeableConcept=coded("http://www.nlm.nih.gov/research/umls/rxnorm", "243670", "aspirin 81 mg"),
        authoredOn="2026-03-02",
        dosageInstruction=[{"text": "one a day"}],
    )
    add(
        "Immunization",
        status="completed",
        vaccineCode=coded("http://hl7.org/fhir/sid/cvx", "140"),
        occurrenceDateTime=WHEN,
    )
    loinc = "http://loinc.org"
    quantity = {"system": "http://unitsofmeasure.org", "code": "mg/dL", "unit": "mg/dL"}
    value = {"status": "final", "effectiveDateTime": WHEN}
    add("Observation", **value, code=coded(loinc, "2093-3"), valueQuantity={"value": 210, **quantity}, **inside)
    add("Observation", **value, code=coded("urn:local", "SMOKE"), valueString="never")
    add("Observation", **value, code=coded("urn:local", "HISTORY"), valueString="a long story " * 10)
    add(
        "Observation",
        **value,
        code=coded("urn:local", "DDIM"),
        valueQuantity={"value": 5, "comparator": "<"} | quantity,
    )
    add("Observation", status="final", effectiveDateTime="2026-03", code=coded(loinc, "2093-3"), valueString="x")


def test_a_chart_becomes_rows_with_standard_concepts_where_they_are_known_and_the_sources_words(chart, tables):
    done, rows = tables()

    (person,) = rows["person"]
    assert (person["gender_concept_id"], person["year_of_birth"], person["month_of_birth"]) == ("8532", "1950", "3")
    assert person["person_source_value"] == "4711"
    (condition,) = rows["condition_occurrence"]
    assert condition["condition_concept_id"] == "317576"  # coronary arteriosclerosis, as the catalogue knows it
    assert condition["condition_source_value"] == "I25.10"
    measured = {row["measurement_source_value"]: row for row in rows["measurement"]}
    cholesterol = measured["2093-3"]
    assert cholesterol["measurement_concept_id"] == "3027114"
    assert (cholesterol["value_as_number"], cholesterol["unit_concept_id"]) == ("210", "8840")
    assert cholesterol["visit_occurrence_id"] == rows["visit_occurrence"][0]["visit_occurrence_id"]
    assert measured["DDIM"]["value_source_value"] == "< 5"
    assert not measured["DDIM"]["value_as_number"]
    (smoking,) = rows["observation"]
    assert (smoking["value_as_string"], smoking["observation_concept_id"]) == ("never", "0")
    drugs = {row["drug_source_value"]: row for row in rows["drug_exposure"]}
    assert drugs["aspirin 81 mg"]["sig"] == "one a day"
    assert drugs["140"]["drug_exposure_start_date"] == "2026-03-02"
    assert [row["death_date"] for row in rows["death"]] == ["2026-05-01"]
    (period,) = rows["observation_period"]
    assert period["observation_period_start_date"] == "2020-01-02"
    assert period["observation_period_end_date"] == "2026-05-01"
    assert done.rows["measurement"] == 2


def test_what_has_no_place_in_the_cdm_is_counted_with_its_reason(chart, tables):
    done, _rows = tables()

    reasons = {reason for _type, reason in done.left_out}
    assert "the day is not known" in reasons
    assert "its text is longer than the CDM's 60 letters" in reasons


def test_no_name_and_no_street_is_in_the_tables(chart, tables, tmp_path):
    tables()

    text = "".join(path.read_text("utf-8") for path in (tmp_path / "out").iterdir())
    assert "Csipkerózsa" not in text
    assert "Fő utca" not in text
    assert "Budapest" in text


def test_a_value_that_waits_for_a_decision_is_left_out(make_patient, make_observation, tables):
    make_observation(make_patient(), loinc="8480-6", value=1400, unit="mm[Hg]")

    done, rows = tables()

    assert rows["measurement"] == []
    assert done.left_out["Observation", "it waits for a decision"] == 1


def test_a_patient_without_a_year_of_birth_is_left_out_with_the_chart(make_observation, tables):
    patient = create_resource({"resourceType": "Patient", "gender": "male"}, by=ME).logical_id
    make_observation(patient, loinc="8480-6", value=140, unit="mm[Hg]")

    done, rows = tables()

    assert (rows["person"], rows["measurement"]) == ([], [])
    assert done.left_out["Patient", "the year of birth is not known"] == 1
    assert done.left_out["Observation", "its patient is not in the tables"] == 1


def test_who_may_not_export_gets_nothing_and_the_export_is_audited(chart, nurse, tables, tmp_path, settings):
    (tmp_path / "no").mkdir()
    with pytest.raises(NotAllowed):
        export_omop(nurse, tmp_path / "no", home=settings.HOME, version="0")
    assert list((tmp_path / "no").iterdir()) == []

    tables()

    (event,) = AuditEvent.objects.filter(action="export.done")
    assert event.what == "OMOP tables"


def test_the_same_records_give_the_same_tables(chart, tables, tmp_path):
    tables("first")
    tables("second")

    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("hospital", "patients"), [("cleveland", 303), ("long-beach", 200)])
@pytest.mark.skipif(not FIELDS.is_file(), reason="OHDSI's DataQualityDashboard is not beside this checkout.")
def test_the_field_level_rules_of_ohdsi_hold_over_every_table(hospital, patients, chart, tables, tmp_path):
    write_exports(tmp_path, hospital)
    text = mapping_path(hospital).read_text("utf-8")
    import_files([tmp_path / "paper" / hospital], by=ME, mapping_text=text)

    _done, rows = tables()

    broken = Counter(broken_rules(rows))

    assert broken == {}
    assert len(rows["person"]) == patients + 1


def broken_rules(tables):
    """(rule, table, field) of every cell that breaks isRequired, cdmDatatype, isPrimaryKey or isForeignKey."""
    with FIELDS.open(encoding="utf-8", errors="replace", newline="") as file:
        fields = list(csv.DictReader(file))
    keys = {name: {row[f"{name}_id"] for row in rows if f"{name}_id" in row} for name, rows in tables.items()}
    keys["concept"] |= {"0"} | known_concepts()
    for field in fields:
        table, name = field["cdmTableName"].lower(), field["cdmFieldName"].lower()
        if table not in tables or table in ("concept", "vocabulary"):
            continue
        for row in tables[table]:
            cell = row[name]  # a column that is missing is a KeyError, and the test fails by its name
            if field["isRequired"] == "Yes" and cell == "":
                yield "isRequired", table, name
            if cell and not is_of_type(cell, field["cdmDatatype"].lower()):
                yield "cdmDatatype", table, name
            is_reference = cell and field["isForeignKey"] == "Yes"
            if is_reference and cell not in keys.get(field["fkTableName"].lower(), set()):
                yield "isForeignKey", table, name
        if field["isPrimaryKey"] == "Yes":
            cells = [row[name] for row in tables[table]]
            if len(set(cells)) != len(cells):
                yield "isPrimaryKey", table, name


def known_concepts():
    """The OMOP concepts that the catalogue and the units know: they were seen in published tables."""
    catalogue = load_catalogue()
    things = (*catalogue, *catalogue.conditions, *catalogue.procedures, *catalogue.sexes)
    found = {c.code for thing in things for c in (thing.coding, *thing.other_codings) if c.system == OMOP}
    return found | {"8840", "8753", "8751", "8876", "8554", "8541", "8483"}


def is_of_type(cell, kind):
    if kind in ("integer", "bigint"):
        return re.fullmatch(r"-?\d+", cell) is not None and abs(int(cell)) < 2**31
    if kind == "float":
        return re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", cell) is not None
    if kind == "date":
        return date.fromisoformat(cell).isoformat() == cell
    if kind == "datetime":
        return datetime.fromisoformat(cell).isoformat(" ") == cell
    limit = re.fullmatch(r"varchar\((\d+|max)\)", kind)
    return limit is not None and (limit[1] == "max" or len(cell) <= int(limit[1]))
