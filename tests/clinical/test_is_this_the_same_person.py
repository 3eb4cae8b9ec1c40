"""Whether two descriptions are of one person."""

from dataclasses import replace
from math import log2

import pytest

from wardround.clinical.identity import Population, compare, degrees, grade_of
from wardround.clinical.identity_odds import STARTING, Odds
from wardround.clinical.person import Address, Identity

HOME = Address(street="12 fo u", postcode="1011", city="budapest")
ILONA = Identity(
    family=("kovacs",),
    given=("ilona", "maria"),
    birth="1963-05-12",
    sex="female",
    numbers=frozenset({("urn:wardround:mrn:test", "T-1")}),
    phones=frozenset({"301234567"}),
    addresses=(HOME,),
)
AGAIN = replace(ILONA, numbers=frozenset({("urn:wardround:mrn:test", "T-2")}))
TOWN = Population(10_000, expected=0.05)


def test_the_weight_of_a_degree_is_the_logarithm_of_m_over_u():
    assert Odds(m=0.8, u=0.1).weight == pytest.approx(3.0)
    assert Odds(m=0.2, u=0.9).weight == pytest.approx(-2.1699, abs=0.0001)


def test_the_starting_shares_of_each_field_add_up_to_one():
    for name, field in STARTING.items():
        if name != "swapped_names":  # it stands instead of two other fields
            assert sum(odds.m for odds in field.values()) == pytest.approx(1)
            assert sum(odds.u for odds in field.values()) == pytest.approx(1)


def test_the_score_is_worked_out_as_fellegi_and_sunter_have_it():
    one = Identity(birth="1963-05-12", sex="female")

    likeness = compare(one, one, population=Population(1000, expected=1))

    # Prior odds 1/1000; the birth date agrees (.945 against 1/25,000) and the sex (.99 against .5).
    odds = 1 / 1000 * (0.945 * 25_000) * (0.99 / 0.5)
    assert likeness.score == pytest.approx(odds / (1 + odds))
    assert likeness.weights == pytest.approx({"birth": log2(0.945 * 25_000), "sex": log2(1.98)})


def test_the_same_person_under_two_numbers_is_certain_and_another_is_certainly_not():
    other = Identity(family=("nagy",), given=("pal",), birth="1980-01-02", sex="male")

    assert compare(ILONA, AGAIN, population=TOWN).grade == "certain"
    assert compare(ILONA, other, population=TOWN).grade == "certainly-not"


def test_the_order_of_the_two_does_not_matter():
    other = replace(ILONA, family=("kovasc",), given=("maria",), birth="1963-12-05", addresses=())

    assert compare(ILONA, other) == compare(other, ILONA)


def test_what_one_side_does_not_state_adds_nothing():
    bare = replace(ILONA, phones=frozenset(), addresses=())

    assert compare(bare, ILONA).weights == compare(bare, bare).weights


@pytest.mark.parametrize(
    ("changes", "field", "degree"),
    [
        ({"family": ("kovasc",)}, "family", "slip"),
        ({"family": ("kovacs nagy",)}, "family", "part"),
        ({"family": ("szabo",)}, "family", "different"),
        ({"family": ("szabo", "kovacs")}, "family", "same"),  # a maiden name that is kept
        ({"family": ("ilona",), "given": ("kovacs",)}, "swapped_names", "same"),
        ({"given": ("ilonka",)}, "given", "slip"),
        ({"given": ("ilonnna",)}, "given", "alike"),
        ({"given": ("ilon",)}, "given", "short"),
        ({"given": ("maria",)}, "given", "shared"),
        ({"given": ("i",)}, "given", "initial"),
        ({"given": ("petra",)}, "given", "different"),
        ({"birth": "1963-12-05"}, "birth", "slip"),
        ({"birth": "1963-05-21"}, "birth", "slip"),
        ({"birth": "1936-05-12"}, "birth", "slip"),
        ({"birth": "1963-05-30"}, "birth", "near"),
        ({"birth": "1971-11-30"}, "birth", "different"),
        ({"birth": "1963"}, "birth_year", "same"),
        ({"birth": "1963-01-01"}, "birth_year", "same"),  # the day was not known
        ({"birth": "1963-05"}, "birth_month", "same"),
        ({"sex": "male"}, "sex", "different"),
        ({"phones": frozenset({"301234576"})}, "phone", "slip"),
        ({"addresses": (replace(HOME, street="12 fu u"),)}, "address", "alike"),
        ({"addresses": (replace(HOME, street="9 kossuth u"),)}, "address", "postcode"),
        ({"addresses": (Address("9 kossuth u", "1117", "budapest"),)}, "address", "city"),
        ({"addresses": (Address("12 fo u", "6720", "szeged"),)}, "address", "different"),
    ],
)
def test_a_slip_is_told_from_another_value(changes, field, degree):
    assert degrees(ILONA, replace(AGAIN, **changes))[field] == degree


def test_short_names_that_differ_by_a_letter_are_names_of_their_own():
    kim, lim = Identity(family=("kim",)), Identity(family=("lim",))

    assert degrees(kim, lim)["family"] == "different"


def test_another_number_of_the_hospital_says_little_and_another_number_for_life_much():
    system = "urn:oid:1.2.3"
    own = replace(ILONA, numbers=frozenset({(system, "123456789")}), lifelong=frozenset({system}))
    other = replace(own, numbers=frozenset({(system, "987654321")}))
    mistyped = replace(own, numbers=frozenset({(system, "123456798")}))

    assert compare(ILONA, AGAIN).weights["number"] > -1
    assert compare(own, other).weights["lifelong_number"] < -5
    assert degrees(own, mistyped)["lifelong_number"] == "slip"
    # A hospital gives its numbers one after the other: neighbours are no slips.
    assert degrees(ILONA, AGAIN)["number"] == "different"


def test_a_rare_name_weighs_more_than_a_frequent_one():
    alone = Identity(family=("kovacs",))
    frequent = Population(10_000, names={("family", "kovacs"): 200})
    rare = Population(10_000, names={("family", "kovacs"): 2})

    assert compare(alone, alone, population=rare).score > compare(alone, alone, population=frequent).score
    # 199 others and 200 patients' worth of the usual .003, among 10,200.
    expected = log2(0.86 / ((199 + 200 * 0.003) / 10_200))
    assert compare(alone, alone, population=frequent).weights["family"] == pytest.approx(expected)


def test_twins_father_and_son_and_strangers_of_one_birthday_are_not_one_person():
    twin = replace(AGAIN, given=("petra",))
    parent = replace(AGAIN, birth="1935-09-30")
    stranger = Identity(family=("kovacs",), given=("petra",), birth="1963-05-12", sex="female")
    resident = Identity(family=("szabo",), given=("ilona",), birth="1940-02-03", phones=ILONA.phones)

    for other in (twin, parent, stranger, resident):
        assert compare(ILONA, other, population=TOWN).grade in {"possible", "certainly-not"}


def test_one_person_who_moved_and_married_is_found_by_the_rest():
    moved = replace(AGAIN, addresses=(Address("9 kossuth u", "6720", "szeged"),), phones=frozenset())
    married = replace(AGAIN, family=("szabo",))

    assert compare(ILONA, moved, population=TOWN).grade in {"certain", "probable"}
    assert compare(ILONA, married, population=TOWN).grade in {"certain", "probable"}


def test_grades_begin_where_they_are_documented():
    assert [grade_of(score) for score in (0.999, 0.9, 0.3, 0.29)] == [
        *("certain", "probable", "possible", "certainly-not")
    ]
