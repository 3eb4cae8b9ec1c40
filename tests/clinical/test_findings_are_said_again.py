"""Every finding's sentence can be taken apart into the template that made it and what stood in its places."""

import pytest

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.findings import ValueContext
from wardround.clinical.plausibility import check
from wardround.clinical.sentences import parsed, templates
from wardround.clinical.standardise import Standard, standardise


def found(key: str, value: float, context: ValueContext | None = None) -> str:
    measurement = load_catalogue().by_key(key)
    result = standardise((measurement.coding,), value=value, unit=measurement.unit)
    assert isinstance(result, Standard)
    return check(result, context=context or ValueContext())[0].sentence


def test_a_decimal_slip_names_the_value_the_reason_and_what_was_meant():
    template, places = parsed(found("body_temperature", 386))

    assert template == "%(value)s is not possible. %(meant)s was probably meant: %(why)s."
    assert places == {
        "value": "Body temperature 386 °C",
        "meant": "38.6 °C",
        "why": "the decimal point seems to have moved by one place",
    }
    assert parsed(places["why"]) == ("the decimal point seems to have moved by %(places)s", {"places": "one place"})


def test_of_two_templates_that_fit_the_one_that_says_more_made_the_sentence():
    swapped = found("systolic_pressure", 80, ValueContext(others={"diastolic_pressure": 120.0}))

    assert parsed(swapped)[0].endswith("they seem to be swapped, and %(meant)s mmHg was meant.")


@pytest.mark.parametrize("key", sorted(m.key for m in load_catalogue() if m.possible))
def test_an_impossible_value_of_every_measurement_is_said_by_a_template(key):
    measurement = load_catalogue().by_key(key)

    assert parsed(found(key, int(measurement.possible[1] * 3 + 7))) is not None


def test_what_no_template_made_is_left_alone():
    assert parsed("Somebody wrote this by hand.") is None


def test_a_template_has_each_place_once():
    assert [t for t in templates() for p in t.split("%(")[1:] if t.count(f"%({p.split(')')[0]})s") != 1] == []
