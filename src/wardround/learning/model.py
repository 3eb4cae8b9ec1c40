"""The model: logistic regression with shared weights, a site intercept and shrunken site deviations.

For patient i of hospital k, with x_i standardised and a leading 1:

    logit P(y_i = 1) = x_i . (beta + z_k)

beta is shared and published. z_k = (u_k, delta_k) is the site part: it stays in the hospital. Over all hospitals

    F(beta, z) = sum_k [ L_k(beta + z_k) + 1/2 z_k' P z_k ] + rho/2 |beta without intercept|^2

with L_k the negative log-likelihood and P = diag(tau, lambda, ..., lambda). The candidates of a study (candidate.py) differ in P:
"shared" has no site part, "intercept" has u_k only, "deviation lambda" has both. This is the penalised form of a
mixed-effects logistic model (u_k ~ N(0, 1/tau), delta_k ~ N(0, 1/lambda)). Since beta's own intercept bears no
penalty, sum_k u_k = 0 at the optimum: beta's intercept is the mean site intercept, which a later hospital starts from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from wardround.learning.candidate import Candidate


@dataclass(frozen=True, kw_only=True)
class SitePenalty:
    """P of a batch of models as tensors: ``active`` [models, weights] is 0 where a site weight is held at 0."""

    active: Tensor
    strength: Tensor

    @classmethod
    def of(cls, chosen: Sequence[Candidate], *, weights: int, intercept_strength: float) -> "SitePenalty":
        """For one candidate per model; ``weights`` counts the intercept."""
        active = torch.zeros(len(chosen), weights, dtype=torch.float64)
        strength = torch.ones(len(chosen), weights, dtype=torch.float64)
        for row, candidate in enumerate(chosen):
            if candidate.kind != "shared":
                active[row, 0], strength[row, 0] = 1.0, intercept_strength
            if candidate.kind == "deviation":
                active[row, 1:], strength[row, 1:] = 1.0, candidate.strength
        return cls(active=active, strength=strength)


def design(inputs: Tensor) -> Tensor:
    """Inputs with the leading 1 of the intercept: [patients, 1 + inputs]."""
    return torch.cat([torch.ones(inputs.shape[0], 1, dtype=inputs.dtype), inputs], dim=1)


def log_loss_sums(logits: Tensor, *, labels: Tensor, included: Tensor) -> Tensor:
    """Sum of negative log-likelihood per model: logits and included [models, patients], labels [patients]."""
    losses = torch.nn.functional.softplus(logits) - labels * logits
    return (losses * included).sum(dim=1)
