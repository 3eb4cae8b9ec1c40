"""The same number is typical in a newborn and impossible to believe in an adult: limits by age, as far as it is known, and by sex."""

import pytest

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.limits import change_for, limits_for
from wardround.clinical.plausibility import ValueContext, check
from wardround.clinical.standardise import standardise

CATALOGUE = load_catalogue()


def found(key, value, **context):
    measurement = CATALOGUE.by_key(key)
    return check(
        standardise((measurement.coding,), value=value, unit=measurement.unit), context=ValueContext(**context)
    )


@pytest.mark.parametrize(
    ("key", "of_a_newborn", "of_an_adult"),
    [
        ("body_weight", 3.4, 74),
        ("body_height", 51, 176),
        ("heart_rate", 235, 72),
        ("respiratory_rate", 95, 14),
        ("systolic_pressure", 48, 130),
        ("diastolic_pressure", 25, 80),
        ("head_circumference", 35, 56),
    ],
)
def test_what_is_typical_of_a_newborn_is_a_finding_in_an_adult_and_the_other_way_round(key, of_a_newborn, of_an_adult):
    assert found(key, of_a_newborn, age_years=0) == ()
    assert found(key, of_an_adult, age_years=40) == ()
    assert found(key, of_a_newborn, age_years=40) != ()


def test_an_unknown_age_is_given_the_widest_limits():
    height = CATALOGUE.by_key("body_height")

    assert limits_for(height, "plausible", context=ValueContext()) == (25, 230)
    assert limits_for(height, "plausible", context=ValueContext(age_years=40)) == (100, 230)
    assert found("body_height", 51) == ()


def test_an_age_known_only_to_the_year_is_given_the_limits_of_both_ages():
    # Born in 2023, measured in 2024: one day to nearly two years old.
    weight = CATALOGUE.by_key("body_weight")

    about_one = limits_for(weight, "plausible", context=ValueContext(age_years=1, age_within=1))

    assert about_one == (0.4, 50)
    assert found("body_weight", 3.4, age_years=1, age_within=1) == ()
    assert found("body_weight", 3.4, age_years=1.5) == ()


def test_the_reference_range_of_hemoglobin_is_that_of_the_sex():
    hemoglobin = CATALOGUE.by_key("hemoglobin")

    def healthy(sex):
        return limits_for(hemoglobin, "reference", context=ValueContext(age_years=40, sex=sex))

    assert (healthy("female"), healthy("male"), healthy(None)) == ((12, 15.5), (13.5, 17.5), (12, 17.5))
    assert limits_for(hemoglobin, "reference", context=ValueContext()) == (12, 17.5)


def test_a_child_grows_faster_than_an_adult():
    height = CATALOGUE.by_key("body_height")

    def in_a_year(age):
        return change_for(height, context=ValueContext(age_years=age)).year

    assert in_a_year(1) > in_a_year(9) > in_a_year(40)
    assert change_for(height, context=ValueContext()).year == in_a_year(1)


def test_a_newborns_bilirubin_and_hemoglobin_are_not_taken_for_slips():
    assert found("bilirubin_total", 12, age_years=0) == ()
    assert found("hemoglobin", 21, age_years=0) == ()
    assert found("alkaline_phosphatase", 420, age_years=9) == ()


def test_a_measurement_of_the_other_sex_is_held():
    (finding,) = found("prostate_specific_antigen", 2.1, sex="female", age_years=60)

    assert (finding.kind, finding.held, finding.suggestion) == ("wrong_sex", True, None)
    assert finding.sentence == (
        "Prostate specific antigen is measured in male patients; this patient is recorded as female."
    )


@pytest.mark.parametrize("sex", ["male", None])
def test_a_measurement_of_the_own_or_an_unknown_sex_is_not_held(sex):
    assert found("prostate_specific_antigen", 2.1, sex=sex, age_years=60) == ()
