"""Local, federated, adopted and pooled model on the same held-out patients, hospital by hospital.

Only the demonstration can make this comparison: it has all four homes. The coordinator and each hospital never had it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wardround.demo.story import MODELS, TOGETHER, CalibrationFigure, Evaluation, ModelFigures
from wardround.learning.evaluate import evaluate, federated_calibration, histogram_vector
from wardround.learning.features import RawTable
from wardround.learning.personalise import train_local
from wardround.learning.predict import logits
from wardround.learning.site import SiteData
from wardround.learning.specification import ModelSpec

Floats = NDArray[np.float64]


def compare(
    sites: Mapping[str, SiteData],
    *,
    probabilities: Mapping[str, Mapping[str, Floats]],
    spec: ModelSpec,
    adopted: Mapping[str, str],
) -> dict[str, Evaluation]:
    """Evaluations by hospital name, then of all held-out patients together (TOGETHER).

    ``probabilities``: per hospital and model (local, federated, adopted) those of its held-out patients, in their order.
    The pooled model is fitted here. ``adopted``: per hospital a few words on what it uses.
    """
    pooled = pooled_probabilities(sites, spec=spec)
    scored = {name: dict(probabilities[name]) | {"pooled": pooled[name]} for name in sites}
    evaluations = {
        name: _evaluation(site.held_out_labels, scored=scored[name], adopted=adopted[name])
        for name, site in sites.items()
    }
    labels = np.concatenate([site.held_out_labels for site in sites.values()])
    together = {model: np.concatenate([scored[name][model] for name in sites]) for model in MODELS}
    return evaluations | {TOGETHER: _evaluation(labels, scored=together, adopted="")}


def pooled_probabilities(sites: Mapping[str, SiteData], *, spec: ModelSpec) -> dict[str, Floats]:
    """Held-out probabilities of one model of the same family, from all training patients as if in one place."""
    everything = _together([site.training_raw for site in sites.values()])
    rows = np.arange(everything.patients)
    whole = SiteData(
        raw=everything,
        labels=np.concatenate([site.training_labels for site in sites.values()]),
        training=rows,
        held_out=rows[:0],
        folds=np.zeros(everything.patients, dtype=np.int64),
        fold_count=2,
    )
    model = train_local(whole, study="pooled", study_hash="", outcome="", spec=spec)
    return {name: _sigmoid(logits(model, raw=site.held_out_raw)) for name, site in sites.items()}


def _evaluation(labels: Floats, *, scored: Mapping[str, Floats], adopted: str) -> Evaluation:
    calibration = federated_calibration(histogram_vector(labels, probabilities=scored["adopted"]))
    return Evaluation(
        n_test=len(labels),
        models={model: _figures(labels, scored[model]) for model in MODELS},
        calibration=tuple(
            CalibrationFigure(predicted=row.predicted, observed=row.observed, patients=row.patients)
            for row in calibration
            if row.predicted is not None and row.observed is not None
        ),
        adopted=adopted,
    )


def _figures(labels: Floats, probabilities: Floats) -> ModelFigures:
    metrics = evaluate(labels, probabilities=probabilities)
    return ModelFigures(
        accuracy=metrics.accuracy,
        auroc=metrics.auroc,
        auroc_low=metrics.auroc_low,
        auroc_high=metrics.auroc_high,
        brier=metrics.brier,
    )


def _together(tables: Sequence[RawTable]) -> RawTable:
    columns = {
        feature.name: np.concatenate([table.columns[feature.name] for table in tables])
        for feature in tables[0].features
    }
    return RawTable(features=tables[0].features, columns=columns, patients=sum(table.patients for table in tables))


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)), dtype=np.float64)
