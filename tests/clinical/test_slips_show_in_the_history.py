"""Slips that are plausible alone: the patient's own values before and after tell them, and a true change is left alone."""

import pytest

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.plausibility import Finding, ValueContext, check
from wardround.clinical.standardise import standardise

CATALOGUE = load_catalogue()
History = tuple[tuple[float, float], ...]


def findings(key: str, value: float, history: History, age: float = 50) -> tuple[Finding, ...]:
    measurement = CATALOGUE.by_key(key)
    standard = standardise((measurement.coding,), value=value, unit=measurement.unit)
    return check(standard, context=ValueContext(history=history, age_years=age))


@pytest.mark.parametrize(
    ("key", "value", "history", "kind", "meant"),
    [
        ("creatinine", 11, ((-20, 1.0), (-3, 1.2), (4, 1.1)), "decimal_slip", 1.1),
        ("platelets", 25, ((-30, 262), (-2, 240), (2, 251)), "decimal_slip", 250),
        ("platelets", 240, ((-9, 22), (-1, 26), (1, 23)), "decimal_slip", 24),
        ("urea_nitrogen", 6.4, ((-3, 17), (-1, 18), (1, 19)), "unit_slip", 17.9),  # 6.4 mmol/L x 2.80
        ("phosphate", 1.1, ((-3, 3.2), (-1, 3.5), (1, 3.4)), "unit_slip", 3.4),  # 1.1 mmol/L x 3.097
        ("body_weight", 165, ((-200, 74), (-90, 75), (100, 76)), "unit_slip", 74.8),  # pounds
        ("sodium", 124, ((-2, 143), (-1, 141), (1, 142)), "transposed_digits", 142),
        ("body_height", 157, ((-700, 175), (-300, 175)), "transposed_digits", 175),
    ],
)
def test_a_slip_that_is_plausible_alone_is_held_with_the_value_that_fits_the_history(key, value, history, kind, meant):
    (finding,) = findings(key, value, history)

    assert (finding.kind, finding.held) == (kind, True)
    assert finding.suggestion == pytest.approx(meant)
    assert "does not fit the chart: this patient has" in finding.sentence
    assert findings(key, value, ()) == ()


@pytest.mark.parametrize(("before", "after"), [(((-20, 1.0), (-3, 1.2)), ()), ((), ((3, 1.2), (20, 1.0)))])
def test_one_side_of_the_history_is_enough_for_a_steady_value(before, after):
    (finding,) = findings("creatinine", 11, (*before, *after))

    assert finding.suggestion == pytest.approx(1.1)


def test_a_history_that_says_which_of_two_readings_was_meant_gives_a_suggestion():
    # 7 mg/dL: 126 from mmol/L, or 70 with the point one place further.
    def meant(history: History) -> float | None:
        return findings("fasting_glucose", 7, history)[0].suggestion

    assert meant(()) is None
    assert meant(((-300, 128), (-90, 131), (90, 124))) == 126
    assert meant(((-300, 71), (-90, 69), (90, 73))) == 70


@pytest.mark.parametrize(
    ("key", "value", "history"),
    [
        ("creatinine", 3.4, ((-3, 1.0), (-2, 1.4), (-1, 2.3))),  # acute kidney injury
        ("creatinine", 11, ((-30, 8), (-3, 9.2))),  # the same number where kidneys fail
        ("platelets", 60, ((-3, 240), (-1, 130))),  # consumption
        ("glucose", 620, ((-3, 140), (-1, 180))),  # ketoacidosis
        ("sodium", 128, ((-20, 139), (-9, 140))),
        ("hemoglobin", 6.1, ((-3, 12), (-1, 11.5))),  # bleeding
        ("body_weight", 96, ((-400, 140),)),  # a year after bariatric surgery
        ("international_normalized_ratio", 2.6, ((-7, 1.0),)),  # anticoagulated
        ("aspartate_aminotransferase", 4000, ((-10, 30), (-1, 35))),  # shock liver: it surges
        ("troponin_t", 3.2, ((-0.5, 0.02),)),  # infarction: it surges
    ],
)
def test_a_true_change_is_not_held(key, value, history):
    assert not any(finding.held for finding in findings(key, value, history))


def test_a_person_who_was_always_extreme_is_left_alone():
    assert findings("platelets", 25, ((-300, 31), (-90, 22), (90, 27))) == ()
    (alone,) = findings("sodium", 98, ())
    assert not findings("sodium", 102, ((-9, 101), (-2, 104)))
    assert not alone.held


def test_a_growing_child_is_not_taken_for_a_slip():
    assert findings("body_height", 69, ((-270, 50), (-90, 62)), age=1) == ()
    assert findings("body_weight", 9.8, ((-360, 3.3), (-180, 7.6)), age=1) == ()


@pytest.mark.parametrize("history", [((-20, 1.0), (-3, 11), (4, 1.2)), ((-3, 11), (4, 1.2)), ((-3, 11),)])
def test_one_wrong_neighbour_does_not_make_a_right_value_wrong(history):
    assert findings("creatinine", 1.1, history) == ()


def test_a_restless_patient_is_given_more_room_than_a_steady_one():
    steady = ((-5, 90), (-4, 92), (-3, 91), (-2, 90), (-1, 92), (1, 91), (2, 90))
    restless = ((-5, 90), (-4, 260), (-3, 110), (-2, 320), (-1, 95), (1, 240), (2, 100))

    assert findings("glucose", 290, steady)[0].kind == "delta"
    assert findings("glucose", 290, restless) == ()


@pytest.mark.parametrize(
    ("key", "value", "history"),
    [
        ("body_height", 150, ((-700, 176), (-300, 175), (200, 176))),
        ("mean_cell_volume", 104, ((-3, 82), (-1, 83), (1, 82))),
        ("body_weight", 52, ((-300, 78), (-100, 80), (100, 79))),
    ],
)
def test_a_value_that_no_slip_explains_and_that_leaves_and_comes_back_is_held_without_a_suggestion(key, value, history):
    (finding,) = findings(key, value, history)

    assert (finding.kind, finding.held, finding.suggestion) == ("delta", True, None)
    assert "kept out until somebody decides" in finding.sentence


def test_a_large_step_in_one_direction_is_only_remarked_on():
    (finding,) = findings("mean_cell_volume", 104, ((-3, 82), (-1, 83)))

    assert (finding.kind, finding.held) == ("delta", False)
    assert "used as it is" in finding.sentence


def test_a_small_step_is_not_even_a_remark():
    assert findings("mean_cell_volume", 85, ((-3, 82), (-1, 83), (1, 82))) == ()
    assert findings("body_height", 172, ((-700, 176), (-300, 175), (200, 176))) == ()
