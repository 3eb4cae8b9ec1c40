"""Standardisation: the same value in any unit and code becomes one standard value, with the rule that made it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardround.clinical.catalogue import LOINC, OMOP, WARDROUND, Coding
from wardround.clinical.codes import CodeMap
from wardround.clinical.standardise import NotStandard, Standard, standardise

CHOLESTEROL = (Coding(LOINC, "2093-3"),)
SYSTOLIC = (Coding(LOINC, "8480-6"),)
PAIN = (Coding(WARDROUND, "chest_pain_type"),)
LOCAL = "urn:wardround:local:budapest"
BUDAPEST = CodeMap.from_mapping(
    {
        "source": {"system": LOCAL, "decimal": "comma"},
        "codes": {"KOL": {"measurement": "total_cholesterol", "unit": "mmol/L"}, "MF": "chest_pain_type"},
        "answers": {"chest_pain_type": {"4": "asymptomatic"}},
    }
)


def test_a_value_in_the_standard_unit_stays_as_received():
    result = standardise(CHOLESTEROL, value=Decimal("233.4"), unit="mg/dl")

    assert (result.value, result.unit, result.rule) == (233.4, "mg/dL", "as received")


def test_cholesterol_in_mmol_per_l_comes_back_as_whole_mg_per_dl():
    # 6.03 x 38.665 = 233.15
    result = standardise(CHOLESTEROL, value=Decimal("6.03"), unit="mmol/L")

    assert (result.value, result.unit) == (233.0, "mg/dL")
    assert result.rule == "mmol/L x 38.665 -> mg/dL, rounded to 1"
    assert (result.received, result.received_unit) == (6.03, "mmol/L")


@given(st.integers(20, 1500))
def test_every_whole_cholesterol_survives_an_export_in_mmol_per_l_with_two_decimals(milligrams):
    exported = (Decimal(milligrams) / Decimal("38.665")).quantize(Decimal("0.01"))

    assert standardise(CHOLESTEROL, value=exported, unit="mmol/L").value == milligrams


def test_fahrenheit_becomes_celsius_to_a_tenth():
    result = standardise((Coding(LOINC, "8310-5"),), value=Decimal("101.5"), unit="F")

    assert (result.value, result.unit) == (38.6, "Cel")  # (101.5 - 32) / 1.8 = 38.61


def test_a_decimal_comma_and_a_unit_from_the_mapping_are_both_in_the_rule():
    result = standardise((Coding(LOCAL, "KOL"),), value="6,03", code_map=BUDAPEST)

    assert result.value == 233.0
    assert result.rule == (
        "code KOL -> total_cholesterol; unit mmol/L from the mapping; mmol/L x 38.665 -> mg/dL, rounded to 1"
    )


def test_an_omop_concept_is_standardised_and_the_rule_names_it():
    result = standardise((Coding(OMOP, "3004249"),), value=120, unit="mmHg")

    assert (result.value, result.unit, result.rule) == (
        120.0,
        "mm[Hg]",
        "code 3004249 -> systolic_pressure; as received",
    )


@pytest.mark.parametrize("zero", [0, Decimal("0.0"), "0", "0,00"])
def test_a_cholesterol_of_0_means_that_it_was_not_measured(zero):
    result = standardise(CHOLESTEROL, value=zero, unit="mg/dL")

    assert isinstance(result, NotStandard)
    assert result.kind == "zero_is_missing"
    assert result.reason == "Total cholesterol: 0 stands for not measured."


def test_a_blood_pressure_of_0_is_a_value_and_left_to_plausibility():
    assert standardise(SYSTOLIC, value=0, unit="mm[Hg]").value == 0.0


def test_a_quantity_without_a_unit_stays_out():
    result = standardise(CHOLESTEROL, value=233)

    assert result.kind == "missing_unit"
    assert "mg/dL or another unit of the same kind would be right" in result.reason


def test_a_count_needs_no_unit():
    assert standardise((Coding(WARDROUND, "fluoroscopy_vessels"),), value=2).value == 2.0


@pytest.mark.parametrize("unit", ["bananas", "mm[Hg]", "meq/L"])
def test_an_unfit_unit_stays_out_and_the_standard_unit_is_named(unit):
    result = standardise(CHOLESTEROL, value=233, unit=unit)

    assert result.kind == "unknown_unit"
    assert "Its standard unit is mg/dL" in result.reason


@pytest.mark.parametrize("value", ["1,234", "?", "<5", True, float("nan"), float("inf"), Coding(WARDROUND, "normal")])
def test_what_is_not_a_number_stays_out_of_a_quantity(value):
    assert standardise(CHOLESTEROL, value=value, unit="mg/dL").kind == "unreadable"


def test_a_boolean_and_a_standard_answer_stay_as_received():
    angina = standardise((Coding(WARDROUND, "exercise_angina"),), value=False)
    pain = standardise(PAIN, value=Coding(WARDROUND, "asymptomatic"))

    assert (angina.value, angina.unit, angina.rule) == (False, None, "as received")
    assert (pain.value, pain.rule) == ("asymptomatic", "as received")


@pytest.mark.parametrize("given_answer", ["4", 4, 4.0, Decimal("4.0"), Coding(LOCAL, "4"), [Coding(LOCAL, "4")]])
def test_a_local_answer_becomes_the_standard_one_however_it_arrives(given_answer):
    result = standardise((Coding(LOCAL, "MF"),), value=given_answer, code_map=BUDAPEST)

    assert isinstance(result, Standard)
    assert result.value == "asymptomatic"
    assert result.rule.startswith("code MF -> chest_pain_type; ")
    assert result.rule.endswith(" 4 -> asymptomatic")


def test_an_unknown_answer_names_the_code_and_the_right_ones_but_never_repeats_a_text():
    by_code = standardise(PAIN, value=Coding(LOCAL, "9"), code_map=BUDAPEST)
    by_text = standardise(PAIN, value="Mrs Kovács says it hurts", code_map=BUDAPEST)

    assert by_code.kind == by_text.kind == "unknown_answer"
    assert "the code 9 is not a known answer; typical_angina, " in by_code.reason
    assert "Kovács" not in by_text.reason


def test_true_is_no_answer_to_a_question_with_names():
    assert standardise(PAIN, value=True).kind == "unknown_answer"


def test_an_unmapped_code_stays_out_and_is_named():
    result = standardise((Coding(LOCAL, "XYZ"),), value=1, unit="kg", code_map=BUDAPEST)

    assert result.kind == "unknown_code"
    assert "XYZ" in result.reason
    assert "map it" in result.reason


def test_codes_that_disagree_stay_out():
    result = standardise((Coding(LOINC, "8480-6"), Coding(LOINC, "8462-4")), value=120, unit="mm[Hg]")

    assert result.kind == "conflicting_codes"


def test_equivalents_are_millimoles_for_ions_of_one_charge_only():
    sodium = standardise([Coding(LOINC, "2951-2")], value=139, unit="mEq/L")
    calcium = standardise([Coding(LOINC, "1994-3")], value=2.2, unit="mEq/L")

    assert isinstance(sodium, Standard)
    assert (sodium.value, sodium.unit) == (139, "mmol/L")
    assert isinstance(calcium, NotStandard)
    assert calcium.kind == "unknown_unit"


def test_a_percentage_is_grams_per_decilitre_for_the_mean_cell_hemoglobin_concentration_only():
    concentration = standardise([Coding(LOINC, "786-4")], value=33.5, unit="%")
    hemoglobin = standardise([Coding(LOINC, "718-7")], value=14, unit="%")

    assert isinstance(concentration, Standard)
    assert concentration.value == 33.5
    assert isinstance(hemoglobin, NotStandard)


def test_a_ph_needs_no_unit():
    assert standardise([Coding(LOINC, "11558-4")], value=7.4).unit == "[pH]"


def test_a_text_with_its_unit_behind_the_number_becomes_standard():
    result = standardise(CHOLESTEROL, value="6,03 mmol/l")

    assert (result.value, result.unit, result.received_unit) == (233.0, "mg/dL", "mmol/L")


def test_a_unit_behind_the_number_and_the_same_one_beside_it_are_one():
    assert standardise(CHOLESTEROL, value="233 mg/dl", unit="mg/dL").value == 233.0


def test_two_different_units_of_one_number_are_refused():
    result = standardise(CHOLESTEROL, value="6.03 mmol/L", unit="mg/dL")

    assert isinstance(result, NotStandard)
    assert (result.kind, result.reason) == (
        "unknown_unit",
        "Total cholesterol has one unit behind its number and another beside it.",
    )


@pytest.mark.parametrize("text", ["2O0 mg/dL", "200 said Mr Miller", "<50", "neg", "+++", "200/80"])
def test_a_text_that_is_no_number_with_a_unit_is_not_standard_and_is_not_repeated(text):
    result = standardise(CHOLESTEROL, value=text, unit="mg/dL")

    assert isinstance(result, NotStandard)
    assert result.kind == "unreadable"
    assert text == "neg" or text not in result.reason  # "negative" is a word of the sentence
    assert "Miller" not in result.reason


def test_hemoglobin_a1c_in_mmol_per_mol_follows_the_master_equation():
    # NGSP: 0.0915 x 48 + 2.15 = 6.54 %; a plain conversion of the units would say 4.8 %.
    result = standardise((Coding(LOINC, "4548-4"),), value=48, unit="mmol/mol")

    assert (result.value, result.unit) == (6.5, "%")
    assert result.rule == "mmol/mol x 0.0915 + 2.15 -> %, rounded to 0.1"


def test_a_filtration_rate_keeps_its_annotated_unit():
    result = standardise((Coding(LOINC, "33914-3"),), value=87, unit="mL/min/{1.73_m2}")

    assert (result.value, result.unit, result.rule) == (87.0, "mL/min/{1.73_m2}", "as received")
