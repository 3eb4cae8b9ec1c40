"""Names, dates and addresses are compared in one spelling, by published measures."""

import pytest

from wardround.clinical.likeness import is_date_slip, is_one_slip, jaro_winkler
from wardround.clinical.person import address_of, email_of, folded, generation_of, given_names_of, phone_of


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    # Winkler 1990's own examples, as they are printed in the literature on the measure.
    [("MARTHA", "MARHTA", 0.961), ("DWAYNE", "DUANE", 0.840), ("DIXON", "DICKSONX", 0.813), ("A", "B", 0.0)],
)
def test_jaro_winkler_gives_the_published_likeness(one, other, expected):
    assert jaro_winkler(one, other) == pytest.approx(expected, abs=0.001)
    assert jaro_winkler(other, one) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("1963-05-02", "1963-02-05", True),
        ("1963-05-02", "1936-05-02", True),
        ("1963-05-02", "1963-05-03", True),
        ("1963-05-02", "1964-06-02", False),
        ("1963-05-02", "1963-05-02", False),
        ("1963", "1964", False),
    ],
)
def test_a_slip_of_a_date_is_told_from_another_date(one, other, slip):
    assert is_date_slip(one, other) is slip


@pytest.mark.parametrize("mistyped", ["kovasc", "kovas", "kovaccs", "kovaks"])
def test_one_letter_wrong_missing_too_many_or_swapped_is_a_slip(mistyped):
    assert is_one_slip("kovacs", mistyped)
    assert is_one_slip(mistyped, "kovacs")
    assert not is_one_slip("kovacs", mistyped + "xy")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("KOVÁCS", "kovacs"),
        ("O'Malley", "omalley"),
        ("García-López", "garcia lopez"),
        ("Søren Łukasz", "soren lukasz"),
        ("Weiß", "weiss"),
        ("  ", ""),
    ],
)
def test_names_lose_case_accents_and_signs(text, same):
    assert folded(text) == same


def test_given_names_in_one_field_are_several():
    assert given_names_of(["Anna Mária", "Éva"]) == ("anna", "maria", "eva")


def test_a_telephone_is_the_same_with_and_without_its_country():
    assert phone_of("+36 30 123 4567") == phone_of("06-30-123-4567") == "301234567"
    assert phone_of("none") == ""


def test_streets_and_postcodes_are_the_same_however_they_are_abbreviated():
    full = address_of(lines=["12 North Hill Street"], postcode="02114-1234", city="Boston")

    assert full == address_of(lines=["12 N. Hill St."], postcode="02114", city="BOSTON")
    assert address_of(lines=["Fő utca 3"]).street == "fo u 3"


def test_what_is_no_address_is_none():
    assert email_of("see file") == ""
    assert email_of(" A.Novak@Example.org ") == "a.novak@example.org"
    assert generation_of(["MD", "Jr."]) == "jr"
    assert generation_of(["MD"]) == ""
