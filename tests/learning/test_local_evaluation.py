"""A model on one hospital's held-out patients: figures worked by hand, intervals that repeat, small groups hidden."""

import numpy as np
import pytest

from wardround.learning.features import Feature, RawTable
from wardround.learning.local_evaluation import (
    calibration_intercept,
    calibration_slope,
    local_evaluation,
    log_odds,
    performance,
)

FEATURES = (
    Feature(name="age", title="Age", kind="numeric", code="MEDS_BIRTH", unit="a"),
    Feature(name="sex", title="Sex", kind="category", code="GENDER", answers=("female", "male")),
)


def patients(count: int, *, seed: int = 1, women: int | None = None):
    dice = np.random.default_rng(seed)
    chance = dice.uniform(0.05, 0.95, count)
    labels = (dice.uniform(size=count) < chance).astype(float)
    share = count // 2 if women is None else women
    rows = [{"age": 40 + n % 40, "sex": "female" if n < share else "male"} for n in range(count)]
    return labels, chance, RawTable.of_rows(rows, features=FEATURES)


def test_a_calibrated_model_has_slope_one_and_intercept_nought():
    labels, chance, _raw = patients(4000)

    assert calibration_slope(labels, chance) == pytest.approx(1.0, abs=0.1)
    assert calibration_intercept(labels, chance) == pytest.approx(0.0, abs=0.1)


def test_estimates_too_extreme_have_a_slope_below_one():
    labels, chance, _raw = patients(4000)

    extreme = 1 / (1 + np.exp(-2 * log_odds(chance)))

    assert calibration_slope(labels, extreme) == pytest.approx(0.5, abs=0.05)


def test_the_intercept_is_the_log_odds_that_are_missing_on_average():
    # 8 of 10 have it and each was given 50 %: log(0.8 / 0.2)
    labels = np.array([1.0] * 8 + [0.0] * 2)

    assert calibration_intercept(labels, np.full(10, 0.5)) == pytest.approx(np.log(4))


def test_outcomes_that_separate_have_no_slope():
    assert calibration_slope(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.2, 0.8, 0.9])) is None


def test_resamples_that_all_give_the_same_are_no_interval():
    labels = np.array([0.0] * 6 + [1.0] * 6)

    area = performance(labels, probabilities=np.linspace(0.05, 0.95, 12), seed="any").auroc

    assert (area.value, area.low, area.high) == (1.0, None, None)


def test_one_outcome_only_has_no_intercept_and_no_auroc():
    found = performance(np.ones(12), probabilities=np.full(12, 0.9), seed="s")

    assert found.auroc.value is None
    assert found.intercept.value is None
    assert found.brier.value == pytest.approx(0.01)


def test_intervals_hold_their_value_and_the_same_seed_gives_the_same():
    labels, chance, _raw = patients(120)

    one, again = (performance(labels, probabilities=chance, seed="s") for _ in range(2))

    assert one == again
    for figure in (one.auroc, one.brier, one.slope, one.intercept):
        assert figure.low < figure.value < figure.high
    assert one.positives == int(labels.sum())


def test_a_bootstrap_interval_of_the_auroc_is_as_wide_as_delong_s():
    from wardround.learning.evaluate import evaluate

    labels, chance, _raw = patients(300)

    by_bootstrap = performance(labels, probabilities=chance, seed="s").auroc
    by_formula = evaluate(labels, probabilities=chance)

    assert by_bootstrap.high - by_bootstrap.low == pytest.approx(by_formula.auroc_high - by_formula.auroc_low, rel=0.25)


def test_each_sex_and_age_band_has_its_figures():
    labels, chance, raw = patients(400)

    found = local_evaluation(labels, probabilities=chance, raw=raw, seed="s")["subgroups"]

    assert [(g["kind"], g["name"]) for g in found] == [
        ("age", "<45"), ("age", "45-54"), ("age", "55-64"), ("age", "65+"), ("sex", "female"), ("sex", "male"),
    ]  # fmt: skip
    assert sum(g["performance"]["patients"] for g in found if g["kind"] == "sex") == 400


@pytest.mark.parametrize("women", [3, 9])
def test_a_small_group_is_hidden_and_cannot_be_told_by_subtraction(women):
    labels, chance, raw = patients(200, women=women)

    found = local_evaluation(labels, probabilities=chance, raw=raw, seed="s")["subgroups"]

    assert [g["performance"] for g in found if g["kind"] == "sex"] == [None, None]


def test_a_group_with_four_of_one_outcome_is_hidden():
    labels, chance, raw = patients(200)
    labels[:100] = 0.0
    labels[:4] = 1.0

    found = local_evaluation(labels, probabilities=chance, raw=raw, seed="s")["subgroups"]

    assert next(g for g in found if g["name"] == "female")["performance"] is None
