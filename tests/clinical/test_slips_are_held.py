"""Plausibility: impossible values, slips and swaps are held; abnormal ones are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.limits import plausible_for
from wardround.clinical.plausibility import Finding, ValueContext, check
from wardround.clinical.standardise import standardise

CATALOGUE = load_catalogue()
QUANTITIES = [m for m in CATALOGUE if m.kind == "quantity"]
NOWHERE = ValueContext()


def findings(key: str, value: float, unit: str | None = None, context: ValueContext = NOWHERE) -> tuple[Finding, ...]:
    measurement = CATALOGUE.by_key(key)
    return check(standardise((measurement.coding,), value=value, unit=unit or measurement.unit), context=context)


@pytest.mark.parametrize(
    ("key", "value", "unit", "kind", "meant"),
    [
        ("systolic_pressure", 13, "mm[Hg]", "decimal_slip", 130),
        ("systolic_pressure", 1300, "mm[Hg]", "decimal_slip", 130),
        ("systolic_pressure", 14.5, "mm[Hg]", "decimal_slip", 145),
        ("diastolic_pressure", 800, "mm[Hg]", "decimal_slip", 80),
        ("total_cholesterol", 2330, "mg/dL", "decimal_slip", 233),
        ("total_cholesterol", 23.3, "mg/dL", "decimal_slip", 233),
        ("total_cholesterol", 233, "mmol/L", "unit_slip", 233),
        ("total_cholesterol", 6.03, "mg/dL", "unit_slip", 233),
        ("total_cholesterol", 60.3, "mmol/L", "decimal_slip", 233),
        ("total_cholesterol", 0.603, "mmol/L", "decimal_slip", 233),
        ("exercise_heart_rate", 15, "/min", "decimal_slip", 150),
        ("exercise_heart_rate", 1500, "/min", "decimal_slip", 150),
        ("st_depression", 14, "mm", "decimal_slip", 1.4),
        ("st_depression", 23, "mm", "decimal_slip", 2.3),
        ("st_depression", -26, "mm", "decimal_slip", -2.6),
        ("body_temperature", 98.6, "Cel", "unit_slip", 37.0),
        ("body_temperature", 386, "Cel", "decimal_slip", 38.6),
        ("body_temperature", 37, "[degF]", "unit_slip", 37.0),
        ("fasting_glucose", 5.5, "mg/dL", "unit_slip", 99),
        ("oxygen_saturation", 0.97, "%", "unit_slip", 97),
        ("oxygen_saturation", 970, "%", "decimal_slip", 97),
        ("respiratory_rate", 160, "/min", "decimal_slip", 16),
        ("body_height", 1.75, "cm", "unit_slip", 175),
    ],
)
def test_a_gross_slip_is_held_with_the_value_that_was_meant(key, value, unit, kind, meant):
    (finding,) = findings(key, value, unit)

    assert (finding.kind, finding.held) == (kind, True)
    assert finding.suggestion == pytest.approx(meant)
    assert finding.suggestion_unit == CATALOGUE.by_key(key).unit
    assert f"{meant:g}" in finding.sentence


@pytest.mark.parametrize(
    ("key", "value"), [("systolic_pressure", 999), ("heart_rate", 999), ("body_weight", 999), ("body_height", 9999)]
)
def test_nines_stand_for_not_measured_and_no_value_is_suggested(key, value):
    (finding,) = findings(key, value)

    assert (finding.kind, finding.held, finding.suggestion) == ("impossible", True, None)
    assert "nines for a value that was not measured" in finding.sentence


@pytest.mark.parametrize("value", [99, 999])
def test_nines_that_can_be_true_are_left_alone(value):
    assert findings("platelets" if value == 999 else "fasting_glucose", value) == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("st_depression", -2.6),
        ("st_depression", 6.2),
        ("st_depression", 0),
        ("total_cholesterol", 85),
        ("total_cholesterol", 603),
        ("systolic_pressure", 80),
        ("systolic_pressure", 200),
        ("exercise_heart_rate", 60),
        ("exercise_heart_rate", 202),
        ("fluoroscopy_vessels", 0),
        ("fluoroscopy_vessels", 3),
    ],
)
def test_a_real_oddity_is_kept(key, value):
    assert findings(key, value) == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [("systolic_pressure", 275), ("total_cholesterol", 750), ("body_temperature", 30), ("heart_rate", 245)],
)
def test_an_unusual_value_is_a_finding_that_is_not_held(key, value):
    (finding,) = findings(key, value)

    assert (finding.kind, finding.held, finding.suggestion) == ("implausible", False, None)
    assert "unusual" in finding.sentence


def test_a_blood_pressure_of_0_is_impossible_and_nothing_is_suggested():
    (finding,) = findings("systolic_pressure", 0)

    assert (finding.kind, finding.held, finding.suggestion) == ("impossible", True, None)
    assert finding.sentence == "Systolic blood pressure 0 mmHg is not possible; 30 to 350 mmHg is."


@pytest.mark.parametrize(
    ("key", "value", "unit", "readings"),
    [
        ("total_cholesterol", 12, "mg/dL", ("120 mg/dL", "464 mg/dL")),  # 12 x 10, and 12 mmol/L
        ("fasting_glucose", 7, "mg/dL", ("126 mg/dL", "70 mg/dL")),  # 7 mmol/L, and 7 x 10
        ("fasting_glucose", 126, "mmol/L", ("126 mg/dL", "227 mg/dL")),  # in mg/dL, and 12.6 mmol/L
    ],
)
def test_two_equally_likely_readings_are_both_named_and_none_is_suggested(key, value, unit, readings):
    (finding,) = findings(key, value, unit)

    assert (finding.held, finding.suggestion) == (True, None)
    assert all(reading in finding.sentence for reading in readings)


@pytest.mark.parametrize("value", [4, -1, 1.5])
def test_a_count_of_vessels_is_a_whole_number_from_0_to_3(value):
    (finding,) = findings("fluoroscopy_vessels", value)

    assert (finding.kind, finding.held) == ("impossible", True)


def test_swapped_pressures_are_held_on_both_sides_with_the_right_values():
    (on_systolic,) = findings("systolic_pressure", 80, context=ValueContext(others={"diastolic_pressure": 140}))
    (on_diastolic,) = findings("diastolic_pressure", 140, context=ValueContext(others={"systolic_pressure": 80}))

    assert on_systolic.kind == on_diastolic.kind == "swapped_pressures"
    assert (on_systolic.suggestion, on_diastolic.suggestion) == (140, 80)
    assert on_systolic.held
    assert on_diastolic.held
    assert "140/80 mmHg was meant" in on_systolic.sentence


def test_a_swap_is_seen_even_when_the_diastolic_value_is_implausible_alone():
    (finding,) = findings("diastolic_pressure", 200, context=ValueContext(others={"systolic_pressure": 110}))

    assert (finding.kind, finding.suggestion) == ("swapped_pressures", 110)


@pytest.mark.parametrize(("systolic", "diastolic"), [(80, 80), (100, 105)])
def test_pressures_too_close_to_be_swapped_are_held_without_a_suggestion(systolic, diastolic):
    (finding,) = findings("systolic_pressure", systolic, context=ValueContext(others={"diastolic_pressure": diastolic}))

    assert (finding.kind, finding.held, finding.suggestion) == ("swapped_pressures", True, None)


def test_a_slip_in_one_pressure_is_not_taken_for_a_swap_and_leaves_the_other_alone():
    beside_slip = ValueContext(others={"diastolic_pressure": 800})

    (slip,) = findings("systolic_pressure", 13, context=ValueContext(others={"diastolic_pressure": 80}))

    assert (slip.kind, slip.suggestion) == ("decimal_slip", 130)
    assert findings("systolic_pressure", 130, context=beside_slip) == ()


def test_right_pressures_are_not_swapped():
    assert findings("systolic_pressure", 140, context=ValueContext(others={"diastolic_pressure": 80})) == ()


def test_pounds_entered_as_kilograms_show_beside_the_weight_before():
    (finding,) = findings("body_weight", 165, context=ValueContext(history=((-90, 74),), age_years=50))

    assert (finding.kind, finding.held) == ("unit_slip", True)
    assert finding.suggestion == pytest.approx(74.8)  # 165 lb x 0.4536


def test_pounds_entered_as_kilograms_show_beside_the_height():
    # 165 kg at 160 cm is a body mass index of 64; 74.8 kg is one of 29.
    (finding,) = findings("body_weight", 165, context=ValueContext(others={"body_height": 160}, age_years=50))

    assert (finding.kind, finding.suggestion) == ("unit_slip", pytest.approx(74.8))


def test_a_height_in_inches_shows_in_an_adult():
    (finding,) = findings("body_height", 69, context=ValueContext(age_years=50))

    assert (finding.kind, finding.suggestion) == ("unit_slip", pytest.approx(175.3))  # 69 x 2.54 = 175.26


def test_a_heavy_person_who_was_heavy_before_is_left_alone():
    context = ValueContext(history=((-90, 160),), others={"body_height": 175}, age_years=50)

    assert findings("body_weight", 165, context=context) == ()


def test_a_child_is_not_judged_by_adult_figures():
    assert findings("body_height", 69, context=ValueContext(age_years=1)) == ()
    assert findings("body_weight", 12, context=ValueContext(age_years=2)) == ()
    (of_a_newborn,) = findings("respiratory_rate", 115, context=ValueContext(age_years=0))
    (of_an_adult,) = findings("respiratory_rate", 100, context=ValueContext(age_years=50))
    assert not of_a_newborn.held
    assert (of_an_adult.held, of_an_adult.suggestion) == (True, 10)


def test_answers_have_no_findings():
    measurement = CATALOGUE.by_key("exercise_angina")

    assert check(standardise((measurement.coding,), value=True)) == ()


@given(st.sampled_from(QUANTITIES), st.floats(0, 1), st.one_of(st.none(), st.integers(0, 100)))
def test_a_value_inside_the_plausible_limits_is_never_held_alone(measurement, share, age):
    low, high = plausible_for(measurement, context=ValueContext(age_years=age))
    value = low + share * (high - low)
    if measurement.whole:
        value = round(value)

    assert not any(finding.held for finding in findings(measurement.key, value, context=ValueContext(age_years=age)))


@given(st.sampled_from(QUANTITIES), st.floats(-1e4, 1e5))
def test_a_suggestion_is_always_plausible_and_never_the_value_itself(measurement, value):
    if measurement.zero_is_missing and value == 0:
        return
    low, high = measurement.plausible or measurement.possible

    for finding in findings(measurement.key, value):
        assert finding.suggestion is None or (finding.held and low <= finding.suggestion <= high)
        assert finding.suggestion != value


@given(st.sampled_from(QUANTITIES), st.floats(-1e4, 1e5))
def test_a_value_outside_the_possible_limits_is_always_held(measurement, value):
    low, high = measurement.possible
    if low <= value <= high or (measurement.zero_is_missing and value == 0):
        return

    assert [finding.held for finding in findings(measurement.key, value)] == [True]
