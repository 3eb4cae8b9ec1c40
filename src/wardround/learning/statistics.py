"""Federated statistics: what each hospital counts over its training patients, and the encoder made of the sums.

One vector of plain sums per hospital. Per feature: observed and missing patients; numeric: sum of values and of
squares; otherwise: patients per answer. Squares are sent in two words (high and low part), so that a large unit
(platelets per microlitre) keeps its precision in fixed-point words. Only federated sums reach anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wardround.learning.features import Column, Encoder, RawTable
from wardround.learning.specification import Feature

Floats = NDArray[np.float64]

HIGH = 2.0**20
LARGEST_VALUE = 1e7  # a larger number is a unit mistake; the hospital says so instead of sending it


def statistics_length(features: Sequence[Feature]) -> int:
    """Number of words of the statistics vector."""
    return 2 + sum(2 + (3 if feature.kind == "numeric" else len(feature.choices)) for feature in features)


def statistics_vector(raw: RawTable, *, labels: NDArray[np.float64]) -> Floats:
    """One hospital's sums over its training patients; float64 [statistics_length].

    Starts with patients and positive patients; then each feature in order. Raises ValueError when a value is too
    large to be a measurement.
    """
    words: list[float] = [float(raw.patients), float(labels.sum())]
    for feature in raw.features:
        missing = raw.missing(feature)
        words += [float((~missing).sum()), float(missing.sum())]
        seen = raw.columns[feature.name][~missing]
        if feature.kind == "numeric":
            values = seen.astype(np.float64)
            if np.any(np.abs(values) > LARGEST_VALUE):
                raise ValueError(f"Feature {feature.name!r} holds a value beyond {LARGEST_VALUE:.0e}; check its unit.")
            squares = float(np.sum(values**2))
            high = float(np.floor(squares / HIGH))
            words += [float(np.sum(values)), high, squares - high * HIGH]
        else:
            words += [float(np.sum(seen == answer)) for answer in feature.choices]
    return np.array(words, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class FederatedStatistics:
    """The sums over all hospitals and what follows from them."""

    patients: int
    positives: int
    encoder: Encoder
    ranges: tuple[tuple[str, float, float], ...]
    """Per numeric feature (name, low, high): federated mean -/+ 3 sd. No minimum or maximum ever leaves a hospital."""


def federated_statistics(total: Floats, *, features: Sequence[Feature], minimum_count: int) -> FederatedStatistics:
    """Encoder from the federated sums. An input needs ``minimum_count`` patients on either side.

    Numeric: at least that many observed and some spread. Answer: at least that many with it and without it.
    Missing indicator: at least that many missing and observed; a feature that is never missing has none.
    Raises ValueError when the sums are impossible or no input is left.
    """
    if total.shape != (statistics_length(features),):
        raise ValueError("The federated statistics do not fit the study's features.")
    total = np.asarray(total, dtype=np.float64)
    patients = round(float(total[0]))
    columns: list[Column] = []
    ranges: list[tuple[str, float, float]] = []
    at = 2
    for feature in features:
        observed, missing = float(np.round(total[at])), float(np.round(total[at + 1]))
        at += 2
        width = 3 if feature.kind == "numeric" else len(feature.choices)
        words, at = total[at : at + width], at + width
        if observed < 0 or missing < 0 or observed + missing != patients:
            raise ValueError(f"The counts of feature {feature.name!r} do not add up to the patients.")
        if feature.kind == "numeric":
            if observed >= max(minimum_count, 2):
                mean = float(words[0]) / observed
                variance = (float(words[1]) * HIGH + float(words[2])) / observed - mean**2
                if variance > 1e-9 * max(1.0, mean**2):
                    sd = float(np.sqrt(variance))
                    columns.append(Column(feature=feature.name, part="value", mean=mean, sd=sd))
                    ranges.append((feature.name, mean - 3 * sd, mean + 3 * sd))
        else:
            columns += _answers(feature, counts=np.round(words), observed=observed, minimum_count=minimum_count)
        if min(missing, observed) >= max(minimum_count, 1):
            columns.append(_share(feature.name, part="missing", count=missing, of=float(patients)))
    if not columns:
        raise ValueError("No input is left: no feature has enough patients over all hospitals.")
    return FederatedStatistics(
        patients=patients,
        positives=round(float(total[1])),
        encoder=Encoder(features=tuple(features), columns=tuple(columns)),
        ranges=tuple(ranges),
    )


def _answers(feature: Feature, *, counts: Floats, observed: float, minimum_count: int) -> list[Column]:
    columns = []
    # A boolean needs one input: "false" is the other side of "true".
    first = 1 if len(feature.choices) == 2 else 0
    for answer, count in zip(feature.choices[first:], counts[first:], strict=True):
        if min(float(count), observed - float(count)) >= max(minimum_count, 1):
            columns.append(_share(feature.name, part=answer, count=float(count), of=observed))
    return columns


def _share(feature: str, *, part: str, count: float, of: float) -> Column:
    mean = count / of
    return Column(feature=feature, part=part, mean=mean, sd=float(np.sqrt(mean * (1 - mean))))
