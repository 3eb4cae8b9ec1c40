"""A long table: one row is one measurement, which a column of codes names."""

import pytest

from wardround.interchange.errors import BadMapping
from wardround.interchange.fhir.json import number_text
from wardround.interchange.tables import read

COLUMNS = {"NR": "mrn", "TEST": "code", "RESULT": "value", "UNIT": "unit", "TAKEN": "time", "TEXT": "display"}
HEADER = "NR,TEST,RESULT,UNIT,TAKEN,TEXT\n"
CODES = {"CHOL": "total_cholesterol", "EXANG": "exercise_angina"}


@pytest.fixture
def read_text(tmp_path, make_mapping):
    def read_it(text, *, columns=COLUMNS, **sections):
        (tmp_path / "t.csv").write_text(text)
        mapping = make_mapping("csv", columns=columns, codes=CODES, **sections)
        return list(read(tmp_path / "t.csv", mapping=mapping))

    return read_it


def test_a_row_is_a_patient_and_one_observation_with_code_unit_and_time(read_text):
    (draft,) = read_text(HEADER + "7,CHOL,6.10,mmol/L,2026-02-03 08:30,Cholesterol\n")

    patient, found = draft.resources
    assert patient["resourceType"] == "Patient"
    assert found["code"]["coding"] == [
        {"system": "urn:wardround:local:small", "code": "CHOL", "display": "Cholesterol"}
    ]
    assert number_text(found["valueQuantity"]["value"]) == "6.10"
    assert found["valueQuantity"]["unit"] == "mmol/L"
    assert found["effectiveDateTime"] == "2026-02-03T08:30:00+01:00"


def test_an_answer_is_a_code_where_the_mapping_knows_its_answers(read_text):
    answers = {"exercise_angina": {"J": True}}

    (draft,) = read_text(HEADER + "7,EXANG,J,,2026-02-03,\n", answers=answers)

    assert draft.resources[1]["valueCodeableConcept"]["coding"][0]["code"] == "J"


def test_codes_may_be_of_another_system(read_text):
    columns = COLUMNS | {"TEST": {"role": "code", "system": "LN"}}
    systems = {"LN": "http://loinc.org"}

    (draft,) = read_text(HEADER + "7,2093-3,236,mg/dL,2026-02-03,\n", columns=columns, systems=systems)

    assert draft.resources[1]["code"]["coding"] == [{"system": "http://loinc.org", "code": "2093-3"}]


def test_a_number_of_its_own_identifies_a_measurement_else_patient_time_and_code(read_text):
    columns = COLUMNS | {"ID": "record"}

    (numbered,) = read_text(HEADER.replace("\n", ",ID\n") + "7,CHOL,6.1,mmol/L,2026-02-03,,L55\n", columns=columns)
    (plain,) = read_text(HEADER + "7,CHOL,6.1,mmol/L,2026-02-03,\n")

    assert numbered.resources[1]["identifier"][0]["value"] == "L55"
    assert plain.resources[1]["identifier"][0]["value"] == "7:2026-02-03:CHOL"


def test_two_values_of_one_time_are_not_one_record_with_two_versions(read_text):
    row = "7,CHOL,{},mmol/L,2026-02-03,\n"

    first, again, other = read_text(HEADER + row.format("6.1") + row.format("6.1") + row.format("5.9"))

    assert first.resources == again.resources
    assert 'the role "record"' in other.reason
    assert "5.9" not in other.reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [("7,,6.1,mmol/L,2026-02-03,\n", "the code"), ("7,CHOL,6.1,mmol/L,,\n", "no time at which it was measured")],
)
def test_a_value_of_nothing_known_is_refused(read_text, row, reason):
    (reject,) = read_text(HEADER + row)

    assert reason in reject.reason


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"NR": "mrn", "RESULT": "value", "TAKEN": "time"}, "exactly one"),
        ({"NR": "mrn", "TEST": "code", "RESULT": "value"}, 'needs a time = "COLUMN"'),
    ],
)
def test_a_long_mapping_that_lacks_something_is_refused(read_text, columns, sentence):
    with pytest.raises(BadMapping, match=sentence):
        read_text("", columns=columns)
