"""The m and u of a hospital's own pairs, by expectation and maximisation (Winkler 1988)."""

import random
from collections import Counter

import pytest

from wardround.clinical.identity_estimation import estimate
from wardround.clinical.identity_odds import Odds

TRUE = {
    "family": {"same": Odds(0.8, 0.1), "different": Odds(0.2, 0.9)},
    "birth": {"same": Odds(0.95, 0.02), "different": Odds(0.05, 0.98)},
    "sex": {"same": Odds(0.99, 0.5), "different": Odds(0.01, 0.5)},
}
GUESSED = {
    "family": {"same": Odds(0.6, 0.3), "different": Odds(0.4, 0.7)},
    "birth": {"same": Odds(0.7, 0.2), "different": Odds(0.3, 0.8)},
    "sex": {"same": Odds(0.9, 0.4), "different": Odds(0.1, 0.6)},
}


def drawn(number, *, share, seed=3):
    dice = random.Random(seed)
    seen = Counter()
    for _ in range(number):
        is_one = dice.random() < share
        pattern = set()
        for name, degrees in TRUE.items():
            chance = degrees["same"].m if is_one else degrees["same"].u
            pattern.add((name, "same" if dice.random() < chance else "different"))
        seen[frozenset(pattern)] += 1
    return seen


def test_one_step_is_the_expectation_worked_by_hand():
    model = {"birth": {"same": Odds(0.9, 0.1), "different": Odds(0.1, 0.9)}}
    seen = {frozenset({("birth", "same")}): 10, frozenset({("birth", "different")}): 90}

    found, share = estimate(seen, start=model, share=0.1, strength=0, rounds=1)

    # P(one | same) = .09/(.09+.09) = 1/2; P(one | different) = .01/(.01+.81) = 1/82.
    ones = 10 / 2 + 90 / 82
    assert share == pytest.approx((ones + 0.1) / 101)
    assert found["birth"]["same"].m == pytest.approx(5 / ones)
    assert found["birth"]["same"].u == pytest.approx(5 / (100 - ones))


def test_the_shares_that_made_the_pairs_are_found_again():
    found, share = estimate(drawn(40_000, share=0.3), start=GUESSED, share=0.1, strength=1, rounds=300)

    assert share == pytest.approx(0.3, abs=0.03)
    for name, degrees in TRUE.items():
        assert found[name]["same"].m == pytest.approx(degrees["same"].m, abs=0.03)
        assert found[name]["same"].u == pytest.approx(degrees["same"].u, abs=0.03)


def test_a_hospital_with_few_pairs_keeps_the_starting_values():
    found, _share = estimate(drawn(20, share=0.3), start=GUESSED, share=0.1, strength=10_000)

    assert found["birth"]["same"].m == pytest.approx(0.7, abs=0.01)
    assert estimate({}, start=GUESSED)[0] == GUESSED


def test_the_u_of_pairs_drawn_by_chance_are_counted():
    found, _share = estimate(
        drawn(1_000, share=0.5), start=GUESSED, share=0.5, strength=0, random=drawn(20_000, share=0)
    )

    assert found["birth"]["same"].u == pytest.approx(0.02, abs=0.005)
