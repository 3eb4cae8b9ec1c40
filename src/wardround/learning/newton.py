"""The coordinator's part of the exact fit: Newton with step halving on sums over hospitals, one state per model.

Nothing here sees a patient or one hospital's numbers: only sums of loss, gradient and Hessian. numpy, so that the
coordinator needs no torch.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ARMIJO = 1e-4
SHORTEST_STEP = 2.0**-20


class NewtonError(Exception):
    """The sums do not describe a convex problem; the sentence says so."""


@dataclass(frozen=True, kw_only=True)
class NewtonState:
    """Models under way. ``accepted`` are the best evaluated weights, ``trial`` the ones to evaluate next.

    Arrays are [models, weights] or [models]. ``largest_step`` is the largest coefficient change that Newton would
    still make from ``accepted``: how far a model is from its optimum. It is infinite before the first evaluation.
    """

    accepted: Floats
    trial: Floats
    objective: Floats
    slope: Floats
    step: Floats
    length: Floats
    largest_step: Floats
    hessian: Floats
    accepted_last: NDArray[np.bool_]
    """Which models took their trial in the last ``advance``: for them the sums of that round belong to ``accepted``."""

    @classmethod
    def start(cls, *, models: int, weights: int) -> "NewtonState":
        """All weights 0."""
        zero = np.zeros((models, weights))
        none = np.full(models, np.inf)
        return cls(
            accepted=zero,
            trial=zero.copy(),
            objective=none,
            slope=np.zeros(models),
            step=zero.copy(),
            length=np.ones(models),
            largest_step=none.copy(),
            hessian=np.zeros((models, weights, weights)),
            accepted_last=np.zeros(models, dtype=bool),
        )

    def advance(
        self, *, loss: Floats, gradient: Floats, hessian: Floats, ridge: float, tolerance: float
    ) -> "NewtonState":
        """The next state from the sums at ``trial``. A model within ``tolerance`` of its optimum stays where it is.

        Raises NewtonError when a Hessian is not positive definite (impossible for honest sums).
        """
        models, weights = self.trial.shape
        penalty = np.full(weights, ridge)
        penalty[0] = 0.0
        objective = loss + 0.5 * (penalty * self.trial**2).sum(axis=1)
        # Fixed-point words round; a difference below that noise is no reason to halve a step.
        noise = 1e-7 * (1.0 + np.abs(objective))
        took = objective <= self.objective + ARMIJO * self.length * self.slope + noise
        took |= ~np.isfinite(self.objective)
        full_gradient = gradient + penalty * self.trial
        full_hessian = hessian + np.diag(penalty)
        step = np.zeros_like(self.step)
        for model in range(models):
            step[model] = -_solve(full_hessian[model], full_gradient[model])
        slope = (step * full_gradient).sum(axis=1)
        length = np.where(took, 1.0, self.length / 2)
        if np.any(length < SHORTEST_STEP):
            raise NewtonError("A model finds no step that lowers its loss; the sums do not belong to one problem.")
        accepted = np.where(took[:, None], self.trial, self.accepted)
        step = np.where(took[:, None], step, self.step)
        largest = np.where(took, np.abs(step).max(axis=1), self.largest_step)
        resting = largest < tolerance
        return replace(
            self,
            accepted=accepted,
            trial=np.where(resting[:, None], accepted, accepted + length[:, None] * step),
            objective=np.where(took, objective, self.objective),
            slope=np.where(took, slope, self.slope),
            step=step,
            length=length,
            largest_step=largest,
            hessian=np.where(took[:, None, None], full_hessian, self.hessian),
            accepted_last=took,
        )


def _solve(hessian: Floats, gradient: Floats) -> Floats:
    try:
        lower = np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError as error:
        raise NewtonError("A sum of Hessians is not positive definite; a hospital sent impossible numbers.") from error
    half = np.linalg.solve(lower, gradient)
    return np.asarray(np.linalg.solve(lower.T, half), dtype=np.float64)


def pack_symmetric(matrices: Floats) -> Floats:
    """Upper triangles of [models, d, d] as [models, d (d + 1) / 2]: half the words on the wire."""
    rows, columns = np.triu_indices(matrices.shape[-1])
    return np.asarray(matrices[:, rows, columns], dtype=np.float64)


def unpack_symmetric(packed: Floats, *, size: int) -> Floats:
    """The inverse of ``pack_symmetric``."""
    rows, columns = np.triu_indices(size)
    full = np.zeros((packed.shape[0], size, size))
    full[:, rows, columns] = packed
    full[:, columns, rows] = packed
    return full
