"""Numbers typed by people: a decimal comma is read where it is one, and never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardround.clinical.errors import UnreadableNumber
from wardround.clinical.numbers import read_number


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


def test_a_limit_is_not_a_number():
    with pytest.raises(UnreadableNumber, match="a limit"):
        read_number("<5")


@given(st.decimals(-10_000, 10_000, places=2))
def test_two_decimals_written_with_a_comma_come_back_exactly(number):
    text = str(number).replace(".", ",")

    assert read_number(text) == read_number(text, decimal="comma") == number
