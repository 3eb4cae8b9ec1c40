"""OMOP tables become one draft per person, with concept ids as received; a broken row costs that row."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.json import dumps, number_text
from wardround.interchange.fhir.structure import check
from wardround.interchange.omop import read, read_again

OMOP = "https://fhir-terminology.ohdsi.org"
TABLES = {
    "person": "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,location_id,person_source_value,gender_source_value\n"
    "1,8532,1963,,,5,LB1,F\n2,8507,1950,7,3,,LB2,M\n",
    "location": "location_id,address_1,city,state,zip\n5,1 Main St,Long Beach,CA,90801\n",
    "visit_occurrence": "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_start_datetime,visit_end_date\n"
    "10,1,0,2026-02-03,2026-02-03 08:30:00,2026-02-05\n",
    "measurement": "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,operator_concept_id,"
    "value_as_number,value_as_concept_id,unit_concept_id,visit_occurrence_id,measurement_source_value,unit_source_value,value_source_value\n"
    "100,2,3004249,2026-02-03,,,130,,0,,BP,mmHg,130\n"
    "101,1,3027114,2026-02-03,2026-02-03 09:00:00,,2.50,,0,10,CHOL,mg/dL,2.50\n"
    "102,1,2000000103,2026-02-03,,,,2000000211,0,10,ECG,,NORMAL\n"
    "103,1,3027114,2026-02-03,,4171756,5,,0,10,CHOL,mg/dL,< 5\n",
    "observation": "observation_id,person_id,observation_concept_id,observation_date,observation_datetime,value_as_number,"
    "value_as_string,value_as_concept_id,observation_source_value\n"
    "200,1,2000000101,2026-02-03,2026-02-03 08:40:00,,,2000000204,PAIN\n",
    "procedure_occurrence": "procedure_occurrence_id,person_id,procedure_concept_id,procedure_date,procedure_datetime,procedure_source_value\n"
    "300,1,2000000001,2026-02-05,2026-02-05 13:30:00,ANGIO\n",
    "condition_occurrence": "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_source_value\n"
    "400,1,317576,2026-02-05,CAD\n",
}


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("omop", source={"zone": "America/Los_Angeles", "system": OMOP})


@pytest.fixture
def read_tables(tmp_path, mapping):
    def read_them(**changed):
        for name, text in (TABLES | changed).items():
            (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        return list(read(tmp_path, mapping=mapping))

    return read_them


def test_a_person_is_one_draft_with_all_rows(read_tables):
    first, second = read_tables()

    types = [resource["resourceType"] for resource in first.resources]
    assert types == ["Patient", "Encounter", *["Observation"] * 4, "Procedure", "Condition"]
    assert [resource["resourceType"] for resource in second.resources] == ["Patient", "Observation"]
    assert (first.source.position, second.source.position) == ("person 1", "person 2")
    assert not [problem for draft in (first, second) for resource in draft.resources for problem in check(resource)]


def test_a_person_becomes_a_patient_with_number_gender_birth_and_address(read_tables):
    first, second = (draft.resources[0] for draft in read_tables())

    assert [i["value"] for i in first["identifier"]] == ["LB1", "person:1"]
    assert (first["gender"], first["birthDate"]) == ("female", "1963")
    assert first["address"][0]["city"] == "Long Beach"
    assert second["birthDate"] == "1950-07-03"


def test_concepts_units_digits_and_local_times_stay_as_received(read_tables):
    resources = read_tables()[0].resources
    cholesterol, ecg, limit, pain = resources[2:6]

    assert cholesterol["code"] == {"coding": [{"system": OMOP, "code": "3027114"}], "text": "CHOL"}
    assert number_text(cholesterol["valueQuantity"]["value"]) == "2.50"
    assert cholesterol["valueQuantity"]["unit"] == "mg/dL"
    assert cholesterol["effectiveDateTime"] == "2026-02-03T09:00:00-08:00"
    assert ecg["valueCodeableConcept"]["coding"] == [{"system": OMOP, "code": "2000000211"}]
    assert ecg["effectiveDateTime"] == "2026-02-03"
    assert limit["valueString"] == "< 5"
    assert pain["valueCodeableConcept"]["coding"][0]["code"] == "2000000204"
    assert resources[6]["performedDateTime"] == "2026-02-05T13:30:00-08:00"
    assert resources[7]["code"]["coding"][0] == {"system": OMOP, "code": "317576"}


@pytest.mark.parametrize(
    ("table", "old", "new", "reason"),
    [
        (
            "measurement",
            "2026-02-03 09:00:00",
            "2026-02-30 09:00:00",
            "measurement_datetime a time is not on the calendar",
        ),
        ("measurement", "101,1,3027114,2026-02-03,2026", "101,1,3027", "it may be broken off"),
        ("measurement", ",2.50,,", ",2;50,,", "value_as_number is not a number"),
        ("measurement", "101,1,", "101,one,", "person_id is not a whole number"),
        ("measurement", "101,1,", "x,1,", "measurement_id is not a whole number"),
        ("measurement", "2000000211,0,10,ECG,,NORMAL", ",0,10,ECG,,", "no value"),
        ("person", "2,8507,1950", "2,8507,MCM", "date of birth"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_and_the_rest_goes_on(read_tables, table, old, new, reason):
    text = TABLES[table]
    broken = next(line for line in text.splitlines() if old in line)
    mangled = broken[: broken.index(old)] + new if "broken off" in reason else broken.replace(old, new)

    readings = read_tables(**{table: text.replace(broken, mangled)})

    (reject,) = [reading for reading in readings if isinstance(reading, Reject)]
    assert reason in reject.reason
    assert reject.source.file == f"{table}.csv"
    assert len([reading for reading in readings if isinstance(reading, Draft)]) == 2


def test_a_corrected_row_is_read_again_and_refers_to_its_person(read_tables, mapping):
    bad = TABLES["measurement"].replace("2026-02-03 09:00:00", "2026-02-30 09:00:00")
    (reject,) = [reading for reading in read_tables(measurement=bad) if isinstance(reading, Reject)]
    corrected = reject.source.raw.replace(b"02-30", b"02-03")

    (draft,) = read_again(Source(reject.source.file, reject.source.position, corrected), mapping=mapping)

    (observation,) = draft.resources
    assert observation["identifier"][0]["value"] == "measurement:101"
    assert observation["subject"]["reference"] == "Patient?identifier=urn:wardround:local:small|person:1"


def test_a_persons_draft_can_be_read_again_from_its_own_bytes(read_tables, mapping):
    (draft, _) = read_tables()

    (again,) = read_again(draft.source, mapping=mapping)

    assert [dumps(r) for r in again.resources] == [dumps(r) for r in draft.resources]
    assert again.source == draft.source


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"billing": "x\n"}, "not read"),
        ({"person": ""}, "empty"),
        ({"measurement": "measurement_id,person_id\n"}, "needs the column measurement_concept_id"),
    ],
)
def test_a_table_that_is_not_usable_is_named(read_tables, changed, reason):
    reasons = [reading.reason for reading in read_tables(**changed) if isinstance(reading, Reject)]

    assert any(reason in text for text in reasons)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_mangled_tables_give_drafts_or_rejects_and_nothing_else(data, mapping):
    raw = bytearray("".join(f"==> {name}.csv <==\n{text}" for name, text in TABLES.items()).encode())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 4))] = data.draw(
            st.binary(max_size=3) | st.sampled_from([b",", b'"', b"\n", b"9" * 25])
        )

    for reading in read_again(Source("omop", "person 1", bytes(raw)), mapping=mapping):
        assert isinstance(reading, Draft | Reject)


def test_a_header_that_names_a_column_twice_is_refused(tmp_path, mapping):
    (tmp_path / "person.csv").write_text("person_id,gender_concept_id,year_of_birth,year_of_birth\n1,8507,1960,1961\n")

    reading = next(iter(read(tmp_path, mapping=mapping)))

    assert "a column stands in it twice" in reading.reason
