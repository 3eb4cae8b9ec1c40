"""Numbers typed by people: a decimal comma is read where it is one, and never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardround.clinical.errors import UnreadableNumber
from wardround.clinical.numbers import read_number, read_quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6.03", "6.03"),
        ("1.50", "1.50"),
        ("-2.6", "-2.6"),
        ("\u22122.6", "-2.6"),
        (".5", "0.5"),
        ("6,03", "6.03"),
        ("0,123", "0.123"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1 234,5", "1234.5"),
        ("1'234.5", "1234.5"),
        ("1.5e3", "1.5E+3"),
    ],
)
def test_a_number_with_one_meaning_is_read_without_knowing_the_source(text, number):
    assert str(read_number(text)) == number


def test_one_comma_before_three_digits_is_read_only_when_the_source_says_how():
    with pytest.raises(UnreadableNumber, match="decimal sign or a thousands separator"):
        read_number("1,234")

    assert read_number("1,234", decimal="comma") == Decimal("1.234")
    assert read_number("1,234", decimal="point") == Decimal(1234)


def test_a_point_is_decimal_unless_the_source_writes_commas_and_it_can_separate_thousands():
    assert read_number("1.234") == Decimal("1.234")
    assert read_number("1.234", decimal="comma") == Decimal(1234)
    assert read_number("6.03", decimal="comma") == Decimal("6.03")


@pytest.mark.parametrize(
    "text", ["", "?", "n/a", "NaN", "inf", "1,2,3", "1.2.3", "1,23.456,7", "12 mg", "1-2", "--1", ","]
)
def test_what_is_no_number_is_refused_without_repeating_it(text):
    with pytest.raises(UnreadableNumber) as refusal:
        read_number(text)

    assert len(text) < 2 or text not in str(refusal.value)


@pytest.mark.parametrize("text", ["<5", "<0.01", ">600", "\u2265 5", "< 5 mg/dL"])
def test_a_limit_is_not_a_number(text):
    with pytest.raises(UnreadableNumber, match="a limit"):
        read_quantity(text)


@pytest.mark.parametrize(
    "text", ["neg", "Negative", "trace", "+++", "2+", "(+)", "not detected", "none seen", "pending"]
)
def test_a_finding_in_words_or_signs_is_not_a_number(text):
    with pytest.raises(UnreadableNumber, match="in words or signs"):
        read_quantity(text)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("5.4 mmol/L", "5.4", "mmol/L"),
        ("5,4mmol/l", "5.4", "mmol/l"),
        ("98%", "98", "%"),
        ("37,2 \u00b0C", "37.2", "\u00b0C"),
        ("1.234,5 mg/L", "1234.5", "mg/L"),
        ("250 x10^9/L", "250", "x10^9/L"),
        ("5.4 10*9/L", "5.4", "10*9/L"),
        ("80 /min", "80", "/min"),
        ("1.5e3", "1.5E+3", ""),
        ("5.4", "5.4", ""),
    ],
)
def test_a_unit_behind_the_number_is_taken_apart(text, number, unit):
    found, written = read_quantity(text)

    assert (str(found), written) == (number, unit)


@pytest.mark.parametrize("text", ["120/80", "5.4*", "~5", "5-6", "3 (approx)", "mg/dL", "1,234 mg/L", "- 5"])
def test_what_is_more_than_a_number_and_a_unit_is_refused(text):
    with pytest.raises(UnreadableNumber):
        read_quantity(text)


@given(st.text("0123456789 .,'+-<>eE/%mgdLx*^OlI\u00a0\u2212\u00b5", max_size=80))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    try:
        number, unit = read_quantity(text)
    except UnreadableNumber:
        return  # with a sentence, and no other error
    assert isinstance(number, Decimal)
    assert unit == unit.strip()


@given(st.decimals(-10_000, 10_000, places=2))
def test_two_decimals_written_with_a_comma_come_back_exactly(number):
    text = str(number).replace(".", ",")

    assert read_number(text) == read_number(text, decimal="comma") == number
