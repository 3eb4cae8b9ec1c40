"""Commensurable units reduce to one base unit; what counts different things does not."""

import pytest

from wardround.clinical.base_units import reduction_of


@pytest.mark.parametrize(
    ("one", "number", "other", "same"),
    [
        ("g/L", 1.26, "mg/dL", 126),
        ("umol/L", 88.4, "mmol/L", 0.0884),
        ("Cel", 37, "[degF]", 98.6),
        ("mm[Hg]", 120, "kPa", 15.9986864898),
        ("10*3/uL", 7.1, "10*9/L", 7.1),
        ("a", 1, "d", 365.25),
    ],
)
def test_equal_quantities_have_equal_numbers_in_the_base_unit(one, number, other, same):
    first, second = reduction_of(one), reduction_of(other)

    assert first.base_unit == second.base_unit
    assert first.apply(number) == pytest.approx(second.apply(same), rel=1e-9)


@pytest.mark.parametrize(
    ("one", "other"),
    [("mg/dL", "mmol/L"), ("meq/L", "mmol/L"), ("[IU]/L", "10*9/L"), ("mL/min/{1.73_m2}", "mL/min"), ("Cel", "mg")],
)
def test_what_counts_different_things_stays_apart(one, other):
    assert reduction_of(one).base_unit != reduction_of(other).base_unit


@pytest.mark.parametrize("text", ["", "bananas", "{score}", "é", "B", "mg/dl/", "[pH]"])
def test_what_is_no_unit_or_a_logarithm_is_not_reduced(text):
    assert reduction_of(text) is None
