"""Values of one moment that belong together: physiology's equations tell which of them slipped, and agreement speaks for both."""

import pytest

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.plausibility import Finding, ValueContext, check
from wardround.clinical.siblings import expectations, partners_of
from wardround.clinical.standardise import standardise

CATALOGUE = load_catalogue()
BLOOD_COUNT = {
    "hemoglobin": 14.1,
    "hematocrit": 42.0,
    "red_cells": 4.7,
    "mean_cell_volume": 89.4,
    "mean_cell_hemoglobin": 30.0,
}
ELECTROLYTES = {"sodium": 140, "potassium": 4.0, "chloride": 104, "bicarbonate": 25, "anion_gap": 15}
GASES = {"blood_ph": 7.40, "carbon_dioxide_pressure": 40, "total_co2": 24.5}
LIPIDS = {"total_cholesterol": 200, "hdl_cholesterol": 50, "ldl_cholesterol": 120, "triglycerides": 150}
BILIRUBIN = {"bilirubin_total": 6.0, "bilirubin_direct": 4.2, "bilirubin_indirect": 1.8}
PROTEIN = {"total_protein": 7.0, "albumin": 4.2, "globulin": 2.8}
BODY = {"body_weight": 70.0, "body_height": 175.0, "body_mass_index": 22.9}
TOGETHER = [BLOOD_COUNT, ELECTROLYTES, GASES, LIPIDS, BILIRUBIN, PROTEIN, BODY]


def findings(key: str, value: float, together: dict[str, float], history=()) -> tuple[Finding, ...]:
    measurement = CATALOGUE.by_key(key)
    standard = standardise((measurement.coding,), value=value, unit=measurement.unit)
    others = {other: number for other, number in together.items() if other != key}
    return check(standard, context=ValueContext(others=others, history=history, age_years=50))


@pytest.mark.parametrize("together", TOGETHER, ids=lambda together: next(iter(together)))
def test_values_that_agree_have_no_findings(together):
    assert all(findings(key, value, together) == () for key, value in together.items())


@pytest.mark.parametrize(
    ("together", "key", "wrong"),
    [
        (BLOOD_COUNT, "hemoglobin", 1.41),
        (BLOOD_COUNT, "hematocrit", 4.2),
        (BLOOD_COUNT, "red_cells", 0.47),
        (ELECTROLYTES, "bicarbonate", 52),  # 25
        (GASES, "carbon_dioxide_pressure", 4.0),
        (LIPIDS, "triglycerides", 1500),
        (LIPIDS, "hdl_cholesterol", 5),
        (BILIRUBIN, "bilirubin_total", 60),
        (BILIRUBIN, "bilirubin_direct", 0.42),
        (PROTEIN, "globulin", 0.28),
        (BODY, "body_weight", 154.3),  # pounds
    ],
)
def test_the_value_that_slipped_is_held_and_its_siblings_are_not(together, key, wrong):
    spoilt = {**together, key: wrong}

    held = {other: found for other, value in spoilt.items() for found in findings(other, value, spoilt) if found.held}

    assert set(held) == {key}
    assert held[key].suggestion == pytest.approx(together[key], rel=0.01) or held[key].suggestion is None


def test_pounds_show_beside_the_height_alone_but_not_in_somebody_who_was_heavy_before():
    (finding,) = findings("body_weight", 165, {"body_height": 160})

    assert (finding.kind, finding.suggestion) == ("unit_slip", pytest.approx(74.8))
    assert findings("body_weight", 165, {"body_height": 160}, history=((-90, 162), (-30, 164))) == ()


def test_a_direct_bilirubin_is_not_above_the_total():
    (finding,) = findings("bilirubin_direct", 4.0, {"bilirubin_total": 0.5}, history=((-2, 0.4), (2, 0.4)))

    assert finding.suggestion == pytest.approx(0.4)
    assert findings("bilirubin_direct", 4.0, {"bilirubin_total": 6.0}, history=((-2, 3.5), (2, 3.9))) == ()


def test_a_steep_step_that_a_sibling_makes_too_is_true():
    # A sample from the line with heparin: prothrombin time and INR leave together and come back together.
    history = ((-2, 1.1), (-1, 1.0), (1, 1.0), (2, 1.1))

    (alone,) = findings("international_normalized_ratio", 7.0, {}, history=history)
    together = findings("international_normalized_ratio", 7.0, {"prothrombin_time": 44.5}, history=history)

    assert alone.held
    assert not any(finding.held for finding in together)


def test_a_wrong_sibling_does_not_make_a_right_value_wrong():
    spoilt = {**ELECTROLYTES, "sodium": 14}

    assert all(not found.held for key in ("chloride", "bicarbonate") for found in findings(key, spoilt[key], spoilt))


def test_bicarbonate_follows_from_ph_and_carbon_dioxide_by_henderson_and_hasselbalch():
    # 0.0307 x 40 x 10^(7.40 - 6.1) = 24.5 mmol/L
    expected = expectations(CATALOGUE.by_key("total_co2"), context=ValueContext(others=GASES))

    assert expected[0].value == pytest.approx(24.5, abs=0.05)


def test_a_sibling_of_0_or_below_expects_nothing():
    for together in TOGETHER:
        for key in together:
            others = {other: -number for other, number in together.items() if other != key}
            nothing = dict.fromkeys(others, 0.0)
            for context in (ValueContext(others=others), ValueContext(others=nothing)):
                assert all(isinstance(e.value, float) for e in expectations(CATALOGUE.by_key(key), context=context))


def test_partners_are_read_from_both_sides():
    for key in [m.key for m in CATALOGUE]:
        for partner in partners_of(key):
            assert CATALOGUE.by_key(partner).kind == "quantity"
    assert "body_height" in partners_of("body_weight")
    assert "creatinine" in partners_of("urea_nitrogen")
