"""What is known of a global model, from its study and its run: for its page and as a file. The weights are not part of it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from wardround.coordinator.members.queries import members
from wardround.coordinator.models.models import GlobalModel
from wardround.coordinator.models.queries import NoSuchModelError
from wardround.coordinator.runs.board import read_outcome, run_folder
from wardround.coordinator.studies.queries import document_of
from wardround.federation.source_attributes import NO_FAIRNESS, Stated, said_by_study, stated
from wardround.federation.study import Study

FORMAT = "wardround-model-facts-1"
_AT_THE_HOSPITAL = "Known at each hospital only: its own model facts page shows it for its own patients."
_NO_SUBGROUPS = "Not measured: a run sums no figures by sex or age. Each hospital measures it on its own patients."
_NO_OUTSIDE = "No test on data from outside the federation is known."


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How good the model was on the held-out patients of all hospitals together; the interval is 95 %, by DeLong."""

    patients: int
    positives: int
    auroc: float | None
    auroc_low: float | None
    auroc_high: float | None
    brier: float | None
    log_loss: float | None
    accuracy: float | None


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """One global model. `hospitals` and those who have it are titles; `calibration` has rows of five patients or more."""

    sha256: str
    size: int
    made: datetime
    study: Study
    study_hash: str
    run_id: str
    rounds: int
    converged: bool | None
    candidate: str
    parameters: int | None
    hospitals: tuple[str, ...]
    fetched: tuple[str, ...]
    not_fetched: tuple[str, ...]
    patients: int | None
    figures: Figures | None
    calibration: tuple[dict[str, Any], ...]
    attributes: tuple[Stated, ...]


def facts_of(sha256: str) -> ModelFacts:
    """Raises NoSuchModelError."""
    model = GlobalModel.objects.select_related("run__study").filter(sha256=sha256).order_by("-made").first()
    if model is None:
        raise NoSuchModelError("There is no global model with this hash.")
    return _facts(model)


def all_facts() -> tuple[ModelFacts, ...]:
    """Every global model, newest first."""
    return tuple(_facts(model) for model in GlobalModel.objects.select_related("run__study").order_by("-made"))


def as_document(facts: ModelFacts) -> dict[str, Any]:
    """The facts as plain values, for a file that others read."""
    return {
        "format": FORMAT,
        "model": {
            "sha256": facts.sha256,
            "bytes": facts.size,
            "made": facts.made.isoformat(),
            "candidate": facts.candidate,
            "parameters": facts.parameters,
        },
        "study": {
            "hash": facts.study_hash,
            "name": facts.study.name,
            "version": facts.study.version,
            "title": facts.study.title,
        },
        "run": {"id": facts.run_id, "rounds": facts.rounds, "converged": facts.converged},
        "hospitals": list(facts.hospitals),
        "training_patients": facts.patients,
        "performance_on_held_out_patients_of_all_hospitals": asdict(facts.figures) if facts.figures else None,
        "calibration": list(facts.calibration),
        "source_attributes_45_cfr_170_315_b_11_iv_B": [one.as_json() for one in facts.attributes],
    }


def _facts(model: GlobalModel) -> ModelFacts:
    run, study = model.run, document_of(model.run.study)
    outcome = read_outcome(run_folder(settings.HOME, run.run_id)) or {}
    titles = {member.name: member.title for member in members()}
    roster = [str(name) for name in outcome.get("roster", run.hospitals)]
    received = [str(name) for name in outcome.get("received", [])]
    figures = _figures(outcome.get("metrics"))
    patients = outcome.get("patients")
    return ModelFacts(
        sha256=model.sha256,
        size=model.size,
        made=model.made,
        study=study,
        study_hash=run.study.hash,
        run_id=run.run_id,
        rounds=model.rounds,
        converged=outcome.get("converged"),
        candidate=str(outcome.get("chosen", "")),
        parameters=outcome.get("parameters"),
        hospitals=tuple(titles.get(name, name) for name in roster),
        fetched=tuple(titles.get(name, name) for name in received),
        not_fetched=tuple(titles.get(name, name) for name in roster if name not in received),
        patients=patients,
        figures=figures,
        calibration=tuple(row for row in outcome.get("calibration", []) if row["patients"]),
        attributes=_attributes(study, figures=figures, hospitals=len(roster), patients=patients),
    )


def _figures(metrics: dict[str, Any] | None) -> Figures | None:
    if metrics is None:
        return None
    return Figures(**{name: metrics.get(name) for name in Figures.__dataclass_fields__})  # type: ignore[arg-type]


def _attributes(study: Study, *, figures: Figures | None, hospitals: int, patients: int | None) -> tuple[Stated, ...]:
    known = said_by_study(study)
    if patients is not None:
        known["(4)(iv)"] = f"Trained on {patients} patients of {hospitals} hospitals of the federation, as one sum."
    if figures is not None and figures.auroc is not None:
        interval = (
            f" (95 % interval {figures.auroc_low:.3f} to {figures.auroc_high:.3f})"
            if figures.auroc_low is not None and figures.auroc_high is not None
            else ""
        )
        known["(7)(i)"] = (
            f"AUROC {figures.auroc:.3f}{interval} on {figures.patients} patients that the hospitals held out of training."
        )
    why = {
        "(1)(ii)": "The study document has no field for it.",
        "(4)(iii)": "Not summed: the coordinator knows no patient's sex or age, and no counts by them.",
        "(7)(ii)": _NO_SUBGROUPS,
        **dict.fromkeys(("(5)(i)", "(5)(ii)"), NO_FAIRNESS),
        **dict.fromkeys(("(6)(i)", "(6)(ii)", "(6)(iii)", "(6)(iv)", "(7)(iii)", "(7)(iv)"), _NO_OUTSIDE),
        "(7)(v)": "No such evaluation is known.",
        **dict.fromkeys(("(8)(i)", "(8)(ii)", "(8)(iii)", "(8)(iv)"), _AT_THE_HOSPITAL),
        "(9)(i)": "No schedule: a new model comes from a new run or a new study, and each hospital decides on it.",
        "(9)(ii)": "No schedule: a hospital that sees drift switches the model off or adopts a newer one.",
    }
    return stated(known, why_missing=why, otherwise="Not stated.")
