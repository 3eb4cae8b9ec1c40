"""Whether two descriptions are of one person."""

from dataclasses import replace

import pytest

from wardround.clinical.identity import Identity, Odds, compare, is_slip, jaro_winkler

ILONA = Identity(
    family=frozenset({"kovacs"}),
    given=frozenset({"ilona"}),
    birth="1963-05-02",
    sex="female",
    numbers=frozenset({("urn:wardround:mrn:test", "T-1")}),
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    # Winkler 1990's own examples, as they are printed in the literature on the measure.
    [("MARTHA", "MARHTA", 0.961), ("DWAYNE", "DUANE", 0.840), ("DIXON", "DICKSONX", 0.813), ("A", "B", 0.0)],
)
def test_jaro_winkler_gives_the_published_likeness(one, other, expected):
    assert jaro_winkler(one, other) == pytest.approx(expected, abs=0.001)
    assert jaro_winkler(other, one) == pytest.approx(expected, abs=0.001)


def test_the_weight_of_agreement_is_the_logarithm_of_m_over_u():
    odds = Odds(m=0.8, u=0.1)

    assert odds.agreement == pytest.approx(3.0)
    assert odds.disagreement == pytest.approx(-2.1699, abs=0.0001)


def test_the_same_person_is_certain_and_another_is_certainly_not():
    other = Identity(family=frozenset({"nagy"}), given=frozenset({"pal"}), birth="1980-01-01", sex="male")

    assert compare(ILONA, ILONA).grade == "certain"
    assert compare(ILONA, other).grade == "certainly-not"


def test_swapped_day_and_month_lower_the_score_and_do_not_end_it():
    swapped = replace(ILONA, birth="1963-02-05", numbers=frozenset())
    far = replace(ILONA, birth="1971-11-30", numbers=frozenset())

    assert compare(ILONA, ILONA).score > compare(ILONA, swapped).score > 0.9
    assert compare(ILONA, far).grade == "certainly-not"


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("1963-05-02", "1963-02-05", True),
        ("1963-05-02", "1936-05-02", True),
        ("1963-05-02", "1963-05-03", True),
        ("1963-05-02", "1964-06-02", False),
        ("1963", "1964", False),
    ],
)
def test_a_slip_of_a_birth_date_is_told_from_another_date(one, other, slip):
    assert is_slip(one, other) is slip


def test_what_one_side_does_not_state_adds_nothing():
    bare = replace(ILONA, numbers=frozenset())

    assert compare(bare, ILONA).score == compare(bare, bare).score


def test_numbers_of_different_hospitals_do_not_speak_against_a_person():
    elsewhere = replace(ILONA, numbers=frozenset({("urn:wardround:mrn:other", "9")}))
    another = replace(ILONA, numbers=frozenset({("urn:wardround:mrn:test", "T-2")}))

    assert compare(elsewhere, ILONA).score > compare(another, ILONA).score
