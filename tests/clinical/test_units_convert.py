"""Units: UCUM and its spellings, and mass to substance by the molar mass of what is measured."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardround.clinical.base_units import reduction_of
from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.errors import IncommensurableUnits, UnknownUnit
from wardround.clinical.units import canonical_unit, conversion, convert, omop_of_unit, unit_for_people

CHOLESTEROL = 386.65  # g/mol
GLUCOSE = 180.156


def test_100_mg_per_dl_of_cholesterol_is_2_586_mmol_per_l():
    # 100 mg/dL = 1 g/L; 1 / 386.65 mol/L = 2.586 mmol/L
    assert convert(100, from_unit="mg/dL", to_unit="mmol/L", molar_mass=CHOLESTEROL) == pytest.approx(2.586, abs=5e-4)


def test_126_mg_per_dl_of_glucose_is_6_994_mmol_per_l():
    assert convert(126, from_unit="mg/dL", to_unit="mmol/L", molar_mass=GLUCOSE) == pytest.approx(6.994, abs=5e-4)


def test_one_mmol_per_l_of_cholesterol_is_exactly_38_665_mg_per_dl():
    assert conversion("mmol/L", "mg/dL", CHOLESTEROL).factor == 38.665


def test_mass_is_not_converted_to_substance_without_a_molar_mass():
    with pytest.raises(IncommensurableUnits, match=r"mg/dL cannot be converted to mmol/L.*molar mass"):
        conversion("mg/dL", "mmol/L")


@pytest.mark.parametrize(
    ("value", "unit", "standard", "expected"),
    [
        (98.6, "[degF]", "Cel", 37.0),
        (32, "F", "°C", 0.0),
        (150, "lb", "kg", 68.0388555),
        (69, "inches", "cm", 175.26),
        (1.75, "m", "cm", 175.0),
        (0.97, "1", "%", 97.0),
        (17.3, "kPa", "mm[Hg]", 129.76),
    ],
)
def test_common_units_convert(value, unit, standard, expected):
    assert convert(value, from_unit=unit, to_unit=standard) == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize(
    ("spelling", "ucum"),
    [
        ("mmHg", "mm[Hg]"),
        ("mm Hg", "mm[Hg]"),
        ("MMHG", "mm[Hg]"),
        ("MG/DL", "mg/dL"),
        ("mg/dl", "mg/dL"),
        ("mmol/l", "mmol/L"),
        ("bpm", "/min"),
        ("Beats/Min", "/min"),
        (" mg/dL ", "mg/dL"),
        ("10*3/uL", "10*3/uL"),
        ("\u00b5g/L", "ug/L"),  # the micro sign
        ("\u03bcmol/L", "umol/L"),  # the Greek letter
        ("mcg/mL", "ug/mL"),
        ("10^9/L", "10^9/L"),  # UCUM knows both
        ("x10^9/L", "10*9/L"),
        ("x10E3/uL", "10*3/uL"),
        ("10e9/L", "10*9/L"),
        ("10^3/\u00b5L", "10*3/uL"),
        ("kg/m\u00b2", "kg/m2"),
        ("kg/m^2", "kg/m2"),
        ("G/L", "10*9/L"),  # giga, not gauss
        ("K/mm3", "10*3/uL"),  # thousands, not kelvin
        ("ML", "mL"),  # not the megalitre
        ("MG/L", "mg/L"),  # not the megagram
        ("mL/min/1.73 m2", "mL/min/{1.73_m2}"),
        ("mL/min/1.73m\u00b2", "mL/min/{1.73_m2}"),
        ("/100 WBC", "/100{WBC}"),
        ("INR", "1"),
    ],
)
def test_a_spelling_of_a_unit_is_understood(spelling, ucum):
    assert canonical_unit(spelling) == ucum


@pytest.mark.parametrize(
    "unit", ["mL/min/{1.73_m2}", "/100{WBC}", "{INR}", "%{WBC}", "mg/g{creat}", "{cells}/uL", "10*3/uL{WBC}"]
)
def test_an_annotated_unit_survives_as_it_was_received(unit):
    assert canonical_unit(unit) == unit


@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [
        ("/100{WBC}", "%", 1),
        ("{INR}", "1", 1),
        ("%{WBC}", "%", 1),
        ("mg/g{creat}", "mg/g", 1),
        ("{cells}/uL", "10*3/uL", 0.001),
        ("mL/min/{1.73_m2}", "mL/min/{1.73_m2}", 1),
    ],
)
def test_an_annotation_says_what_is_counted_and_changes_no_number(one, other, factor):
    assert conversion(one, other).factor == pytest.approx(factor)


@pytest.mark.parametrize("text", ["bananas", "", "mg per something", "µ", "gr", "M", "c", "f", "°"])
def test_an_unknown_unit_is_refused_with_an_example_of_a_right_one(text):
    with pytest.raises(UnknownUnit, match="mg/dL"):
        canonical_unit(text)


def test_units_that_count_different_things_do_not_convert_although_their_dimensions_agree():
    for one, other in [
        ("[IU]/L", "10*3/uL"),
        ("meq/L", "mmol/L"),
        ("mosm/L", "mmol/L"),
        ("mL/min/{1.73_m2}", "mL/min"),
        ("mm[Hg]", "mg/dL"),
    ]:
        with pytest.raises(IncommensurableUnits, match="cannot be converted"):
            conversion(one, other)
    assert convert(60, from_unit="mL/min/{1.73_m2}", to_unit="L/min/{1.73_m2}") == pytest.approx(0.06)


@pytest.mark.parametrize(
    "unit", ["10*999999999", "10^999999999", "10*999999999.m", "10*-999999999", "10*400", "9" * 400, "a." * 600 + "a"]
)
def test_a_unit_with_an_immense_number_is_no_unit_and_takes_no_time(unit):
    assert reduction_of(unit) is None
    for from_unit, to_unit in [(unit, "1"), ("1", unit), (unit, "kg")]:
        with pytest.raises(UnknownUnit):
            conversion(from_unit, to_unit)


@pytest.mark.parametrize("unit", [".".join(["10*99"] * 30), ".".join(["10*-99"] * 30)])
def test_a_factor_that_makes_every_value_zero_or_infinite_is_refused(unit):
    assert reduction_of(unit) is None
    for from_unit, to_unit in [(unit, "1"), ("1", unit)]:
        with pytest.raises((IncommensurableUnits, UnknownUnit)):
            conversion(from_unit, to_unit)


def test_powers_of_ten_in_use_convert():
    assert convert(5, from_unit="10*9/L", to_unit="10*3/uL") == pytest.approx(5)
    assert convert(1, from_unit="10*-12", to_unit="1") == pytest.approx(1e-12)


def test_the_rule_of_a_conversion_is_readable():
    assert conversion("mmol/l", "MG/DL", CHOLESTEROL).rule == "mmol/L x 38.665 -> mg/dL"
    assert conversion("F", "C").rule == "[degF] x 0.555556 - 17.7778 -> Cel"


def test_people_read_mmhg_and_ucum_units_have_omop_concepts():
    assert unit_for_people("mm[Hg]") == "mmHg"
    assert unit_for_people("mg/dL") == "mg/dL"
    assert omop_of_unit("mm[Hg]") == "8876"
    assert omop_of_unit("mg/dL") == "8840"
    assert omop_of_unit("{score}") is None


ROUND_TRIPS = [(m, unit) for m in load_catalogue() for unit in m.mistaken_units]


@given(st.sampled_from(ROUND_TRIPS), st.floats(0.01, 1e5))
def test_there_and_back_again_is_the_same_value(pair, value):
    measurement, unit = pair

    there = convert(value, from_unit=measurement.unit, to_unit=unit, molar_mass=measurement.molar_mass)
    back = convert(there, from_unit=unit, to_unit=measurement.unit, molar_mass=measurement.molar_mass)

    assert back == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_importing_and_the_usual_units_do_not_load_the_unit_registry():
    code = (
        "import sys; from wardround.clinical import plausibility, standardise; from wardround.clinical.units import conversion;"
        "assert conversion('mmHg', 'mm[Hg]').is_identity; assert 'pint' not in sys.modules and 'ucumvert' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_bare_annotation_is_the_unit_one_as_ucum_says():
    assert conversion("{nominal}", "1").is_identity
    assert conversion("1", "{score}").is_identity


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [("K/uL", "10*3/uL"), ("m/uL", "10*6/uL"), ("#/hpf", "/[HPF]"), ("sec", "s"), ("mOsm/kg", "mosm/kg")],
)
def test_a_laboratory_s_own_spelling_of_a_unit_is_read(spelling, unit):
    assert canonical_unit(spelling) == unit
