"""What a demonstration found, as plain nouns: the one source of report.json and report.html."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MODELS = ("local", "federated", "adopted", "pooled")
TOGETHER = "pooled"


@dataclass(frozen=True, kw_only=True)
class KindCount:
    """One kind of planted error at one hospital."""

    kind: str
    planted: int
    caught: int


@dataclass(frozen=True, kw_only=True)
class HospitalStory:
    """One hospital from its export to clean records.

    ``caught``: planted errors that were held or put in quarantine. ``accepted``, ``corrected``, ``confirmed``: the
    steward's decisions on held values; ``replayed``: quarantined records replayed with the paper chart's content.
    ``false_alarms``: values held or records refused although the paper chart says the same and it is right.
    ``left_held``: values that stay held, as the paper chart has the same impossible value. ``cells``: of the study matrix,
    compared with the source after the steward's work.
    """

    slug: str
    name: str
    format: str
    patients: int
    resources: int
    quarantined: int
    planted: int
    caught: int
    accepted: int
    corrected: int
    confirmed: int
    replayed: int
    left_held: int
    false_alarms: int
    kinds: tuple[KindCount, ...]
    import_seconds: float
    cells: int = 0
    cells_different: int = 0


@dataclass(frozen=True, kw_only=True)
class RoundFigure:
    """The global model after one round on the held-out patients of all hospitals together."""

    round: int
    auroc: float
    auroc_low: float | None
    auroc_high: float | None
    brier: float | None


@dataclass(frozen=True, kw_only=True)
class RunStory:
    """The run as the coordinator knows it."""

    study: str
    study_title: str
    study_hash: str
    engine: str
    rounds: int
    seconds_per_round: float
    bytes_up_per_hospital_per_round: int
    parameters: int
    secure_aggregation: str
    outcome: str
    figures: tuple[RoundFigure, ...]
    seen: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ModelFigures:
    """How good one model is on one hospital's held-out patients; the AUROC is None where one outcome is missing."""

    accuracy: float
    auroc: float | None
    auroc_low: float | None
    auroc_high: float | None
    brier: float


@dataclass(frozen=True, kw_only=True)
class CalibrationFigure:
    """Held-out patients with about the same prediction."""

    predicted: float
    observed: float
    patients: int


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """One hospital's held-out patients under each model (names of MODELS); ``calibration`` is the adopted model's."""

    n_test: int
    models: dict[str, ModelFigures]
    calibration: tuple[CalibrationFigure, ...] = ()
    adopted: str = ""


@dataclass(frozen=True, kw_only=True)
class PredictionStory:
    """The reference for one patient."""

    hospital: str
    patient: str
    probability: float
    interval: tuple[float, float]
    contributions: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, kw_only=True)
class Story:
    """The whole demonstration; ``run``, ``evaluation`` and ``prediction`` are empty until there was a run.

    ``largest_gap``: between federated and pooled probability of any held-out patient. ``site_part``: what federated
    validation let each hospital have of its own (shared: nothing, intercept, deviation).
    """

    seed: int
    hospitals: tuple[HospitalStory, ...]
    seconds: float
    stages: tuple[tuple[str, float], ...] = ()
    run: RunStory | None = None
    evaluation: dict[str, Evaluation] = field(default_factory=dict)
    largest_gap: float | None = None
    site_part: str = "shared"
    prediction: PredictionStory | None = None


def report_json(story: Story) -> dict[str, Any]:
    """The shape that others rely on: hospitals, run, evaluation (by hospital name, "mean", "pooled"), prediction, seconds."""
    run, prediction = story.run, story.prediction
    return {
        "hospitals": [
            {
                "name": hospital.name,
                "format": hospital.format,
                "patients": hospital.patients,
                "resources": hospital.resources,
                "quarantined": hospital.quarantined,
                "planted_errors": hospital.planted,
                "caught_errors": hospital.caught,
                "false_alarms": hospital.false_alarms,
            }
            for hospital in story.hospitals
        ],
        "run": {
            "study": run.study,
            "study_hash": run.study_hash,
            "engine": run.engine,
            "rounds": run.rounds,
            "seconds_per_round": run.seconds_per_round,
            "bytes_up_per_hospital_per_round": run.bytes_up_per_hospital_per_round,
            "parameters": run.parameters,
            "secure_aggregation": run.secure_aggregation,
        }
        if run
        else None,
        "evaluation": _evaluation_json(story),
        "prediction": {
            "hospital": prediction.hospital,
            "patient": prediction.patient,
            "probability": prediction.probability,
            "interval": list(prediction.interval),
            "contributions": [
                {"feature": title, "value": value, "contribution": amount}
                for title, value, amount in prediction.contributions
            ],
        }
        if prediction
        else None,
        "seconds": story.seconds,
    }


def mean_figures(evaluations: Sequence[Evaluation], model: str) -> ModelFigures:
    """The plain mean over hospitals; hospitals without an AUROC are left out of its mean. Without intervals."""
    figures = [evaluation.models[model] for evaluation in evaluations]
    areas = [figure.auroc for figure in figures if figure.auroc is not None]
    return ModelFigures(
        accuracy=sum(figure.accuracy for figure in figures) / len(figures),
        auroc=sum(areas) / len(areas) if areas else None,
        auroc_low=None,
        auroc_high=None,
        brier=sum(figure.brier for figure in figures) / len(figures),
    )


def save_story(path: Path, story: Story) -> None:
    path.write_text(json.dumps(asdict(story), ensure_ascii=False, indent=1) + "\n", "utf-8")


def _evaluation_json(story: Story) -> dict[str, Any]:
    if not story.evaluation:
        return {}
    single = [evaluation for name, evaluation in story.evaluation.items() if name != TOGETHER]
    shown: dict[str, Any] = {
        name: {"n_test": evaluation.n_test}
        | {model: _figures_json(figures) for model, figures in evaluation.models.items()}
        for name, evaluation in story.evaluation.items()
    }
    shown["mean"] = {"n_test": sum(evaluation.n_test for evaluation in single)} | {
        model: _figures_json(mean_figures(single, model)) for model in single[0].models
    }
    return shown


def _figures_json(figures: ModelFigures) -> dict[str, float | None]:
    return {"accuracy": figures.accuracy, "auroc": figures.auroc, "brier": figures.brier}
