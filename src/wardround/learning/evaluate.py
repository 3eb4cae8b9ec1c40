"""How good a model is: accuracy, AUROC, Brier score, log loss, calibration; on patients and on federated histograms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 50
TENTHS = 10
SMALLEST_CELL = 5
CLIP = 1e-12
HISTOGRAM_LENGTH = 2 * BINS + TENTHS + 3


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Figures of one model on ``patients``. AUROC is None without patients of both outcomes.

    The interval of the AUROC is 95 %, by DeLong's variance; None where that is zero. ``auroc_error`` bounds what binning can have changed
    (0 when computed on patients).
    """

    patients: int
    positives: int
    accuracy: float
    auroc: float | None
    auroc_low: float | None
    auroc_high: float | None
    auroc_error: float
    brier: float
    log_loss: float


@dataclass(frozen=True, kw_only=True)
class CalibrationRow:
    """Patients whose predicted probability lies in [low, high): mean prediction against observed share.

    ``predicted`` and ``observed`` are None where fewer than five patients lie in the row (``patients`` is then 0).
    """

    low: float
    high: float
    patients: int
    predicted: float | None
    observed: float | None


def evaluate(labels: Floats, *, probabilities: Floats) -> Metrics:
    """All figures on patients: labels 0 or 1 [patients], probabilities [patients]. Raises ValueError when empty."""
    if len(labels) == 0:
        raise ValueError("There is no patient to evaluate on.")
    weights = np.ones_like(labels)
    area, low, high = _area(labels, scores=probabilities, weights=weights)
    return Metrics(
        patients=len(labels),
        positives=int(labels.sum()),
        accuracy=float(np.mean((probabilities > 0.5) == (labels > 0.5))),
        auroc=area,
        auroc_low=low,
        auroc_high=high,
        auroc_error=0.0,
        brier=float(np.mean((probabilities - labels) ** 2)),
        log_loss=float(np.mean(log_losses(labels, probabilities=probabilities))),
    )


def log_losses(labels: Floats, *, probabilities: Floats) -> Floats:
    """Negative log-likelihood of each patient; probabilities are kept 1e-12 away from 0 and 1."""
    p = np.clip(probabilities, CLIP, 1 - CLIP)
    return np.asarray(-(labels * np.log(p) + (1 - labels) * np.log1p(-p)), dtype=np.float64)


def auroc(labels: Floats, *, scores: Floats) -> float | None:
    """Area under the ROC curve; ties count half. None without both outcomes."""
    return _area(labels, scores=scores, weights=np.ones_like(labels))[0]


def histogram_vector(labels: Floats, *, probabilities: Floats) -> Floats:
    """What one hospital adds for federated evaluation: float64 [HISTOGRAM_LENGTH], sums over its held-out patients.

    Patients without the outcome per score bin, patients with it, sum of predictions per tenth, and the sums of
    correct answers, squared errors and log losses. Score bins are 50 equal parts of [0, 1].
    """
    bin_of = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    negatives = np.bincount(bin_of, weights=1 - labels, minlength=BINS)
    positives = np.bincount(bin_of, weights=labels, minlength=BINS)
    predicted = np.bincount(bin_of // (BINS // TENTHS), weights=probabilities, minlength=TENTHS)
    correct = float(np.sum((probabilities > 0.5) == (labels > 0.5)))
    squared = float(np.sum((probabilities - labels) ** 2))
    losses = float(np.sum(log_losses(labels, probabilities=probabilities)))
    return np.concatenate([negatives, positives, predicted, np.array([correct, squared, losses])])


def federated_metrics(total: Floats) -> Metrics | None:
    """Figures from the sum of histogram vectors; None when fewer than five patients stand behind it.

    Brier score, log loss and accuracy are exact sums. The AUROC treats patients of one bin as tied; the true one
    differs by at most ``auroc_error``: half the share of (positive, negative) pairs that fall in the same bin.
    """
    negatives, positives = np.round(total[:BINS]), np.round(total[BINS : 2 * BINS])
    correct, squared, losses = (float(word) for word in total[-3:])
    patients = float(negatives.sum() + positives.sum())
    if patients < SMALLEST_CELL:
        return None
    centres = np.arange(BINS, dtype=np.float64)
    labels = np.concatenate([np.zeros(BINS), np.ones(BINS)])
    area, low, high = _area(
        labels, scores=np.concatenate([centres, centres]), weights=np.concatenate([negatives, positives])
    )
    pairs = float(negatives.sum() * positives.sum())
    return Metrics(
        patients=int(patients),
        positives=int(positives.sum()),
        accuracy=round(correct) / patients,
        auroc=area,
        auroc_low=low,
        auroc_high=high,
        auroc_error=float((negatives * positives).sum() / (2 * pairs)) if pairs else 0.0,
        brier=squared / patients,
        log_loss=losses / patients,
    )


def federated_calibration(total: Floats) -> tuple[CalibrationRow, ...]:
    """Calibration by tenths of the predicted probability, from the sum of histogram vectors."""
    share = BINS // TENTHS
    negatives = np.round(total[:BINS]).reshape(TENTHS, share).sum(axis=1)
    positives = np.round(total[BINS : 2 * BINS]).reshape(TENTHS, share).sum(axis=1)
    predicted = total[2 * BINS : 2 * BINS + TENTHS]
    rows = []
    for tenth in range(TENTHS):
        count = float(negatives[tenth] + positives[tenth])
        shown = count >= SMALLEST_CELL
        rows.append(
            CalibrationRow(
                low=tenth / TENTHS,
                high=(tenth + 1) / TENTHS,
                patients=int(count) if shown else 0,
                predicted=float(predicted[tenth]) / count if shown else None,
                observed=float(positives[tenth]) / count if shown else None,
            )
        )
    return tuple(rows)


def _area(labels: Floats, *, scores: Floats, weights: Floats) -> tuple[float | None, float | None, float | None]:
    """AUROC and its 95 % interval; ``weights`` counts patients per entry. DeLong et al. 1988, Biometrics 44:837.

    Where all patients of one outcome are above all of the other, the variance is zero: that says nothing of how far the
    area could be off, so there is no interval.
    """
    positive = labels > 0.5
    m, n = float(weights[positive].sum()), float(weights[~positive].sum())
    if m == 0 or n == 0:
        return None, None, None
    up, up_weights = scores[positive], weights[positive]
    down, down_weights = scores[~positive], weights[~positive]
    wins = (up[:, None] > down[None, :]) + 0.5 * (up[:, None] == down[None, :])
    of_positive = wins @ down_weights / n
    of_negative = up_weights @ wins / m
    area = float(up_weights @ of_positive / m)
    if m < 2 or n < 2:
        return area, None, None
    spread_up = float(up_weights @ (of_positive - area) ** 2 / (m - 1))
    spread_down = float(down_weights @ (of_negative - area) ** 2 / (n - 1))
    if spread_up == spread_down == 0:
        return area, None, None
    half = 1.959963984540054 * float(np.sqrt(spread_up / m + spread_down / n))
    return area, max(0.0, area - half), min(1.0, area + half)
