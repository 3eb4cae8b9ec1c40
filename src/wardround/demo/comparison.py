"""Local, federated, adopted and pooled model on the same held-out patients, hospital by hospital.

Only the demonstration can make this comparison: it has all four homes. The coordinator and each hospital never had it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wardround.demo.story import MODELS, TOGETHER, CalibrationFigure, Evaluation, ModelFigures
from wardround.learning.evaluate import evaluate, federated_calibration, histogram_vector
from wardround.learning.features import RawTable
from wardround.learning.personalise import train_local
from wardround.learning.predict import logits
from wardround.learning.site import SiteData
from wardround.learning.specification import Feature, ModelSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What one home gave for the comparison (see ``gather``)."""

    site: SiteData
    probabilities: Mapping[str, Floats]
    adopted: str

    @classmethod
    def from_json(cls, facts: Mapping[str, Any], *, features: Sequence[Feature]) -> "Gathered":
        training, held_out = (np.array(facts[rows], dtype=np.int64) for rows in ("training", "held_out"))
        raw = RawTable(
            features=tuple(features),
            columns={feature.name: _column(feature, facts["columns"][feature.name]) for feature in features},
            patients=len(facts["labels"]),
        )
        site = SiteData(
            raw=raw,
            labels=np.array(facts["labels"], dtype=np.float64),
            training=training,
            held_out=held_out,
            folds=np.zeros(len(training), dtype=np.int64),
            fold_count=2,
        )
        chances = {model: np.array(values, dtype=np.float64) for model, values in facts["probabilities"].items()}
        words = "uses the federated model" if facts["adopted"] == "federated" else "keeps its own model"
        return cls(site=site, probabilities=chances, adopted=words)


def compare_gathered(gathered: Mapping[str, Gathered], *, spec: ModelSpec) -> dict[str, Evaluation]:
    """``compare`` for what was gathered from the homes, by hospital name."""
    return compare(
        {name: one.site for name, one in gathered.items()},
        probabilities={name: one.probabilities for name, one in gathered.items()},
        spec=spec,
        adopted={name: one.adopted for name, one in gathered.items()},
    )


def largest_gap(gathered: Mapping[str, Gathered], *, spec: ModelSpec) -> float:
    """The largest difference between federated and pooled probability over all held-out patients."""
    pooled = pooled_probabilities({name: one.site for name, one in gathered.items()}, spec=spec)
    return max(float(np.abs(pooled[name] - one.probabilities["federated"]).max()) for name, one in gathered.items())


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


def _column(feature: Feature, cells: Sequence[Any]) -> NDArray[Any]:
    if feature.kind == "numeric":
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)), dtype=np.float64)
