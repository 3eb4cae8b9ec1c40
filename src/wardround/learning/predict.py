"""A model's estimate for the patient in front of you: numpy only, by the same code that made the training inputs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wardround.clinical.sentences import template
from wardround.learning.artifact import Artifact
from wardround.learning.calibrate import Calibration
from wardround.learning.explain import Contribution, amounts, contributions
from wardround.learning.features import BIRTH, EventLike, RawTable, raw_features

Floats = NDArray[np.float64]

LEVEL = 0.90
QUANTILE = 1.6448536269514722
MOST_MISSING = 0.6


@dataclass(frozen=True, kw_only=True)
class SitePart:
    """What a hospital adds to the global model; it never leaves the hospital.

    ``weights`` [1 + inputs] are added to the shared ones; ``covariance`` is that of the sum of both.
    """

    weights: Floats
    covariance: Floats
    calibration: Calibration = field(default_factory=Calibration)
    candidate: str = "shared"
    strength: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "weights": self.weights.tolist(),
            "covariance": self.covariance.tolist(),
            "calibration": self.calibration.to_json(),
            "candidate": self.candidate,
            "strength": self.strength,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "SitePart":
        return cls(
            weights=np.array(document["weights"], dtype=np.float64),
            covariance=np.array(document["covariance"], dtype=np.float64),
            calibration=Calibration.from_json(dict(document["calibration"])),
            candidate=str(document["candidate"]),
            strength=float(document["strength"]),
        )

    @classmethod
    def none(cls, artifact: Artifact) -> "SitePart":
        """For a hospital without patients of its own: the mean site intercept, uncalibrated."""
        return cls(weights=np.zeros_like(artifact.weights), covariance=artifact.covariance)


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """An estimate or, when ``withheld`` says why, none.

    ``interval`` is the 90 % interval of the probability: uncertainty of weights and calibration, not of the patient.
    ``base`` + the sum of ``contributions`` is exactly ``logit``. ``unusual`` names inputs outside the usual range.
    """

    probability: float | None
    interval: tuple[float, float] | None
    logit: float | None
    base: float
    contributions: tuple[Contribution, ...]
    inputs_used: tuple[str, ...]
    missing: tuple[str, ...]
    unusual: tuple[str, ...]
    withheld: str | None
    calibration: str
    model: str
    study: str
    outcome: str
    level: float = LEVEL


def predict(
    artifact: Artifact, *, events: Iterable[EventLike], index_time: datetime, site: SitePart | None = None
) -> Prediction:
    """Estimate for one patient from the events before ``index_time``. All events are of one patient.

    Raises ValueError when the events are of several patients.
    """
    own = list(events)
    subjects = {event.subject_id for event in own}
    if len(subjects) > 1:
        raise ValueError("The events are of several patients; a prediction is made for one.")
    subject = subjects.pop() if subjects else 0
    raw = raw_features(own, index_times={subject: index_time}, features=artifact.encoder.features)
    return predict_row(artifact, raw=raw, site=site)


def predict_row(artifact: Artifact, *, raw: RawTable, site: SitePart | None = None) -> Prediction:
    """Estimate for a table of one patient."""
    if raw.patients != 1:
        raise ValueError("A prediction is made for one patient at a time.")
    part = site or SitePart.none(artifact)
    features = artifact.encoder.features
    missing = tuple(feature.title for feature in features if bool(raw.missing(feature)[0]))
    used = tuple(feature.title for feature in features if not bool(raw.missing(feature)[0]))
    inputs = artifact.encoder.transform(raw)[0]
    base, parts = contributions(
        artifact, inputs=inputs, raw=raw, site_weights=part.weights, calibration=part.calibration
    )
    outside = _outside(artifact, raw=raw, row=0)
    withheld = _withheld(artifact, outside=outside, missing=len(missing))
    shown = None if withheld else _summed(base, (entry.contribution for entry in parts))
    return Prediction(
        probability=None if shown is None else _probability(shown),
        interval=None if shown is None else _interval(artifact, inputs=inputs, part=part),
        logit=shown,
        base=base,
        contributions=() if withheld else parts,
        inputs_used=used,
        missing=missing,
        unusual=tuple(title for _, title, _, _ in outside),
        withheld=withheld,
        calibration=part.calibration.note,
        model=artifact.sha256,
        study=artifact.study,
        outcome=artifact.outcome,
    )


def logits(artifact: Artifact, *, raw: RawTable, site: SitePart | None = None) -> Floats:
    """Logits of many patients, [patients]: for evaluation."""
    part = site or SitePart.none(artifact)
    weights = artifact.weights + part.weights
    plain = weights[0] + artifact.encoder.transform(raw) @ weights[1:]
    return part.calibration.apply(np.asarray(plain, dtype=np.float64))


def probabilities(artifact: Artifact, *, raw: RawTable, site: SitePart | None = None) -> Floats:
    """Probabilities of many patients, [patients]: for evaluation."""
    return np.asarray(1 / (1 + np.exp(-logits(artifact, raw=raw, site=site))), dtype=np.float64)


def probabilities_alone(artifact: Artifact, *, raw: RawTable, site: SitePart | None = None) -> list[float | None]:
    """For each patient, to the last bit, the probability that `predict_row` gives for that row; None where it withholds.

    `probabilities` is for evaluation: its sums are made in another order, so their last bits differ.
    """
    part = site or SitePart.none(artifact)
    inputs = artifact.encoder.transform(raw)
    found: list[float | None] = []
    for row in range(raw.patients):
        missing = sum(bool(raw.missing(feature)[row]) for feature in artifact.encoder.features)
        if _withheld(artifact, outside=_outside(artifact, raw=raw, row=row), missing=missing):
            found.append(None)
            continue
        base, added = amounts(artifact, inputs=inputs[row], site_weights=part.weights, calibration=part.calibration)
        found.append(_probability(_summed(base, added.values())))
    return found


def _summed(base: float, added: Iterable[float]) -> float:
    for one in added:
        base += one
    return base


def _probability(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _interval(artifact: Artifact, *, inputs: Floats, part: SitePart) -> tuple[float, float]:
    """Delta method on the logit: slope^2 x' C x from the weights plus r' K r from the calibration, r = (1, logit)."""
    row = np.concatenate([np.ones(1), inputs])
    plain = float(row @ (artifact.weights + part.weights))
    calibration = part.calibration
    around = np.array([1.0, plain])
    variance = calibration.slope**2 * float(row @ part.covariance @ row)
    variance += float(around @ np.array(calibration.covariance) @ around)
    half = QUANTILE * float(np.sqrt(max(variance, 0.0)))
    middle = calibration.intercept + calibration.slope * plain
    return float(1 / (1 + np.exp(-(middle - half)))), float(1 / (1 + np.exp(-(middle + half))))


_Outside = tuple[str, str, float, float]  # code and title of an input, lowest and highest of its usual range


def _outside(artifact: Artifact, *, raw: RawTable, row: int) -> list[_Outside]:
    ranges = {name: (low, high) for name, low, high in artifact.ranges}
    found = []
    for feature in artifact.encoder.features:
        if feature.name in ranges and not bool(raw.missing(feature)[row]):
            low, high = ranges[feature.name]
            if not low <= float(raw.columns[feature.name][row]) <= high:
                found.append((feature.code, feature.title, low, high))
    return found


_OTHER_AGE = template(
    "The model was learned from patients of about %(low)s to %(high)s years; this patient is outside that range, "
    "so no estimate is given."
)
_TOO_THIN = template("%(missing)s of %(total)s inputs are missing, too many for an estimate.")


def _withheld(artifact: Artifact, *, outside: Sequence[_Outside], missing: int) -> str | None:
    for code, _, low, high in outside:
        if code == BIRTH:
            return _OTHER_AGE.say(low=f"{low:.0f}", high=f"{high:.0f}")
    total = len(artifact.encoder.features)
    if missing > MOST_MISSING * total:
        return _TOO_THIN.say(missing=str(missing), total=str(total))
    return None
