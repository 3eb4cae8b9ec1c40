"""How a run ended: what its caller shows, keeps and compares."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wardround.federation.errors import FederationError
from wardround.federation.global_model import shown_candidate
from wardround.federation.run_state import RoundRecord, RunMemory
from wardround.federation.summation import sha256
from wardround.learning.evaluate import CalibrationRow, Metrics, federated_calibration, federated_metrics
from wardround.learning.round_layout import Layout
from wardround.learning.statistics import FederatedStatistics

Floats = NDArray[np.float64]

# Models that leave a fold out only choose between candidates.
FOLD_TOLERANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """How a run ended. ``sentence`` says it. Not succeeded but ``resumable``: run again with the same store.

    ``model`` are the bytes of the global ``Artifact``; ``candidates`` the whole-data weights of every candidate.
    ``metrics`` and ``calibration`` are of the chosen model on the held-out patients of all hospitals; None or empty
    when there are too few, or after a hospital left. ``received``: who has the model. ``roster``: who is in it.
    """

    succeeded: bool
    resumable: bool
    sentence: str
    roster: tuple[str, ...]
    rounds: int
    converged: bool
    patients: int | None
    chosen: str
    model: bytes | None
    model_sha256: str | None
    candidates: Mapping[str, Floats]
    validation: Mapping[str, float]
    metrics: Metrics | None
    calibration: tuple[CalibrationRow, ...]
    history: tuple[RoundRecord, ...]
    received: tuple[str, ...]


def stopped_outcome(
    sentence: str, *, memory: RunMemory, facts: FederatedStatistics | None, resumable: bool
) -> RunOutcome:
    """A run that has no model (yet)."""
    return RunOutcome(
        succeeded=False,
        resumable=resumable,
        sentence=sentence,
        roster=memory.roster,
        rounds=max(memory.round, 0),
        converged=False,
        patients=None if facts is None else facts.patients,
        chosen="",
        model=None,
        model_sha256=None,
        candidates={},
        validation={},
        metrics=None,
        calibration=(),
        history=memory.history,
        received=memory.received,
    )


def finished_outcome(memory: RunMemory, *, layout: Layout, facts: FederatedStatistics, tolerance: float) -> RunOutcome:
    """A run whose model is made and handed out as far as possible. Raises FederationError without a complete round."""
    newton = memory.newton
    if newton is None or memory.validation is None or memory.histograms is None or memory.artifact is None:
        raise FederationError("The stored run has no complete round.")
    chosen = shown_candidate(memory.validation)
    names = [candidate.name for candidate in layout.candidates]
    metrics = federated_metrics(memory.histograms[chosen])
    missing = [name for name in memory.roster if name not in memory.received]
    sentence = f"The model of {len(memory.roster)} hospitals was made in {memory.round} rounds."
    if memory.ended_early:
        sentence += " A hospital left, so the training ended with the last complete model."
    if missing:
        sentence += f" {', '.join(missing)} has not received it yet; run again to hand it out."
    return RunOutcome(
        succeeded=True,
        resumable=bool(missing),
        sentence=sentence,
        roster=memory.roster,
        rounds=memory.round,
        converged=float(newton.largest_step[layout.whole].max()) < max(tolerance, FOLD_TOLERANCE),
        patients=facts.patients,
        chosen=names[chosen],
        model=memory.artifact,
        model_sha256=sha256(memory.artifact),
        candidates={name: newton.accepted[layout.whole[place]] for place, name in enumerate(names)},
        validation={name: float(memory.validation[place].sum()) for place, name in enumerate(names)},
        metrics=metrics,
        calibration=federated_calibration(memory.histograms[chosen]) if metrics else (),
        history=memory.history,
        received=memory.received,
    )
