"""Local retraining around the global model, and the rule by which a hospital adopts it.

Nothing here leaves the hospital. Everything is judged on patients a model was not learned from: the global model
comes with one set of weights per fold (learned by all hospitals without that fold), so that repeated local
cross-validation scores every patient with weights that never saw that patient.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from wardround.learning.artifact import Artifact
from wardround.learning.calibrate import Calibration, calibrate
from wardround.learning.candidate import Candidate
from wardround.learning.evaluate import log_losses
from wardround.learning.features import RawTable
from wardround.learning.fit import local_fit, site_part
from wardround.learning.model import SitePenalty, design
from wardround.learning.newton import NewtonState
from wardround.learning.predict import SitePart
from wardround.learning.site import SiteData, stratified_split
from wardround.learning.specification import ModelSpec
from wardround.learning.statistics import federated_statistics, statistics_vector

Floats = NDArray[np.float64]

REPEATS = 5
FOLDS = 5
QUANTILE = 1.6448536269514722
LOCAL_STRENGTHS = (200.0, 50.0, 20.0, 5.0)


@dataclass(frozen=True, kw_only=True)
class Retrained:
    """The site part chosen by local cross-validation, and what each strength scored (mean log loss).

    ``logits`` [training patients]: uncalibrated out-of-fold logits of the chosen strength, one column per repeat.
    """

    site: SitePart
    scores: tuple[tuple[str, float], ...]
    logits: Floats


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """The decision: "federated", or "local" when the local model is better beyond doubt.

    ``difference`` is federated minus local mean log loss (below 0: federated better), with its 90 % interval.
    """

    adopted: Literal["federated", "local"]
    federated_log_loss: float
    local_log_loss: float
    difference: float
    low: float
    high: float
    sentence: str


def retrain(artifact: Artifact, *, site: SiteData, seed: str) -> Retrained:
    """Site part around the global model: none, intercept, or a deviation, whichever local cross-validation prefers.

    Ties go to the simpler one. Then local calibration on out-of-fold logits.
    """
    inputs = torch.from_numpy(artifact.encoder.transform(site.training_raw))
    labels = torch.from_numpy(site.training_labels)
    options = [Candidate(kind="shared"), Candidate(kind="intercept")]
    options += [Candidate(kind="deviation", strength=strength) for strength in LOCAL_STRENGTHS]
    held = _repeated_folds(site, seed=seed)
    found = [_out_of_fold(artifact, inputs=inputs, labels=labels, site=site, held=held, option=o) for o in options]
    truth = site.training_labels
    losses = [float(np.mean([log_losses(truth, probabilities=_sigmoid(row)) for row in rows])) for rows in found]
    best = min(range(len(options)), key=lambda index: (round(losses[index], 6), index))
    calibration = calibrate(truth, logits=found[best].mean(axis=0))
    part = _site_part(artifact, inputs=inputs, labels=labels, option=options[best], calibration=calibration)
    scores = tuple((option.name, loss) for option, loss in zip(options, losses, strict=True))
    return Retrained(site=part, scores=scores, logits=found[best])


def follow(artifact: Artifact, *, site: SiteData) -> SitePart:
    """The site part that the federation chose, fitted to the hospital's training patients: no choice, no calibration."""
    option = Candidate(kind=artifact.candidate, strength=artifact.strength)
    inputs = torch.from_numpy(artifact.encoder.transform(site.training_raw))
    labels = torch.from_numpy(site.training_labels)
    return _site_part(artifact, inputs=inputs, labels=labels, option=option, calibration=Calibration())


def train_local(
    site: SiteData, *, study: str, study_hash: str, outcome: str, spec: ModelSpec, label_note: str = ""
) -> Artifact:
    """The hospital's own model, from its own patients and its own statistics alone: what federation is compared with."""
    artifact = _fit_local(site.training_raw, labels=site.training_labels, spec=spec)
    training: dict[str, Any] = {"hospitals": 1, "patients": len(site.training), "method": "local"}
    if label_note:
        training["note"] = label_note
    return Artifact(
        kind="local",
        study=study,
        study_hash=study_hash,
        outcome=outcome,
        encoder=artifact[0],
        weights=artifact[1],
        covariance=artifact[2],
        fold_weights=np.zeros((0, len(artifact[1]))),
        ranges=artifact[3],
        training=training,
    )


def decide(retrained: Retrained, *, site: SiteData, spec: ModelSpec, seed: str) -> Adoption:
    """Adopt the federated model unless the local one is better beyond doubt.

    Paired log loss per training patient, each side averaged over repeated cross-validation with the same folds: the
    local model learns (encoder too) without the fold, the federated one is scored with weights learned without the
    patient's own fold, and its calibration is learned on the other folds.
    """
    truth = site.training_labels
    held = _repeated_folds(site, seed=seed)
    federated = np.zeros((REPEATS, len(truth)))
    local = np.zeros((REPEATS, len(truth)))
    for repeat in range(REPEATS):
        for fold in range(FOLDS):
            out = held[repeat] == fold
            correction = calibrate(truth[~out], logits=retrained.logits[repeat][~out])
            federated[repeat, out] = correction.apply(retrained.logits[repeat][out])
            encoder, weights, _, _ = _fit_local(site.training_raw.rows(~out), labels=truth[~out], spec=spec)
            rows = encoder.transform(site.training_raw.rows(out))
            local[repeat, out] = weights[0] + rows @ weights[1:]
    of_federated = np.mean([log_losses(truth, probabilities=_sigmoid(row)) for row in federated], axis=0)
    of_local = np.mean([log_losses(truth, probabilities=_sigmoid(row)) for row in local], axis=0)
    difference = of_federated - of_local
    mean = float(difference.mean())
    half = QUANTILE * float(difference.std(ddof=1) / np.sqrt(len(difference)))
    keeps_local = mean - half > 0
    return Adoption(
        adopted="local" if keeps_local else "federated",
        federated_log_loss=float(of_federated.mean()),
        local_log_loss=float(of_local.mean()),
        difference=mean,
        low=mean - half,
        high=mean + half,
        sentence=(
            "The hospital's own model predicts its patients better beyond doubt, so it stays in use."
            if keeps_local
            else "The federated model is no worse on this hospital's own patients, so it is adopted."
        ),
    )


def _repeated_folds(site: SiteData, *, seed: str) -> NDArray[np.int64]:
    """Fold of each training patient in each repeat, [repeats, training patients]."""
    labels = site.training_labels
    splits = [
        stratified_split(labels, test_fraction=0.0, folds=FOLDS, seed=f"{seed}|repeat {repeat}")[1]
        for repeat in range(REPEATS)
    ]
    return np.stack(splits)


def _out_of_fold(
    artifact: Artifact,
    *,
    inputs: torch.Tensor,
    labels: torch.Tensor,
    site: SiteData,
    held: NDArray[np.int64],
    option: Candidate,
) -> Floats:
    """Out-of-fold logits [repeats, training patients]: one model per (repeat, local fold, federated fold)."""
    shared = artifact.fold_weights if len(artifact.fold_weights) else artifact.weights[None, :]
    federated_folds = site.folds if len(artifact.fold_weights) else np.zeros_like(site.folds)
    keys = [(repeat, fold, f) for repeat in range(REPEATS) for fold in range(FOLDS) for f in range(len(shared))]
    included = torch.from_numpy(np.stack([(held[repeat] != fold).astype(np.float64) for repeat, fold, _ in keys]))
    start = torch.from_numpy(np.stack([shared[f] for _, _, f in keys]))
    penalty = SitePenalty.of(
        [option] * len(keys), weights=start.shape[1], intercept_strength=artifact.intercept_strength
    )
    part = site_part(inputs, labels=labels, included=included, shared=start, penalty=penalty)
    scored = ((start + part) @ design(inputs).T).numpy()
    found = np.zeros((REPEATS, len(labels)))
    for row, (repeat, fold, f) in enumerate(keys):
        chosen = (held[repeat] == fold) & (federated_folds == f)
        found[repeat, chosen] = scored[row, chosen]
    return found


def _site_part(
    artifact: Artifact, *, inputs: torch.Tensor, labels: torch.Tensor, option: Candidate, calibration: Calibration
) -> SitePart:
    """Fits the chosen option on all training patients, with the covariance of shared weights plus site part.

    With C the covariance of the shared weights, H the local Hessian and M the active site weights: z moves with beta by
    -(MHM + P)^-1 M H, so the sum has covariance A C A' + M (MHM + P)^-1 M with A = I - M (MHM + P)^-1 M H.
    """
    shared = torch.from_numpy(artifact.weights)[None, :]
    penalty = SitePenalty.of([option], weights=shared.shape[1], intercept_strength=artifact.intercept_strength)
    included = torch.ones(1, len(labels), dtype=torch.float64)
    part = site_part(inputs, labels=labels, included=included, shared=shared, penalty=penalty)
    rows = design(inputs).numpy()
    chance = _sigmoid(rows @ (shared + part)[0].numpy())
    hessian = (rows * (chance * (1 - chance))[:, None]).T @ rows
    mask = penalty.active[0].numpy()
    within = hessian * mask[:, None] * mask[None, :] + np.diag(penalty.strength[0].numpy())
    inverse = np.linalg.inv(within) * mask[:, None] * mask[None, :]
    follow = np.eye(len(mask)) - inverse @ hessian
    covariance = follow @ artifact.covariance @ follow.T + inverse
    return SitePart(
        weights=part[0].numpy(),
        covariance=np.asarray((covariance + covariance.T) / 2, dtype=np.float64),
        calibration=calibration,
        candidate=option.kind,
        strength=option.strength,
    )


def _fit_local(
    raw: RawTable, *, labels: Floats, spec: ModelSpec
) -> tuple[Any, Floats, Floats, tuple[tuple[str, float, float], ...]]:
    """Encoder, weights, covariance and ranges of a plain ridge logistic model of one hospital."""
    facts = federated_statistics(statistics_vector(raw, labels=labels), features=raw.features, minimum_count=2)
    inputs = torch.from_numpy(facts.encoder.transform(raw))
    truth = torch.from_numpy(labels)
    size = inputs.shape[1] + 1
    penalty = SitePenalty.of([Candidate(kind="shared")], weights=size, intercept_strength=spec.intercept_strength)
    included = torch.ones(1, len(labels), dtype=torch.float64)
    # A weak hold on the intercept keeps it finite in a hospital that has one outcome only.
    hold = spec.intercept_strength if min(labels.sum(), (1 - labels).sum()) == 0 else 0.0
    state = NewtonState.start(models=1, weights=size)
    while state.largest_step[0] >= 1e-8:
        part = local_fit(inputs, labels=truth, included=included, shared=torch.from_numpy(state.trial), penalty=penalty)
        gradient, hessian = part.gradient.numpy().copy(), part.hessian.numpy().copy()
        loss = part.loss.numpy() + 0.5 * hold * state.trial[:, 0] ** 2
        gradient[:, 0] += hold * state.trial[:, 0]
        hessian[:, 0, 0] += hold
        state = state.advance(loss=loss, gradient=gradient, hessian=hessian, ridge=spec.ridge, tolerance=1e-8)
    return facts.encoder, state.accepted[0], np.linalg.inv(state.hessian[0]), facts.ranges


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.asarray(values, dtype=np.float64))), dtype=np.float64)
