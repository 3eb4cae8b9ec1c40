"""What one hospital computes in one round, as one vector of plain sums; and the reading of the federated total.

All models of a study share one round. They are the candidates (site part none, intercept, deviations) times
1 + folds: position 0 learns from every training patient, position 1 + f from all but fold f. So the choice between
candidates by federated validation costs no round of its own. The held-out patients only add score histograms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from wardround.learning.evaluate import HISTOGRAM_LENGTH, histogram_vector
from wardround.learning.features import Encoder
from wardround.learning.fit import local_fit, site_part
from wardround.learning.model import Candidate, SitePenalty, candidates, design, log_loss_sums
from wardround.learning.newton import pack_symmetric, unpack_symmetric
from wardround.learning.site import SiteData
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


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A hospital's training and held-out inputs under the federated encoder, as tensors."""

    layout: Layout
    inputs: torch.Tensor
    labels: torch.Tensor
    included: torch.Tensor
    left_out: torch.Tensor
    held_out_inputs: torch.Tensor
    held_out_labels: Floats
    penalty: SitePenalty

    @classmethod
    def of(cls, site: SiteData, *, encoder: Encoder, spec: ModelSpec) -> "Prepared":
        layout = Layout.of(spec, folds=site.fold_count, encoder=encoder)
        left_out = np.zeros((layout.models, len(site.training)))
        for fold in range(site.fold_count):
            left_out[layout.whole + 1 + fold] = site.folds == fold
        chosen = [candidate for candidate in layout.candidates for _ in range(1 + layout.folds)]
        return cls(
            layout=layout,
            inputs=torch.from_numpy(encoder.transform(site.training_raw)),
            labels=torch.from_numpy(site.training_labels),
            included=torch.from_numpy(1 - left_out),
            left_out=torch.from_numpy(left_out),
            held_out_inputs=torch.from_numpy(encoder.transform(site.held_out_raw)),
            held_out_labels=site.held_out_labels,
            penalty=SitePenalty.of(chosen, weights=layout.weights, intercept_strength=spec.intercept_strength),
        )

    def derivatives(self, shared: Floats, *, evaluation: bool) -> Floats:
        """The exact fit's vector at ``shared`` [models, weights]; histograms are zeros without ``evaluation``."""
        start = torch.from_numpy(shared)
        part = local_fit(self.inputs, labels=self.labels, included=self.included, shared=start, penalty=self.penalty)
        pieces = [
            part.loss.numpy(),
            part.gradient.numpy().ravel(),
            pack_symmetric(part.hessian.numpy()).ravel(),
            *self._judged(start, site=part.site, evaluation=evaluation),
        ]
        return np.concatenate(pieces)

    def average(
        self, shared: Floats, *, steps: int, rate: float, ridge: float, patients: int, evaluation: bool
    ) -> Floats:
        """FedAvg (McMahan et al. 2017): ``steps`` full-batch gradient steps from ``shared`` on the mean loss.

        ``patients``: training patients of all hospitals, so that the ridge has the same strength everywhere. The site
        part follows each step exactly.
        """
        start = torch.from_numpy(shared)
        counts = self.included.sum(dim=1, keepdim=True).clamp(min=1.0)
        decay = torch.full((self.layout.weights,), ridge / patients, dtype=torch.float64)
        decay[0] = 0.0
        moved = start.clone()
        rows = design(self.inputs)
        first = site_part(self.inputs, labels=self.labels, included=self.included, shared=start, penalty=self.penalty)
        part = first
        for step in range(steps):
            if step:
                part = site_part(
                    self.inputs, labels=self.labels, included=self.included, shared=moved, penalty=self.penalty
                )
            chance = torch.sigmoid((moved + part) @ rows.T)
            gradient = ((chance - self.labels) * self.included) @ rows / counts + decay * moved
            moved = moved - rate * gradient
        pieces = [
            counts.squeeze(1).numpy(),
            (counts * (moved - start)).numpy().ravel(),
            *self._judged(start, site=first, evaluation=evaluation),
        ]
        return np.concatenate(pieces)

    def _judged(self, shared: torch.Tensor, *, site: torch.Tensor, evaluation: bool) -> list[Floats]:
        weights = shared + site
        losses = log_loss_sums(weights @ design(self.inputs).T, labels=self.labels, included=self.left_out).numpy()
        histograms = np.zeros((len(self.layout.candidates), HISTOGRAM_LENGTH))
        if evaluation and len(self.held_out_labels):
            scored = torch.sigmoid(weights[self.layout.whole] @ design(self.held_out_inputs).T).numpy()
            for candidate, row in enumerate(scored):
                histograms[candidate] = histogram_vector(self.held_out_labels, probabilities=row)
        return [losses, histograms.ravel()]


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
