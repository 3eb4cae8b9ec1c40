"""Commensurable units reduce to one base unit; what counts different things does not."""

import runpy
from pathlib import Path

import pytest

from wardround.clinical.base_units import reduction_of

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT.parent / "shared" / "suites" / "fhir-r4-definitions"
SHIPPED = ROOT / "src" / "wardround" / "clinical" / "unit_bases.json"


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


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published R4 definitions are not beside this checkout")
def test_the_script_makes_the_shipped_table_byte_for_byte(tmp_path):
    script = runpy.run_path(str(ROOT / "scripts" / "distil_unit_bases.py"))

    script["main"](PUBLISHED, tmp_path / "unit_bases.json")

    assert (tmp_path / "unit_bases.json").read_bytes() == SHIPPED.read_bytes()


def test_gram_percent_is_a_concentration():
    assert reduction_of("g%") == reduction_of("g/dL")


def test_a_unit_outside_the_table_is_reduced_too():
    assert reduction_of("ug/hL").base_unit == reduction_of("mg/dL").base_unit
