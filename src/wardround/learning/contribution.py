"""What one hospital computes in one round, as one vector of plain sums in the order of ``round_layout``."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from wardround.learning.evaluate import HISTOGRAM_LENGTH, histogram_vector
from wardround.learning.features import Encoder
from wardround.learning.fit import local_fit, site_part
from wardround.learning.model import SitePenalty, design, log_loss_sums
from wardround.learning.newton import pack_symmetric
from wardround.learning.round_layout import Layout
from wardround.learning.site import SiteData
from wardround.learning.specification import ModelSpec

Floats = NDArray[np.float64]


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
