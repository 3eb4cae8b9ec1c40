"""Local calibration: intercept and slope on the logit, learned on a hospital's own out-of-fold predictions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wardround.clinical.sentences import template

Floats = NDArray[np.float64]

FEWEST_CASES = 10
STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """logit' = intercept + slope * logit (Cox 1958). ``covariance`` is [[ii, is], [is, ss]]. ``note`` says how."""

    intercept: float = 0.0
    slope: float = 1.0
    covariance: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))
    calibrated: bool = False
    note: str = "not calibrated locally"

    def apply(self, logits: Floats) -> Floats:
        """Calibrated logits, same shape."""
        return self.intercept + self.slope * logits

    def to_json(self) -> dict[str, Any]:
        return {
            "intercept": self.intercept,
            "slope": self.slope,
            "covariance": [list(row) for row in self.covariance],
            "calibrated": self.calibrated,
            "note": self.note,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Calibration":
        (ii, i_s), (s_i, ss) = document["covariance"]
        return cls(**{**document, "covariance": ((ii, i_s), (s_i, ss))})


_TOO_FEW = template("not calibrated locally: fewer than %(many)s of this hospital's patients have one of the outcomes")
_CALIBRATED = template("calibrated on %(many)s of this hospital's own patients")


def calibrate(labels: Floats, *, logits: Floats) -> Calibration:
    """Logistic recalibration of out-of-fold logits [patients].

    With fewer than ten cases in either class there is none, and ``note`` says so. A weak normal prior
    (intercept around 0, slope around 1, both with sd 1) keeps it finite when the classes separate.
    """
    cases = min(int(labels.sum()), int((1 - labels).sum()))
    if cases < FEWEST_CASES:
        return Calibration(note=_TOO_FEW.say(many=str(FEWEST_CASES)))
    rows = np.stack([np.ones_like(logits), logits], axis=1)
    prior = np.array([0.0, 1.0])
    weights = prior.copy()
    hessian = np.eye(2)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-(rows @ weights)))
        gradient = rows.T @ (chance - labels) + (weights - prior)
        hessian = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights = weights - step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-12))
        if float(np.abs(step).max()) < 1e-10:
            break
    inverse = np.linalg.inv(hessian)
    return Calibration(
        intercept=float(weights[0]),
        slope=float(weights[1]),
        covariance=(
            (float(inverse[0, 0]), float(inverse[0, 1])),
            (float(inverse[1, 0]), float(inverse[1, 1])),
        ),
        calibrated=True,
        note=_CALIBRATED.say(many=str(len(labels))),
    )
