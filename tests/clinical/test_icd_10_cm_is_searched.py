"""A diagnosis is found by its code, its title, its inclusion terms, and words that people use."""

import pytest

from wardround.clinical.icd_10_cm import load_icd_10_cm


def codes(text: str) -> list[str]:
    return [found.diagnosis.code for found in load_icd_10_cm().search(text, most=10)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("heart attack", "I21.9"),
        ("szívinfarktus", "I21.9"),
        ("SZIVINFARKTUS", "I21.9"),
        ("copd", "J44.9"),
        ("hypertension", "I10"),
        ("type 2 diab", "E11.9"),
        ("uti", "N39.0"),
        ("I10", "I10"),
        ("e119", "E11.9"),
    ],
)
def test_what_says_no_more_than_was_typed_comes_first(typed, first):
    assert codes(typed)[0] == first


def test_each_word_may_be_only_begun_and_their_order_does_not_matter():
    assert "I21.9" in codes("inf myoc ac")


def test_the_synonym_by_which_it_was_found_is_said():
    found = load_icd_10_cm().search("high blood pressure")[0]

    assert (found.diagnosis.code, found.term) == ("I10", "high blood pressure")


def test_a_code_with_a_seventh_character_says_what_that_means():
    assert load_icd_10_cm().find("S72.001A").title.endswith("initial encounter for closed fracture")
    assert load_icd_10_cm().find("T80.0XXA") is not None


def test_a_code_that_is_not_in_the_list_is_not_found():
    assert load_icd_10_cm().find("S72.001Y") is None
    assert load_icd_10_cm().find("X99.999") is None
    assert codes("qqqq") == []
