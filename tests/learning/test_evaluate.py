"""Figures of a model: on patients against outside code, on federated histograms against the patients."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from wardround.learning.calibrate import calibrate
from wardround.learning.evaluate import (
    HISTOGRAM_LENGTH,
    auroc,
    evaluate,
    federated_calibration,
    federated_metrics,
    histogram_vector,
)


@pytest.fixture
def scored():
    random = np.random.default_rng(7)
    chance = random.beta(1.2, 1.0, size=400)
    return (random.random(400) < chance).astype(float), np.round(chance, 3)


def test_figures_on_patients_equal_scikit_learns(scored):
    labels, chance = scored

    metrics = evaluate(labels, probabilities=chance)

    assert metrics.auroc == pytest.approx(roc_auc_score(labels, chance), abs=1e-12)
    assert metrics.brier == pytest.approx(brier_score_loss(labels, chance), abs=1e-12)
    assert metrics.log_loss == pytest.approx(log_loss(labels, np.clip(chance, 1e-12, 1 - 1e-12)), abs=1e-9)


def test_delongs_interval_by_hand():
    # Two positives 0.9, 0.3 and two negatives 0.5, 0.1: shares won are 1, 1/2 and 1/2, 1; AUROC 3/4.
    # Variances (n - 1): 0.125 for both; 0.125 / 2 + 0.125 / 2 = 0.125; half width 1.96 * 0.35355 = 0.693.
    metrics = evaluate(np.array([1.0, 1.0, 0.0, 0.0]), probabilities=np.array([0.9, 0.3, 0.5, 0.1]))

    assert metrics.auroc == pytest.approx(0.75)
    assert metrics.auroc_low == pytest.approx(0.75 - 1.959964 * np.sqrt(0.125))
    assert metrics.auroc_high == 1.0


def test_an_auroc_of_patients_who_happen_to_be_separated_has_no_interval():
    # DeLong's variance is zero then: 1.00 (1.00 to 1.00) on four patients would be a certainty that nobody has.
    found = evaluate(np.array([0.0, 0.0, 1.0, 1.0]), probabilities=np.array([0.1, 0.2, 0.8, 0.9]))

    assert (found.auroc, found.auroc_low, found.auroc_high) == (1.0, None, None)


def test_one_outcome_only_has_no_auroc():
    assert auroc(np.ones(4), scores=np.arange(4.0)) is None
    assert evaluate(np.ones(4), probabilities=np.full(4, 0.8)).auroc is None


def test_histograms_of_hospitals_sum_to_the_figures_of_all_patients(scored):
    labels, chance = scored
    parts = [slice(0, 100), slice(100, 130), slice(130, 400)]

    total = sum(histogram_vector(labels[part], probabilities=chance[part]) for part in parts)
    federated, exact = federated_metrics(total), evaluate(labels, probabilities=chance)

    assert total.shape == (HISTOGRAM_LENGTH,)
    assert federated.patients == 400
    assert federated.brier == pytest.approx(exact.brier)
    assert federated.log_loss == pytest.approx(exact.log_loss)
    assert federated.accuracy == pytest.approx(exact.accuracy)
    assert abs(federated.auroc - exact.auroc) <= federated.auroc_error < 0.02
    assert federated.auroc_low == pytest.approx(exact.auroc_low, abs=0.01)


def test_the_stated_error_of_a_histogram_auroc_is_reached_but_not_passed():
    # All positives just above all negatives inside one bin: truth 1, histogram 1/2, bound 1/2.
    labels = np.array([0.0] * 5 + [1.0] * 5)
    chance = np.array([0.501] * 5 + [0.519] * 5)

    federated = federated_metrics(histogram_vector(labels, probabilities=chance))

    assert federated.auroc == 0.5
    assert federated.auroc_error == 0.5


def test_figures_of_fewer_than_five_patients_are_hidden():
    assert federated_metrics(histogram_vector(np.ones(4), probabilities=np.full(4, 0.8))) is None


def test_calibration_rows_of_fewer_than_five_patients_are_hidden():
    labels = np.array([1.0] * 6 + [0.0] * 4)
    chance = np.array([0.95] * 6 + [0.05] * 4)

    rows = federated_calibration(histogram_vector(labels, probabilities=chance))

    assert (rows[9].patients, rows[9].observed) == (6, 1.0)
    assert rows[9].predicted == pytest.approx(0.95)
    assert (rows[0].patients, rows[0].predicted, rows[0].observed) == (0, None, None)


def test_calibration_finds_the_slope_that_the_labels_have():
    random = np.random.default_rng(3)
    logits = random.normal(size=4000)
    labels = (random.random(4000) < 1 / (1 + np.exp(-(0.5 + 2.0 * logits)))).astype(float)

    found = calibrate(labels, logits=logits)

    assert found.calibrated
    assert found.intercept == pytest.approx(0.5, abs=0.1)
    assert found.slope == pytest.approx(2.0, abs=0.2)
    assert found.covariance[0][0] == pytest.approx(1 / 600, rel=1.0)


def test_fewer_than_ten_cases_of_an_outcome_are_not_calibrated_and_it_says_so():
    labels = np.array([1.0] * 50 + [0.0] * 9)
    logits = np.linspace(-1, 1, 59)

    found = calibrate(labels, logits=logits)

    assert not found.calibrated
    assert "fewer than 10" in found.note
    assert np.array_equal(found.apply(logits), logits)
    assert calibrate(np.append(labels, 0.0), logits=np.append(logits, 0.5)).calibrated
