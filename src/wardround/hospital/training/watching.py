"""What a hospital keeps of how a model does here: evaluation on held-out patients, and drift since the cohort was frozen.

Both are made by the worker or a command, never for a page, and kept among the model's figures: counts, and nothing of any
patient. Patients since: those who have come into the study's cohort since it was frozen for the model.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.federation.errors import FederationError
from wardround.federation.study import Study
from wardround.hospital.records.access import require
from wardround.hospital.training import vault
from wardround.hospital.training.cohort import build_cohort
from wardround.hospital.training.models import LocalModel
from wardround.hospital.training.queries import files_of, published
from wardround.learning.artifact import Artifact
from wardround.learning.drift import FEWEST_PATIENTS, calibration_drift, input_drift, profile
from wardround.learning.predict import SitePart, probabilities
from wardround.web.audit.trail import record_one
from wardround.web.sealed_file import SealedFileError

if TYPE_CHECKING:
    from wardround.learning.features import RawTable
    from wardround.learning.site import SiteData

_KEPT = 90  # earlier measures, as date and the largest figures


@dataclass(frozen=True)
class DriftAlert:
    """One model whose patients are no longer those it was adopted on, or of which that could not be measured."""

    study_title: str
    model_sha256: str
    inputs: tuple[str, ...]  # titles of those that drifted
    observed: int | None  # outcomes, where the calibration drifted
    expected: float | None
    patients: int
    measured: datetime
    failed: str = ""  # why it could not be measured


def watched_figures(artifact: Artifact, *, site: "SiteData", part: SitePart | None) -> dict[str, Any]:
    """What adoption adds to a model's figures: `evaluation` on held-out patients, `inputs` of the whole cohort."""
    from wardround.learning.local_evaluation import local_evaluation

    chances = probabilities(artifact, raw=site.held_out_raw, site=part)
    evaluation = local_evaluation(
        site.held_out_labels, probabilities=chances, raw=site.held_out_raw, seed=artifact.sha256
    )
    return {"evaluation": evaluation, "inputs": profile(site.raw)}


def watch_models(*, by: object) -> list[LocalModel]:
    """Measure the drift of every model in use; evaluate those that were adopted before evaluations were kept."""
    from wardround.learning.cohort import CohortError

    actor = require(by, "training")
    done = []
    for model in LocalModel.objects.filter(is_current=True).select_related("study"):
        figures = dict(model.figures)
        try:
            figures |= _missing(model)
            figures["drift"] = _drift(model, figures=figures, by=by)
        except (FederationError, SealedFileError, CohortError) as error:
            before = (figures.get("drift") or {}).get("before", [])
            figures["drift"] = {"measured": timezone.now().isoformat(), "failed": str(error), "before": before}
        with transaction.atomic():
            LocalModel.objects.filter(pk=model.pk).update(figures=figures)
            model.figures = figures
            detail = {"patients": figures["drift"].get("patients"), "alert": has_drifted(figures)}
            record_one(actor, "model.watch", what=f"LocalModel/{model.pk}", detail=detail)
        done.append(model)
    return done


def drift_alerts() -> list[DriftAlert]:
    """The models in use that drifted or could not be measured, newest first. Ask after the role."""
    found = []
    for model in LocalModel.objects.filter(is_current=True).select_related("study").order_by("-made"):
        drift = model.figures.get("drift", {})
        failed = drift.get("failed", "")
        if not failed and not has_drifted(model.figures):
            continue
        calibration = drift.get("calibration") or {}
        is_off = calibration.get("has_drifted", False)
        found.append(
            DriftAlert(
                study_title=model.study.title,
                model_sha256=model.model_sha256,
                inputs=tuple(one["title"] for one in drift.get("inputs", ()) if one["has_drifted"]),
                observed=calibration["observed"] if is_off else None,
                expected=calibration["expected"] if is_off else None,
                patients=drift.get("patients", 0),
                measured=datetime.fromisoformat(drift["measured"]),
                failed=failed,
            )
        )
    return found


def has_drifted(figures: dict[str, Any]) -> bool:
    """Is a model beyond a limit, with enough patients since?"""
    drift = figures.get("drift") or {}
    calibration = drift.get("calibration") or {}
    return any(one["has_drifted"] for one in drift.get("inputs", ())) or bool(calibration.get("has_drifted"))


def told_drift(figures: dict[str, Any]) -> dict[str, Any] | None:
    """A model's drift as it may be told: no figure of fewer patients than a measure needs, for they could point at one."""
    drift: dict[str, Any] | None = figures.get("drift")
    if not drift or "failed" in drift:
        return drift
    needed = drift.get("needed", FEWEST_PATIENTS)
    if drift["patients"] >= needed:
        return drift | {"before": [line for line in drift.get("before", ()) if line["patients"] >= needed]}
    return {name: drift[name] for name in ("measured", "patients")} | {"needed": FEWEST_PATIENTS, "inputs": []}


def _missing(model: LocalModel) -> dict[str, Any]:
    from wardround.hospital.training.frozen import frozen_site

    if {"evaluation", "inputs"} <= model.figures.keys():
        return {}
    artifact, part = files_of(model.pk)
    return watched_figures(artifact, site=frozen_site(model.study), part=part)


def _drift(model: LocalModel, *, figures: dict[str, Any], by: object) -> dict[str, Any]:
    artifact, part = files_of(model.pk)
    study = published(model.study).study
    since = _since(study, by=by)
    now = timezone.now().isoformat()
    before = (figures.get("drift") or {}).get("before", [])
    if since is None:
        return {"measured": now, "patients": 0, "needed": FEWEST_PATIENTS, "inputs": [], "before": before}
    raw, labels = since
    calibration = calibration_drift(labels, probabilities=probabilities(artifact, raw=raw, site=part))
    inputs = input_drift(figures["inputs"], raw=raw)
    line = {"measured": now, "patients": raw.patients, "largest": max((one.index for one in inputs), default=0.0)}
    return {
        "measured": now,
        "patients": raw.patients,
        "needed": FEWEST_PATIENTS,
        "inputs": [asdict(one) for one in inputs],
        "calibration": asdict(calibration),
        "before": [*before, line][-_KEPT:],
    }


def _since(study: Study, *, by: object) -> "tuple[RawTable, Any] | None":
    """The inputs and outcomes of the patients who are in the cohort now and were not when it was frozen."""
    import numpy as np

    from wardround.learning.cohort import extract_cohort, read_events
    from wardround.learning.features import raw_features

    with vault.opened_cohort(settings.HOME, study.hash) as frozen:
        known = extract_cohort(frozen, task=study.cohort.task).subject_ids
    with vault.private_folder(settings.HOME) as folder:
        build_cohort(study, folder=folder, by=by)
        cohort = extract_cohort(folder, task=study.cohort.task)
        new = ~np.isin(cohort.subject_ids, known)
        if not new.any():
            return None
        times = {subject: time for subject, time in cohort.times.items() if subject not in set(known.tolist())}
        return raw_features(read_events(folder), index_times=times, features=study.features), cohort.labels[new]
