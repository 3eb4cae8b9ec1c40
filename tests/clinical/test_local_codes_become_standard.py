"""A hospital's own codes: what they mean comes from its mapping, and nothing is guessed."""

import pytest

from wardround.clinical.catalogue import ICD_10_CM, LOINC, OMOP, WARDROUND, Coding, load_catalogue
from wardround.clinical.codes import CodeMap
from wardround.clinical.errors import CatalogueError, ConflictingCodes, UnknownMeasurement

LOCAL = "urn:wardround:local:cleveland"
CATALOGUE = load_catalogue()
CLEVELAND = CodeMap.from_mapping(
    {
        "source": {"system": LOCAL, "decimal": "point"},
        "columns": {"PAT_NO": "ignored here"},
        "codes": {
            "CP": "chest_pain_type",
            "CHOL": {"measurement": "total_cholesterol", "unit": "mg/dL"},
            "EXANG": "exercise_angina",
            "http://acme.lab|BP-S": "systolic_pressure",
        },
        "answers": {
            "chest_pain_type": {"1": "typical_angina", "4": "asymptomatic"},
            "exercise_angina": {"Y": True, "N": False},
            "sex": {"1": "male", "0": "female"},
        },
        "conditions": {"CAD": "I25.10", "CHD": "coronary_atherosclerosis"},
        "procedures": {"CATH": "coronary_angiography"},
    }
)
PAIN, ANGINA = CATALOGUE.by_key("chest_pain_type"), CATALOGUE.by_key("exercise_angina")


def test_a_local_code_names_a_measurement_in_its_own_system_only():
    assert CLEVELAND.measurement([Coding(LOCAL, "CP")]) is PAIN
    assert CLEVELAND.measurement([Coding("", "CP")]) is PAIN
    assert CLEVELAND.measurement([Coding("http://acme.lab", "BP-S")]).key == "systolic_pressure"
    assert CLEVELAND.measurement([Coding("http://other.lab", "CP")]) is None


def test_standard_codes_need_no_entry_in_the_mapping():
    assert CLEVELAND.measurement([Coding(LOINC, "2093-3")]).key == "total_cholesterol"
    assert CodeMap().measurement([Coding(OMOP, "3004249")]).key == "systolic_pressure"


def test_a_code_beside_its_parent_is_the_more_exact_of_the_two():
    codings = [Coding(LOINC, "8867-4"), Coding(WARDROUND, "exercise_heart_rate")]

    assert CodeMap().measurement(codings).key == "exercise_heart_rate"
    assert CodeMap().measurement(codings[::-1]).key == "exercise_heart_rate"


def test_codes_that_name_different_measurements_are_refused():
    with pytest.raises(ConflictingCodes, match="systolic_pressure, diastolic_pressure"):
        CodeMap().measurement([Coding(LOINC, "8480-6"), Coding(LOINC, "8462-4")])


def test_the_unit_that_a_source_leaves_out_comes_from_its_mapping():
    cholesterol = CATALOGUE.by_key("total_cholesterol")

    assert CLEVELAND.unit(cholesterol, [Coding(LOCAL, "CHOL")]) == "mg/dL"
    assert CLEVELAND.unit(cholesterol, [Coding(LOINC, "2093-3")]) is None


def test_local_answers_become_the_catalogues_answers():
    assert CLEVELAND.answer(PAIN, "4") == "asymptomatic"
    assert CLEVELAND.answer(PAIN, Coding(LOCAL, "1")) == "typical_angina"
    assert CLEVELAND.answer(ANGINA, "n") is False
    assert CLEVELAND.answer(ANGINA, Coding(LOCAL, "Y")) is True


def test_standard_answers_are_known_everywhere():
    assert CodeMap().answer(PAIN, Coding(WARDROUND, "asymptomatic")) == "asymptomatic"
    assert CodeMap().answer(PAIN, "No chest pain") == "asymptomatic"
    assert CodeMap().answer(ANGINA, "True") is True


def test_an_unknown_answer_is_not_guessed():
    assert CLEVELAND.answer(PAIN, "9") is None
    assert CLEVELAND.answer(PAIN, Coding("http://other.lab", "4")) is None
    assert CodeMap().answer(ANGINA, "1") is None


def test_codings_that_answer_differently_are_refused():
    with pytest.raises(ConflictingCodes, match="different answers"):
        CLEVELAND.answer(PAIN, [Coding(LOCAL, "1"), Coding(WARDROUND, "asymptomatic")])


def test_a_condition_becomes_icd_10_cm():
    expected = Coding(ICD_10_CM, "I25.10")

    assert CLEVELAND.condition([Coding(LOCAL, "CAD")]) == expected
    assert CLEVELAND.condition([Coding(LOCAL, "CHD")]) == expected
    assert CodeMap().condition([Coding(OMOP, "317576")]) == expected
    assert CodeMap().condition([Coding(ICD_10_CM, "E11.9")]) == Coding(ICD_10_CM, "E11.9")
    assert CodeMap().condition([Coding(LOCAL, "CAD")]) is None


def test_codes_that_name_different_conditions_are_refused():
    with pytest.raises(ConflictingCodes, match=r"E11\.9, I25\.10"):
        CLEVELAND.condition([Coding(LOCAL, "CAD"), Coding(ICD_10_CM, "E11.9")])


def test_a_local_procedure_becomes_the_catalogues():
    expected = Coding(WARDROUND, "coronary_angiography")

    assert CLEVELAND.procedure([Coding(LOCAL, "CATH")]) == expected
    assert CodeMap().procedure([expected]) == expected
    assert CodeMap().procedure([Coding(LOCAL, "CATH")]) is None


def test_sex_is_known_by_omop_by_fhir_and_by_the_mapping():
    assert CodeMap().sex(Coding(OMOP, "8532")) == "female"
    assert CodeMap().sex("Male") == "male"
    assert CLEVELAND.sex("0") == "female"
    assert CodeMap().sex("other") == "other"
    assert CodeMap().sex("0") is None


@pytest.mark.parametrize(
    ("mapping", "error", "sentence"),
    [
        ({"codes": {"X": "no_such_thing"}}, UnknownMeasurement, "no measurement 'no_such_thing'"),
        (
            {"answers": {"chest_pain_type": {"1": "bad"}}},
            CatalogueError,
            "the catalogue's answers are asymptomatic, atypical",
        ),
        ({"answers": {"exercise_angina": {"1": 1}}}, CatalogueError, "the catalogue's answers are false, true"),
        (
            {"answers": {"sex": {"1": "man"}}},
            CatalogueError,
            "the catalogue's answers are female, male, other, unknown",
        ),
        ({"conditions": {"X": "flu"}}, CatalogueError, "the catalogue has coronary_atherosclerosis"),
        ({"procedures": {"X": "CATH"}}, CatalogueError, "the catalogue has coronary_angiography"),
        ({"source": {"decimal": ","}}, CatalogueError, "must be comma or point"),
    ],
)
def test_a_mapping_that_names_what_the_catalogue_lacks_is_refused(mapping, error, sentence):
    with pytest.raises(error, match=sentence):
        CodeMap.from_mapping(mapping)
