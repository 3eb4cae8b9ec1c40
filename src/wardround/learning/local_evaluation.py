"""How good a model is on one hospital's held-out patients: figures with bootstrap intervals, over all and by subgroup.

numpy only. It resamples a thousand times, so it is made when a model is adopted and kept, never for a page.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wardround.learning.evaluate import auroc
from wardround.learning.features import RawTable
from wardround.learning.site import generator
from wardround.learning.subgroups import Subgroup, is_small, subgroups_of

Floats = NDArray[np.float64]

RESAMPLES = 1_000
LEVEL = 0.95
_STEPS = 50
_LARGEST = 50.0  # of a slope or intercept: beyond, the outcomes separate and there is none


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure with its 95 % bootstrap interval (percentiles, resampled within each outcome; Efron 1979).

    All None where it is not defined, the interval alone where too few resamples define it or all give the same.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Performance:
    """Figures on ``patients``. ``intercept`` is calibration in the large (slope held at 1), ``slope`` Cox's (1958):
    0 and 1 are perfect. ``expected`` is the mean estimate, to be compared with ``positives`` of ``patients``."""

    patients: int
    positives: int
    expected: float
    auroc: Figure
    brier: Figure
    slope: Figure
    intercept: Figure


@dataclass(frozen=True, kw_only=True)
class OfSubgroup:
    """The figures of one subgroup, or None where it is too small to be told from its people."""

    kind: str
    name: str
    performance: Performance | None


def local_evaluation(labels: Floats, *, probabilities: Floats, raw: RawTable, seed: str) -> dict[str, Any]:
    """JSON values: ``overall`` and ``subgroups`` (sex and age band, as far as they are inputs), small ones hidden."""
    groups = subgroups_of(raw)
    hidden = _hidden(groups, labels=labels)
    found = []
    for group in groups:
        shown = None
        if (group.kind, group.name) not in hidden:
            shown = performance(labels[group.members], probabilities=probabilities[group.members], seed=f"{seed}|{group.name}")  # fmt: skip
        found.append(asdict(OfSubgroup(kind=group.kind, name=group.name, performance=shown)))
    overall = performance(labels, probabilities=probabilities, seed=seed)
    return {"overall": asdict(overall), "subgroups": found, "resamples": RESAMPLES, "level": LEVEL}


def performance(labels: Floats, *, probabilities: Floats, seed: str) -> Performance:
    """All figures; labels 0 or 1 [patients], probabilities [patients]. The same seed gives the same intervals."""
    chosen = _resampled(labels, seed=seed)
    figures: Mapping[str, Callable[[Floats, Floats], float | None]] = {
        "auroc": lambda truth, chance: auroc(truth, scores=chance),
        "brier": lambda truth, chance: float(np.mean((chance - truth) ** 2)),
        "slope": calibration_slope,
        "intercept": calibration_intercept,
    }
    found = {name: _figure(of, labels, probabilities, chosen=chosen) for name, of in figures.items()}
    return Performance(
        patients=len(labels), positives=int(labels.sum()), expected=float(np.mean(probabilities)), **found
    )


def calibration_slope(labels: Floats, probabilities: Floats) -> float | None:
    """Slope of a logistic regression of the outcome on the estimate's log-odds; None where the outcomes separate."""
    rows = np.stack([np.ones_like(probabilities), log_odds(probabilities)], axis=1)
    fitted = _fitted(rows, labels=labels, offset=np.zeros_like(probabilities))
    return None if fitted is None else float(fitted[1])


def calibration_intercept(labels: Floats, probabilities: Floats) -> float | None:
    """How far the log-odds are off on average, the slope held at 1; None with one outcome only."""
    fitted = _fitted(np.ones((len(labels), 1)), labels=labels, offset=log_odds(probabilities))
    return None if fitted is None else float(fitted[0])


def log_odds(probabilities: Floats) -> Floats:
    """Log-odds of probabilities kept 1e-12 away from 0 and 1."""
    p = np.clip(probabilities, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p) - np.log1p(-p), dtype=np.float64)


def _fitted(rows: Floats, *, labels: Floats, offset: Floats) -> Floats | None:
    """Maximum likelihood by Newton's method; None where it has no finite answer."""
    weights = np.zeros(rows.shape[1])
    if not 0 < labels.sum() < len(labels):
        return None
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(offset + rows @ weights, -700, 700)))
        hessian = (rows * (chance * (1 - chance))[:, None]).T @ rows
        try:
            step = np.linalg.solve(hessian, rows.T @ (labels - chance))
        except np.linalg.LinAlgError:
            return None
        weights = weights + step * min(1.0, 2.0 / (float(np.abs(step).max()) + 1e-12))
        if float(np.abs(weights).max()) > _LARGEST:
            return None
        if float(np.abs(step).max()) < 1e-8:
            return np.asarray(weights, dtype=np.float64)
    return None


def _resampled(labels: Floats, *, seed: str) -> NDArray[np.int64]:
    """Row numbers [resamples, patients]: each outcome is drawn as often as it is there."""
    random = generator(f"{seed}|bootstrap")
    parts = [np.flatnonzero(labels == outcome) for outcome in (0.0, 1.0)]
    drawn = [part[random.integers(len(part), size=(RESAMPLES, len(part)))] for part in parts if len(part)]
    return np.concatenate(drawn, axis=1)


def _figure(
    of: Callable[[Floats, Floats], float | None], labels: Floats, probabilities: Floats, *, chosen: NDArray[np.int64]
) -> Figure:
    value = of(labels, probabilities)
    if value is None:
        return Figure(value=None)
    drawn = [found for rows in chosen if (found := of(labels[rows], probabilities[rows])) is not None]
    if len(drawn) < 0.9 * RESAMPLES:
        return Figure(value=value)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    if low == high:  # every resample gives the same, as an AUROC of 1 does: that is no measure of how far it is off
        return Figure(value=value)
    return Figure(value=value, low=float(low), high=float(high))


def _hidden(groups: tuple[Subgroup, ...], *, labels: Floats) -> set[tuple[str, str]]:
    """Small groups, and the next smallest where hiding one alone would leave it to be told by subtraction."""
    found: set[tuple[str, str]] = set()
    for kind in {group.kind for group in groups}:
        of_kind = sorted((g for g in groups if g.kind == kind), key=lambda group: int(group.members.sum()))
        small = [group for group in of_kind if is_small(labels[group.members])]
        if len(small) == 1:
            small += [group for group in of_kind if group is not small[0]][:1]
        found |= {(kind, group.name) for group in small}
    return found
