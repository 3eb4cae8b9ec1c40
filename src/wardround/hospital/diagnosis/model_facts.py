"""The facts of one model at this hospital: from its study, its run, and the evaluation on this hospital's own patients."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wardround.federation.source_attributes import NO_FAIRNESS, Stated, said_by_study, stated
from wardround.federation.study import Study
from wardround.hospital.diagnosis.calibration_plot import CalibrationPlot, calibration_plot
from wardround.hospital.records.access import may, require
from wardround.hospital.training.queries import AdoptedModel, kept_model
from wardround.hospital.training.watching import has_drifted, told_drift
from wardround.learning.evaluate import CalibrationRow
from wardround.web.audit.trail import record_one

FORMAT = "wardround-hospital-model-facts-1"
_NO_OUTSIDE = "No test by others, or on data from outside the federation, is known here."
_NO_SUBGROUPS = "Not measured: this hospital's groups are too small to be shown, or sex and age are no inputs."
_NOT_YET = "Not measured yet: the worker measures it every night."


@dataclass(frozen=True)
class GroupLine:
    """One subgroup of the held-out patients; without figures where it is too small to be shown."""

    kind: str
    name: str
    patients: int | None
    auroc: float | None
    auroc_low: float | None
    auroc_high: float | None


@dataclass(frozen=True)
class ModelFactsPage:
    """Everything that the page says of one model."""

    model: AdoptedModel
    study: Study
    is_in_use: bool
    hospitals: int | None
    patients: int | None
    evaluation: Mapping[str, Any] | None
    groups: tuple[GroupLine, ...]
    rows: tuple[CalibrationRow, ...]
    plot: CalibrationPlot | None
    drift: Mapping[str, Any] | None
    drift_measured: datetime | None
    is_drifting: bool
    attributes: tuple[Stated, ...]

    @property
    def sha256(self) -> str:
        return self.model.artifact.sha256


def model_facts(somebody: object, sha256: str) -> ModelFactsPage:
    """For whoever reads charts or sees studies. Raises `NotAllowed`, and `NotKnownError` for a model that is not kept here."""
    actor = require(somebody, "charts" if may(somebody, "charts") else "training")
    model, is_in_use = kept_model(sha256)
    record_one(actor, "model.facts", what=f"Model/{sha256[:16]}")
    study = Study.from_document(model.study)
    evaluation = model.figures.get("evaluation")
    drift = told_drift(model.figures)
    rows = tuple(CalibrationRow(**row) for row in model.figures.get("calibration_rows", ()))
    return ModelFactsPage(
        model=model,
        study=study,
        is_in_use=is_in_use,
        hospitals=model.artifact.training.get("hospitals"),
        patients=model.artifact.training.get("patients"),
        evaluation=evaluation["overall"] if evaluation else None,
        groups=_groups(evaluation),
        rows=rows,
        plot=calibration_plot(rows),
        drift=drift,
        drift_measured=datetime.fromisoformat(drift["measured"]) if drift else None,
        is_drifting=has_drifted(model.figures),
        attributes=_attributes(model, study=study, evaluation=evaluation, drift=drift),
    )


def as_document(page: ModelFactsPage) -> dict[str, Any]:
    """The facts as plain values, for a file that others read."""
    return {
        "format": FORMAT,
        "model": {"sha256": page.sha256, "kind": page.model.kind, "adopted": page.model.made.isoformat()},
        "in_use": page.is_in_use,
        "study": {"hash": page.model.study_hash, "name": page.study.name, "version": page.study.version},
        "run": page.model.run_id or None,
        "trained_on": {"hospitals": page.hospitals, "patients": page.patients},
        "local_evaluation": page.model.figures.get("evaluation"),
        "calibration": [vars(row) for row in page.rows],
        "drift": page.drift,
        "decision": page.model.decision,
        "source_attributes_45_cfr_170_315_b_11_iv_B": [one.as_json() for one in page.attributes],
    }


def _groups(evaluation: Mapping[str, Any] | None) -> tuple[GroupLine, ...]:
    found = []
    for group in (evaluation or {}).get("subgroups", ()):
        figures = group["performance"]
        area = figures["auroc"] if figures else {}
        found.append(
            GroupLine(
                kind=group["kind"],
                name=group["name"],
                patients=figures["patients"] if figures else None,
                auroc=area.get("value"),
                auroc_low=area.get("low"),
                auroc_high=area.get("high"),
            )
        )
    return tuple(found)


def _attributes(
    model: AdoptedModel, *, study: Study, evaluation: Mapping[str, Any] | None, drift: Mapping[str, Any] | None
) -> tuple[Stated, ...]:
    known = said_by_study(study)
    hospitals, patients = model.artifact.training.get("hospitals"), model.artifact.training.get("patients")
    if patients is not None:
        known["(4)(iv)"] = f"Trained on {patients} patients of {hospitals} hospitals of the federation."
    if evaluation:
        overall = evaluation["overall"]
        area = overall["auroc"]
        if area["value"] is not None:
            interval = f" (95 % interval {area['low']:.3f} to {area['high']:.3f})" if area["low"] is not None else ""
            said = (
                f"AUROC {area['value']:.3f}{interval}, Brier score {overall['brier']['value']:.3f}, on "
                f"{overall['patients']} patients of this hospital that were held out of training."
            )
            known["(7)(i)"] = known["(8)(ii)"] = said
        if any(group["performance"] for group in evaluation["subgroups"]):
            known["(7)(ii)"] = known["(8)(iv)"] = "By sex and age band on the held-out patients: see the table above."
    if drift and "failed" not in drift:
        known["(8)(i)"] = (
            f"Every night, inputs and calibration of the patients since adoption ({drift['patients']} so far, "
            f"{drift.get('needed', 0)} needed) are compared with those of training; a data steward is alerted."
        )
    why = {
        "(1)(ii)": "The study document has no field for it.",
        "(4)(iii)": "Not told: only sums leave a hospital, and none by sex or age.",
        "(7)(i)": _NOT_YET,
        "(7)(ii)": _NO_SUBGROUPS,
        **dict.fromkeys(("(5)(i)", "(5)(ii)"), NO_FAIRNESS),
        **dict.fromkeys(("(6)(i)", "(6)(ii)", "(6)(iii)", "(6)(iv)", "(7)(iii)", "(7)(iv)"), _NO_OUTSIDE),
        "(7)(v)": "No such evaluation is known.",
        "(8)(i)": f"It could not be measured: {drift['failed']}" if drift and "failed" in drift else _NOT_YET,
        "(8)(ii)": _NOT_YET,
        "(8)(iii)": "Not watched over time; it is measured at adoption alone.",
        "(8)(iv)": _NO_SUBGROUPS,
        "(9)(i)": "No schedule: a new model comes from a new run, and is adopted only if it is no worse here.",
        "(9)(ii)": "No schedule: a drifting model is switched off, or another is put in use, by a person with a reason.",
    }
    return stated(known, why_missing=why, otherwise="Not stated.")
