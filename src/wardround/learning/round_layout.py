"""The words of a round's vector, and the reading of the federated total. numpy only: the coordinator needs no torch.

All models of a study share one round. They are the candidates (site part none, intercept, deviations) times
1 + folds: position 0 learns from every training patient, position 1 + f from all but fold f. So the choice between
candidates by federated validation costs no round of its own. The held-out patients only add score histograms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wardround.learning.candidate import Candidate, candidates
from wardround.learning.evaluate import HISTOGRAM_LENGTH
from wardround.learning.features import Encoder
from wardround.learning.newton import unpack_symmetric
from wardround.learning.specification import ModelSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Shapes of a study's rounds. ``weights`` counts the intercept; models are candidate-major."""

    candidates: tuple[Candidate, ...]
    folds: int
    weights: int

    @classmethod
    def of(cls, spec: ModelSpec, *, folds: int, encoder: Encoder) -> "Layout":
        return cls(candidates=candidates(spec), folds=folds, weights=1 + len(encoder.columns))

    @property
    def models(self) -> int:
        return len(self.candidates) * (1 + self.folds)

    @property
    def whole(self) -> NDArray[np.int64]:
        """Numbers of the models that learn from every training patient, one per candidate."""
        return np.arange(len(self.candidates)) * (1 + self.folds)

    def of_folds(self, candidate: int) -> slice:
        """Models of one candidate that leave a fold out, in fold order."""
        start = candidate * (1 + self.folds) + 1
        return slice(start, start + self.folds)

    @property
    def derivatives_length(self) -> int:
        """Words of a vector of loss, gradient, Hessian, validation losses and histograms."""
        triangle = self.weights * (self.weights + 1) // 2
        return self.models * (2 + self.weights + triangle) + len(self.candidates) * HISTOGRAM_LENGTH

    @property
    def average_length(self) -> int:
        """Words of a FedAvg vector: patients, patients times movement, validation losses, histograms."""
        return self.models * (2 + self.weights) + len(self.candidates) * HISTOGRAM_LENGTH


@dataclass(frozen=True, kw_only=True)
class RoundSums:
    """A federated total, taken apart. ``validation`` [candidates, folds]: summed log loss on the left-out fold.

    ``histograms`` [candidates, HISTOGRAM_LENGTH]: held-out patients under the models that learn from all.
    Derivatives: ``loss`` [models], ``gradient`` [models, weights], ``hessian`` [models, weights, weights].
    FedAvg: ``patients`` [models] and ``movement`` [models, weights], patients times the local change of weights.
    """

    validation: Floats
    histograms: Floats
    loss: Floats
    gradient: Floats
    hessian: Floats
    patients: Floats
    movement: Floats


def read_derivatives(total: Floats, *, layout: Layout) -> RoundSums:
    """Takes a total of ``derivatives`` vectors apart. Raises ValueError for another length."""
    triangle = layout.weights * (layout.weights + 1) // 2
    loss, gradient, hessian, losses, histograms = _cut(
        total, [layout.models, layout.models * layout.weights, layout.models * triangle, layout.models], layout=layout
    )
    return RoundSums(
        validation=_validation(losses, layout=layout),
        histograms=histograms,
        loss=loss,
        gradient=gradient.reshape(layout.models, layout.weights),
        hessian=unpack_symmetric(hessian.reshape(layout.models, triangle), size=layout.weights),
        patients=np.zeros(0),
        movement=np.zeros((0, layout.weights)),
    )


def read_average(total: Floats, *, layout: Layout) -> RoundSums:
    """Takes a total of ``average`` vectors apart. Raises ValueError for another length."""
    patients, movement, losses, histograms = _cut(
        total, [layout.models, layout.models * layout.weights, layout.models], layout=layout
    )
    return RoundSums(
        validation=_validation(losses, layout=layout),
        histograms=histograms,
        loss=np.zeros(0),
        gradient=np.zeros((0, layout.weights)),
        hessian=np.zeros((0, layout.weights, layout.weights)),
        patients=patients,
        movement=movement.reshape(layout.models, layout.weights),
    )


def _cut(total: Floats, lengths: Sequence[int], *, layout: Layout) -> list[Floats]:
    judged = len(layout.candidates) * HISTOGRAM_LENGTH
    if total.shape != (sum(lengths) + judged,):
        raise ValueError("The federated total does not fit the study's rounds.")
    pieces: list[Floats] = []
    at = 0
    for length in lengths:
        pieces.append(np.asarray(total[at : at + length], dtype=np.float64))
        at += length
    return [*pieces, np.asarray(total[at:], dtype=np.float64).reshape(len(layout.candidates), HISTOGRAM_LENGTH)]


def _validation(losses: Floats, *, layout: Layout) -> Floats:
    return losses.reshape(len(layout.candidates), 1 + layout.folds)[:, 1:]
