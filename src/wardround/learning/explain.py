"""Why a model says what it says: one contribution per feature, exactly adding up to the logit. numpy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wardround.learning.artifact import Artifact
from wardround.learning.calibrate import Calibration
from wardround.learning.features import BIRTH, RawTable
from wardround.learning.specification import Feature

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """How far one feature moves the logit from the average training patient's; ``value`` is what it was, as text."""

    name: str
    title: str
    value: str
    contribution: float
    missing: bool


def contributions(
    artifact: Artifact, *, inputs: Floats, raw: RawTable, site_weights: Floats, calibration: Calibration
) -> tuple[float, tuple[Contribution, ...]]:
    """The logit at the federated average of all inputs, and each feature's contribution, in study order.

    ``inputs`` [inputs] is the encoded row of ``raw``, a table of one patient. Standardised inputs are 0 at the
    average, so weight times input is the contribution; the inputs of one feature (answers, missing) are summed.
    A linear model's contributions are its Shapley values when features are taken as independent
    (Lundberg and Lee 2017, corollary 1).
    """
    base, sums = amounts(artifact, inputs=inputs, site_weights=site_weights, calibration=calibration)
    found = tuple(
        Contribution(
            name=feature.name,
            title=feature.title,
            value=value_text(feature, raw=raw),
            contribution=sums[feature.name],
            missing=bool(raw.missing(feature)[0]),
        )
        for feature in artifact.encoder.features
    )
    return base, found


def amounts(
    artifact: Artifact, *, inputs: Floats, site_weights: Floats, calibration: Calibration
) -> tuple[float, dict[str, float]]:
    """The numbers of `contributions` alone: the logit at the average, and by feature name, in study order, what is added."""
    weights = artifact.weights + site_weights
    base = float(calibration.intercept + calibration.slope * weights[0])
    sums = {feature.name: 0.0 for feature in artifact.encoder.features}
    for column, weight, value in zip(artifact.encoder.columns, weights[1:], inputs, strict=True):
        sums[column.feature] += float(calibration.slope * weight * value)
    return base, sums


def value_text(feature: Feature, *, raw: RawTable) -> str:
    """The first patient's value in words: ``145 mm[Hg]``, ``yes``, ``reversible defect``, ``not recorded``."""
    if bool(raw.missing(feature)[0]):
        return "not recorded"
    cell = raw.columns[feature.name][0]
    if feature.kind == "numeric":
        unit = "years" if feature.code == BIRTH else feature.unit
        return f"{float(cell):g} {unit}".strip() if unit != "1" else f"{float(cell):g}"
    if feature.kind == "boolean":
        return "yes" if cell == "true" else "no"
    return str(cell).replace("_", " ")
