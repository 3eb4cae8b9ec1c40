"""What a hospital does with a global model: retrain locally, calibrate, and adopt it only if it is no worse."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.federation.study import Study
from wardround.hospital.records.access import require
from wardround.hospital.training import vault
from wardround.hospital.training.frozen import frozen_site
from wardround.hospital.training.membership import name_in_federation
from wardround.hospital.training.models import ApprovedStudy, LocalModel, RunRecord, StudyStanding
from wardround.hospital.training.queries import adopted_name, hold_models, is_switched_off, published, site_part_name
from wardround.hospital.training.watching import watched_figures
from wardround.learning.artifact import Artifact
from wardround.learning.predict import SitePart, logits
from wardround.web.audit.trail import record_one

if TYPE_CHECKING:
    from wardround.learning.site import SiteData


@dataclass(frozen=True)
class _Candidate:
    kind: str
    artifact: Artifact
    site: SitePart | None


def adopt_received(*, by: object) -> list[LocalModel]:
    """Take every global model that has arrived and was not looked at yet through the decision. Needs torch."""
    require(by, "approve")
    adopted = []
    for study in ApprovedStudy.objects.all():
        for run_id, name in vault.received_runs(settings.HOME, study.hash):
            if not RunRecord.objects.filter(run_id=run_id).exists():
                adopted.append(_decide_on(study, run_id=run_id, data=vault.fetch(settings.HOME, name), by=by))
    return adopted


def train_local(study: ApprovedStudy, *, by: object) -> LocalModel:
    """Learn from this hospital's own patients alone, for a hospital that waits for a run or wants none. In use at once."""
    from wardround.learning.personalise import train_local as fit_local

    found, site = published(study).study, frozen_site(study)
    artifact = fit_local(
        site, study=found.name, study_hash=found.hash, outcome=found.cohort.label_name, spec=found.model
    )
    candidate = _Candidate(kind="local", artifact=artifact, site=None)
    figures: dict[str, Any] = {"local": _metrics(candidate, site=site), "adopted": _metrics(candidate, site=site)}
    figures["calibration_rows"] = _rows(candidate, site=site)
    figures |= watched_figures(artifact, site=site, part=None)
    decision = {"adopted": "local", "sentence": "Learned from this hospital's own patients alone."}
    return _keep(study, candidate=candidate, run=None, decision=decision, figures=figures, by=by)


def _decide_on(study: ApprovedStudy, *, run_id: str, data: bytes, by: object) -> LocalModel:
    from wardround.learning.personalise import decide, follow, retrain
    from wardround.learning.personalise import train_local as fit_local
    from wardround.learning.site import split_seed

    found: Study = published(study).study
    site = frozen_site(study)
    seed = split_seed(found.hash, name_in_federation(settings.HOME))
    shared = Artifact.from_bytes(data)
    retrained = retrain(shared, site=site, seed=seed)
    adoption = decide(retrained, site=site, spec=found.model, seed=seed)
    own = fit_local(site, study=found.name, study_hash=found.hash, outcome=found.cohort.label_name, spec=found.model)
    local = _Candidate(kind="local", artifact=own, site=None)
    federated = _Candidate(kind="federated", artifact=shared, site=retrained.site)
    chosen = federated if adoption.adopted == "federated" else local
    figures: dict[str, Any] = {
        "local": _metrics(local, site=site),
        "federated": _metrics(_Candidate(kind="federated", artifact=shared, site=follow(shared, site=site)), site=site),
        "adopted": _metrics(chosen, site=site),
        "calibration_rows": _rows(chosen, site=site),
        **watched_figures(chosen.artifact, site=site, part=chosen.site),
    }
    with transaction.atomic():
        run = RunRecord.objects.create(
            run_id=run_id, study=study, received=timezone.now(), model_sha256=hashlib.sha256(data).hexdigest()
        )
        decision = {**asdict(adoption), "scores": [list(score) for score in retrained.scores]}
        if chosen is not federated:
            # Kept beside the one in use: a person may overrule the decision.
            own_figures = figures | {
                "adopted": _metrics(federated, site=site),
                "calibration_rows": _rows(federated, site=site),
                **watched_figures(shared, site=site, part=retrained.site),
            }
            _keep(study, candidate=federated, run=run, decision=decision, figures=own_figures, by=by, in_use=False)
        return _keep(study, candidate=chosen, run=run, decision=decision, figures=figures, by=by)


def _keep(
    study: ApprovedStudy,
    *,
    candidate: _Candidate,
    run: RunRecord | None,
    decision: dict[str, Any],
    figures: dict[str, Any],
    by: object,
    in_use: bool = True,
) -> LocalModel:
    """Keep a model, in use unless a person has switched the study's model off, or, where it comes from a run, has
    withdrawn from the study since."""
    actor = require(by, "approve")
    data = candidate.artifact.to_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        stands = hold_models(study).standing == StudyStanding.APPROVED
        in_use = in_use and (stands or run is None) and not is_switched_off(study)
        if in_use:
            LocalModel.objects.filter(study=study, is_current=True).update(is_current=False)
        model = LocalModel.objects.create(
            study=study,
            run=run,
            kind=candidate.kind,
            model_sha256=sha256,
            decision=decision,
            figures=figures,
            made=timezone.now(),
            is_current=in_use,
        )
        deed = "model.adopt" if in_use else "model.keep"
        record_one(actor, deed, what=f"LocalModel/{model.pk}", detail={"kind": model.kind, "sha256": sha256})
        vault.keep(settings.HOME, adopted_name(model.pk), data)
        if candidate.site is not None:
            part = json.dumps(candidate.site.to_json(), allow_nan=False).encode()
            vault.keep(settings.HOME, site_part_name(model.pk), part)
    return model


def _metrics(candidate: _Candidate, *, site: "SiteData") -> dict[str, Any]:
    from wardround.learning.evaluate import evaluate

    return asdict(evaluate(site.held_out_labels, probabilities=_chances(candidate, site=site)))


def _rows(candidate: _Candidate, *, site: "SiteData") -> list[dict[str, Any]]:
    from wardround.learning.evaluate import federated_calibration, histogram_vector

    total = histogram_vector(site.held_out_labels, probabilities=_chances(candidate, site=site))
    return [asdict(row) for row in federated_calibration(total)]


def _chances(candidate: _Candidate, *, site: "SiteData") -> np.ndarray:
    return 1 / (1 + np.exp(-logits(candidate.artifact, raw=site.held_out_raw, site=candidate.site)))
