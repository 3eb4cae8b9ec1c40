"""The global model of a run: the candidate that federated validation chose, as an artifact."""

import numpy as np
from numpy.typing import NDArray

from wardround.federation.errors import FederationError
from wardround.federation.run_state import RunMemory
from wardround.federation.study import Study
from wardround.learning.artifact import Artifact
from wardround.learning.evaluate import federated_metrics
from wardround.learning.round_layout import Layout
from wardround.learning.statistics import FederatedStatistics

Floats = NDArray[np.float64]


def shown_candidate(validation: Floats) -> int:
    """The candidate with the least log loss on patients it did not learn from, [candidates, folds]; ties: the simplest."""
    losses = np.round(validation.sum(axis=1), 9)
    return int(np.argmin(losses))


def global_model(study: Study, *, memory: RunMemory, facts: FederatedStatistics, layout: Layout) -> Artifact:
    """Deterministic: the same sums give the same bytes. Raises FederationError without a complete round."""
    newton = memory.newton
    if newton is None or memory.validation is None or memory.histograms is None:
        raise FederationError("No round is complete, so there is no model.")
    chosen = shown_candidate(memory.validation)
    candidate = layout.candidates[chosen]
    model = layout.whole[chosen]
    metrics = federated_metrics(memory.histograms[chosen])
    figures = None
    if metrics is not None:
        figures = {
            "patients": metrics.patients,
            "auroc": metrics.auroc,
            "brier": metrics.brier,
            "accuracy": metrics.accuracy,
        }
    return Artifact(
        kind="global",
        study=study.name,
        study_hash=memory.study_hash,
        outcome=study.cohort.label_name,
        encoder=facts.encoder,
        weights=newton.accepted[model],
        covariance=np.linalg.inv(newton.hessian[model]),
        fold_weights=newton.accepted[layout.of_folds(chosen)],
        candidate=candidate.kind,
        strength=candidate.strength,
        intercept_strength=study.model.intercept_strength,
        ranges=facts.ranges,
        training={
            "hospitals": len(memory.roster),
            "patients": facts.patients,
            "rounds": memory.round,
            "method": study.training.method,
            "seed": study.training.seed,
            "held_out": figures,
        },
    )
