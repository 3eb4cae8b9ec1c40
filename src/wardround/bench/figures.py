"""Figures of a benchmark: one split's, then means with intervals and paired differences over splits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student  # type: ignore[import-untyped]

from wardround.learning.evaluate import auroc

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SplitFigures:
    """One method on one split. ``hospitals``: accuracy, auroc (None with one outcome only), brier per hospital."""

    hospitals: Mapping[str, Mapping[str, float | None]]
    pooled_auroc: float
    brier: float

    @property
    def mean_accuracy(self) -> float:
        """Mean of the hospitals' accuracies, as FLamby counts."""
        return float(np.mean([_number(figures["accuracy"]) for figures in self.hospitals.values()]))

    @property
    def mean_auroc(self) -> float:
        """Mean over the hospitals whose held-out patients have both outcomes."""
        known = [figures["auroc"] for figures in self.hospitals.values() if figures["auroc"] is not None]
        return float(np.mean(known))

    def figure(self, name: str) -> float:
        """``mean_accuracy``, ``mean_auroc``, ``pooled_auroc`` or ``brier``."""
        return float(getattr(self, name))


FIGURES = ("mean_accuracy", "mean_auroc", "pooled_auroc", "brier")


def figures_of(labels: Mapping[str, Floats], *, probabilities: Mapping[str, Floats]) -> SplitFigures:
    """Figures from held-out labels and probabilities per hospital; pooled ones over all patients together."""
    hospitals = {
        name: {
            "accuracy": float(np.mean((probabilities[name] > 0.5) == (truth > 0.5))),
            "auroc": auroc(truth, scores=probabilities[name]),
            "brier": float(np.mean((probabilities[name] - truth) ** 2)),
        }
        for name, truth in labels.items()
    }
    truth = np.concatenate([labels[name] for name in labels])
    chance = np.concatenate([probabilities[name] for name in labels])
    pooled = auroc(truth, scores=chance)
    if pooled is None:
        raise ValueError("The held-out patients of all hospitals have one outcome only.")
    return SplitFigures(hospitals=hospitals, pooled_auroc=pooled, brier=float(np.mean((chance - truth) ** 2)))


def summary(splits: Sequence[SplitFigures]) -> dict[str, Any]:
    """Means over splits; with more than one split also the 95 % intervals of the means."""
    values = {name: [split.figure(name) for split in splits] for name in FIGURES}
    found: dict[str, Any] = {name: float(np.mean(row)) for name, row in values.items()}
    if len(splits) > 1:
        found["intervals"] = {name: list(interval(row)) for name, row in values.items()}
        found["sd"] = {name: float(np.std(row, ddof=1)) for name, row in values.items()}
    return found


def hospital_summary(splits: Sequence[SplitFigures]) -> dict[str, dict[str, float | None]]:
    """Mean figures per hospital over the splits in which they are defined."""
    found: dict[str, dict[str, float | None]] = {}
    for name in splits[0].hospitals:
        found[name] = {}
        for figure in ("accuracy", "auroc", "brier"):
            known = [value for split in splits if (value := split.hospitals[name][figure]) is not None]
            found[name][figure] = float(np.mean(known)) if known else None
    return found


def paired(differences: Sequence[float]) -> dict[str, Any]:
    """Mean difference over splits, its 95 % interval, and in how many splits it was above 0.

    Splits share patients, so the interval describes these re-splits, not new hospitals.
    """
    low, high = interval(differences)
    return {
        "mean": float(np.mean(differences)),
        "low": low,
        "high": high,
        "above_zero": int(np.sum(np.asarray(differences) > 0)),
        "splits": len(differences),
    }


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % Student interval of the mean; the value itself when there is one only."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, mean
    half = float(student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean - half, mean + half


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
