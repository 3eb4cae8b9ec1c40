"""Have the patients changed since a model was learned? Each input against the cohort it was adopted on, and the
estimates against what became of the patients. Aggregates in, aggregates out; numpy only.

Inputs are compared by the population stability index over the tenths of the adoption cohort (answers as they are, missing
as one of them). Its usual limits (0.1 some, 0.25 much) are for large samples: between two samples of one population it is
about chi-squared(cells - 1) * (1/n + 1/m) (Yurdakul and Naranjo 2020), so an input has drifted only when it is beyond that, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wardround.learning.features import RawTable
from wardround.learning.specification import Feature

Floats = NDArray[np.float64]

FEWEST_PATIENTS = 50  # of those since
LARGEST_INDEX = 0.2
CALIBRATION_OFF = 1.25  # observed over expected, either way
QUANTILE = 3.29  # of a normal: once in a thousand by chance, both sides
_UPPER = 3.09  # once in a thousand, one side
_CELLS = 10


@dataclass(frozen=True, kw_only=True)
class InputDrift:
    """One input since adoption. ``difference`` is that of the means in standard deviations (numeric ones)."""

    name: str
    title: str
    index: float
    limit: float
    difference: float | None
    missing_before: float
    missing_since: float
    has_drifted: bool


@dataclass(frozen=True, kw_only=True)
class CalibrationDrift:
    """How many had the outcome since adoption, and how many the estimates foresaw."""

    observed: int
    expected: float
    z: float
    has_drifted: bool


def profile(raw: RawTable) -> dict[str, Any]:
    """What is kept of a cohort to compare later ones with: JSON values, sums of at least a tenth of the patients."""
    return {feature.name: _profile(feature, raw=raw) for feature in raw.features}


def input_drift(before: Mapping[str, Any], *, raw: RawTable) -> tuple[InputDrift, ...]:
    """Each input of these patients against a profile; the most drifted first."""
    found = [
        _drift(feature, before=before[feature.name], raw=raw) for feature in raw.features if feature.name in before
    ]
    return tuple(sorted(found, key=lambda drift: (not drift.has_drifted, -drift.index)))


def calibration_drift(labels: Floats, *, probabilities: Floats) -> CalibrationDrift:
    """Observed against expected (Spiegelhalter's reading of calibration in the large): beyond chance, and far enough to matter."""
    observed, expected = float(labels.sum()), float(probabilities.sum())
    spread = sqrt(float(np.sum(probabilities * (1 - probabilities)))) or 1.0
    z = (observed - expected) / spread
    ratio = (observed + 0.5) / (expected + 0.5)
    is_far = not 1 / CALIBRATION_OFF <= ratio <= CALIBRATION_OFF
    return CalibrationDrift(
        observed=int(observed),
        expected=expected,
        z=z,
        has_drifted=len(labels) >= FEWEST_PATIENTS and abs(z) > QUANTILE and is_far,
    )


def _profile(feature: Feature, *, raw: RawTable) -> dict[str, Any]:
    missing = raw.missing(feature)
    kept: dict[str, Any] = {"kind": feature.kind}
    seen = raw.columns[feature.name][~missing]
    if feature.kind == "numeric":
        values = seen.astype(np.float64)
        edges = np.unique(np.quantile(values, np.linspace(0, 1, _CELLS + 1)[1:-1])) if len(values) else np.zeros(0)
        kept |= {
            "edges": edges.tolist(),
            "mean": float(values.mean()) if len(values) else None,
            "sd": float(values.std(ddof=1)) if len(values) > 1 else None,
        }
    kept["counts"] = _counts(feature, raw=raw, edges=kept.get("edges", ()))
    return kept


def _counts(feature: Feature, *, raw: RawTable, edges: Sequence[float]) -> list[int]:
    """Patients per cell; the last cell is those without a value."""
    missing = raw.missing(feature)
    seen = raw.columns[feature.name][~missing]
    if feature.kind == "numeric":
        cells = np.searchsorted(np.asarray(edges, dtype=np.float64), seen.astype(np.float64), side="left")
        counts = np.bincount(cells, minlength=len(edges) + 1).tolist()
    else:
        counts = [int(np.sum(seen == answer)) for answer in feature.choices]
    return [*map(int, counts), int(missing.sum())]


def _drift(feature: Feature, *, before: Mapping[str, Any], raw: RawTable) -> InputDrift:
    old = before["counts"]
    new = _counts(feature, raw=raw, edges=before.get("edges", ()))
    index, cells = _stability(old, new)
    n, m = max(sum(old), 1), max(sum(new), 1)
    limit = max(LARGEST_INDEX, _chi_squared(max(cells - 1, 1)) * (1 / n + 1 / m))
    return InputDrift(
        name=feature.name,
        title=feature.title,
        index=index,
        limit=limit,
        difference=_difference(feature, before=before, raw=raw),
        missing_before=old[-1] / n,
        missing_since=new[-1] / m,
        has_drifted=m >= FEWEST_PATIENTS and index > limit,
    )


def _stability(old: Sequence[int], new: Sequence[int]) -> tuple[float, int]:
    """The index over the cells that anybody is in; half a patient is added to each, so that an empty one is finite."""
    pairs = [(a + 0.5, b + 0.5) for a, b in zip(old, new, strict=True) if a or b]
    first, second = sum(a for a, _ in pairs) or 1.0, sum(b for _, b in pairs) or 1.0
    index = sum((a / first - b / second) * log((a / first) / (b / second)) for a, b in pairs)
    return index, len(pairs)


def _difference(feature: Feature, *, before: Mapping[str, Any], raw: RawTable) -> float | None:
    if feature.kind != "numeric" or not before.get("sd"):
        return None
    values = raw.columns[feature.name].astype(np.float64)
    seen = values[~np.isnan(values)]
    return float((seen.mean() - before["mean"]) / before["sd"]) if len(seen) else None


def _chi_squared(freedom: int) -> float:
    """The quantile that chance passes once in a thousand (Wilson and Hilferty 1931)."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + _UPPER * sqrt(part)) ** 3
