"""Drift since adoption: a planted shift is found, the same population never is, and few patients say nothing."""

import numpy as np
import pytest

from wardround.learning.drift import calibration_drift, input_drift, profile
from wardround.learning.features import Feature, RawTable

FEATURES = (
    Feature(name="pressure", title="Pressure", kind="numeric", code="LOINC//8480-6", unit="mm[Hg]"),
    Feature(
        name="pain", title="Pain", kind="category", code="WARDROUND//chest_pain_type", answers=("typical", "other")
    ),
    Feature(name="angina", title="Angina", kind="boolean", code="WARDROUND//exercise_angina"),
)


def cohort(count: int, *, seed: int, shift: float = 0.0, typical: float = 0.3, missing: float = 0.1) -> RawTable:
    dice = np.random.default_rng(seed)
    rows = [
        {
            "pressure": None if dice.uniform() < missing else float(dice.normal(130 + shift, 18)),
            "pain": "typical" if dice.uniform() < typical else "other",
            "angina": bool(dice.uniform() < 0.4),
        }
        for _ in range(count)
    ]
    return RawTable.of_rows(rows, features=FEATURES)


def drifted(before: RawTable, since: RawTable) -> list[str]:
    return [one.name for one in input_drift(profile(before), raw=since) if one.has_drifted]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("count", [50, 200])
def test_the_same_population_has_not_drifted(seed, count):
    assert drifted(cohort(200, seed=1000 + seed), cohort(count, seed=seed)) == []


def test_a_shift_of_one_deviation_is_found_and_measured():
    found = input_drift(profile(cohort(200, seed=1)), raw=cohort(150, seed=2, shift=18))

    assert (found[0].name, found[0].has_drifted) == ("pressure", True)
    assert found[0].difference == pytest.approx(1.0, abs=0.25)
    assert [one.name for one in found if one.has_drifted] == ["pressure"]


def test_another_mix_of_answers_is_found():
    assert drifted(cohort(300, seed=1), cohort(200, seed=2, typical=0.8)) == ["pain"]


def test_values_that_are_no_longer_recorded_are_found():
    found = input_drift(profile(cohort(300, seed=1)), raw=cohort(200, seed=2, missing=0.7))

    assert found[0].name == "pressure"
    assert found[0].has_drifted
    assert found[0].missing_since > 0.6


def test_too_few_patients_raise_no_alarm():
    assert drifted(cohort(300, seed=1), cohort(49, seed=2, shift=60)) == []


def test_an_input_without_any_value_is_compared_too():
    assert drifted(cohort(100, seed=1, missing=1.0), cohort(100, seed=2)) == ["pressure"]


def test_a_profile_is_sums_that_json_can_hold():
    import json

    kept = profile(cohort(200, seed=1))

    assert json.loads(json.dumps(kept)) == kept
    assert sum(kept["pressure"]["counts"]) == 200
    assert len(kept["pressure"]["edges"]) == 9


def test_outcomes_as_foreseen_have_not_drifted():
    dice = np.random.default_rng(3)
    chance = dice.uniform(0.1, 0.9, 400)

    for seed in range(40):
        labels = (np.random.default_rng(seed).uniform(size=400) < chance).astype(float)
        assert not calibration_drift(labels, probabilities=chance).has_drifted


def test_twice_as_many_outcomes_as_foreseen_have_drifted():
    chance = np.full(100, 0.25)
    labels = np.array([1.0] * 50 + [0.0] * 50)

    found = calibration_drift(labels, probabilities=chance)

    # 25 more than foreseen, in standard deviations of the square root of 18.75
    assert found.z == pytest.approx(5.77, abs=0.01)
    assert (found.observed, found.expected, found.has_drifted) == (50, 25.0, True)


def test_twice_as_many_among_few_patients_raise_no_alarm():
    assert not calibration_drift(np.array([1.0] * 40), probabilities=np.full(40, 0.2)).has_drifted
