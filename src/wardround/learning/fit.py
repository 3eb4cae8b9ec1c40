"""A hospital's part of the exact fit: reduced gradient, Hessian and loss of a batch of models.

The site part z_k is eliminated inside the hospital. For a given beta the hospital solves

    z_k(beta) = argmin_z  L_k(beta + z) + 1/2 z' P z          (its own Newton iterations; nothing leaves)

and what it sends are the pieces of the profile G_k(beta) = min_z [...], which is convex in beta, because the joint
objective is. With H the Hessian of L_k at beta + z_k:

    G_k'  = gradient of L_k at beta + z_k                     (envelope theorem)
    G_k'' = H - H (H + P)^-1 H                                (Schur complement of the site block)

Rows and columns of a site weight that is held at 0 drop out of the inverse. Newton's method on
sum_k G_k + rho/2 |beta|^2 reaches the minimum of the joint objective over beta and all z_k: block elimination of a
bordered block-diagonal system, as used for mixed models (e.g. Bates et al. 2015, J. Stat. Softw. 67(1), section 3) and
for federated logistic regression without site effects (GLORE: Wu et al. 2012, JAMIA 19:758-764).
Since z_k is a function of beta alone, a hospital keeps no state between rounds: a restarted one sends the same numbers.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from wardround.learning.model import SitePenalty, design, log_loss_sums

INNER_STEPS = 60
INNER_TOLERANCE = 1e-11
HALVINGS = 30


class FitError(Exception):
    """The local problem could not be solved; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class LocalFit:
    """What one hospital contributes for a batch of models, and the site part, which stays.

    ``loss`` [models], ``gradient`` [models, weights], ``hessian`` [models, weights, weights], ``site`` [models, weights].
    """

    loss: Tensor
    gradient: Tensor
    hessian: Tensor
    site: Tensor


def local_fit(inputs: Tensor, *, labels: Tensor, included: Tensor, shared: Tensor, penalty: SitePenalty) -> LocalFit:
    """Pieces of the profile objective at ``shared`` [models, weights].

    ``inputs`` [patients, inputs] standardised, ``labels`` [patients] 0 or 1, ``included`` [models, patients] 0 or 1:
    which patients each model learns from. All float64.
    """
    rows = design(inputs)
    site = site_part(inputs, labels=labels, included=included, shared=shared, penalty=penalty)
    gradient, hessian = _derivatives(rows, labels=labels, included=included, weights=shared + site)
    own = (penalty.strength * site**2).sum(dim=1) / 2
    loss = log_loss_sums((shared + site) @ rows.T, labels=labels, included=included) + own
    coupled = hessian * penalty.active.unsqueeze(1)
    reduction = coupled @ torch.linalg.solve(_site_hessian(hessian, penalty=penalty), coupled.mT)
    reduced = hessian - reduction
    return LocalFit(loss=loss, gradient=gradient, hessian=(reduced + reduced.mT) / 2, site=site)


def site_part(inputs: Tensor, *, labels: Tensor, included: Tensor, shared: Tensor, penalty: SitePenalty) -> Tensor:
    """z_k(beta) for each model, [models, weights], by Newton with step halving. Raises FitError without convergence."""
    rows = design(inputs)
    site: Tensor = torch.zeros_like(shared)
    if not bool(penalty.active.any()):
        return site
    value = _site_objective(rows, labels=labels, included=included, shared=shared, site=site, penalty=penalty)
    for _ in range(INNER_STEPS):
        gradient, hessian = _derivatives(rows, labels=labels, included=included, weights=shared + site)
        slope = (gradient + penalty.strength * site) * penalty.active
        step = -torch.linalg.solve(_site_hessian(hessian, penalty=penalty), slope.unsqueeze(2)).squeeze(2)
        length = torch.ones(shared.shape[0], 1, dtype=shared.dtype)
        for _ in range(HALVINGS):
            trial: Tensor = site + length * step
            tried = _site_objective(rows, labels=labels, included=included, shared=shared, site=trial, penalty=penalty)
            worse = tried > value + 1e-10 * (1 + value.abs())
            if not bool(worse.any()):
                break
            length = torch.where(worse.unsqueeze(1), length / 2, length)
        site, value = trial, tried
        if float(step.abs().max()) < INNER_TOLERANCE:
            return site
    raise FitError("The site part did not converge; check the inputs for values far outside the usual range.")


def _site_objective(
    rows: Tensor, *, labels: Tensor, included: Tensor, shared: Tensor, site: Tensor, penalty: SitePenalty
) -> Tensor:
    own = (penalty.strength * site**2).sum(dim=1) / 2
    return log_loss_sums((shared + site) @ rows.T, labels=labels, included=included) + own


def _derivatives(rows: Tensor, *, labels: Tensor, included: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    chance = torch.sigmoid(weights @ rows.T)
    gradient = ((chance - labels) * included) @ rows
    spread = chance * (1 - chance) * included
    hessian = (rows.T.unsqueeze(0) * spread.unsqueeze(1)) @ rows
    return gradient, hessian


def _site_hessian(hessian: Tensor, *, penalty: SitePenalty) -> Tensor:
    """M H M + P, with 1 on the diagonal of weights that are held at 0 (they drop out)."""
    active = penalty.active
    within: Tensor = hessian * active.unsqueeze(1) * active.unsqueeze(2)
    return within + torch.diag_embed(penalty.strength)
