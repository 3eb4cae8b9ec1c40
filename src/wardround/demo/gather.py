"""What the demonstration reads in one hospital's home to compare models, once the home has decided on the run's model.

Runs in a process of its own whose Django serves this home. Only a demonstration may do this: it owns all four homes.
"""

import time
from threading import Event
from typing import Any

import numpy as np
from django.conf import settings

from wardround.demo.folder import DemoError
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.queries import banner, iter_patients_facts
from wardround.hospital.training import vault
from wardround.hospital.training.events import subject_id
from wardround.hospital.training.frozen import frozen_site
from wardround.hospital.training.queries import AdoptedModel, adopted_models, published, study_named
from wardround.learning.artifact import Artifact
from wardround.learning.personalise import follow, train_local
from wardround.learning.predict import SitePart, logits
from wardround.learning.site import SiteData
from wardround.web.audit.actor import system_actor

_WAIT_SECONDS = 90.0
_LOOK_SECONDS = 0.25
_OPEN = 0.7


def gather(study_hash: str) -> dict[str, Any]:
    """The frozen cohort's raw inputs, labels and split, and the held-out patients' probability under each model.

    Waits until the home has decided on the run's model. Raises DemoError when it does not.
    """
    adopted = _decided_model(study_hash)
    study = study_named(study_hash)
    document = published(study).study
    site = frozen_site(study)
    local = train_local(
        site, study=document.name, study_hash=document.hash, outcome=document.cohort.label_name, spec=document.model
    )
    shared = Artifact.from_bytes(vault.fetch(settings.HOME, vault.received_name(study_hash, adopted.run_id)))
    return {
        "columns": {name: _plain(column) for name, column in site.raw.columns.items()},
        "labels": site.labels.tolist(),
        "training": site.training.tolist(),
        "held_out": site.held_out.tolist(),
        "probabilities": {
            "local": _chances(local, site, None),
            "federated": _chances(shared, site, follow(shared, site=site)),
            "adopted": _chances(adopted.artifact, site, adopted.site),
        },
        "adopted": adopted.kind,
        "sentence": adopted.decision.get("sentence", ""),
        "parameters": len(shared.weights),
        "site_part": shared.candidate,
        "example": _example(site, chances=_chances(adopted.artifact, site, adopted.site), study_hash=study_hash),
    }


def _decided_model(study_hash: str) -> AdoptedModel:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        found = [model for model in adopted_models() if model.study_hash == study_hash and model.run_id]
        if found:
            return found[0]
        if time.monotonic() > deadline:
            raise DemoError(f"{settings.HOME.name} has not decided on the run's model; see its logs/worker.log.")
        Event().wait(_LOOK_SECONDS)


def _chances(artifact: Artifact, site: SiteData, part: SitePart | None) -> list[float]:
    chances: list[float] = (1 / (1 + np.exp(-logits(artifact, raw=site.held_out_raw, site=part)))).tolist()
    return chances


def _plain(column: Any) -> list[Any]:
    return [None if isinstance(cell, float) and np.isnan(cell) else cell for cell in column.tolist()]


def _example(site: SiteData, *, chances: list[float], study_hash: str) -> dict[str, str]:
    """The patient in front of you: of the held-out patients with the most inputs known, one whose estimate is no foregone
    conclusion (nearest to ``_OPEN``)."""
    if site.subject_ids is None:
        raise DemoError("The frozen cohort does not say whose its rows are.")
    known = np.sum([~site.raw.missing(feature) for feature in site.raw.features], axis=0)
    most = max(known[site.held_out])
    _, subject = min(
        (abs(chance - _OPEN), int(site.subject_ids[row]))
        for row, chance in zip(site.held_out, chances, strict=True)
        if known[row] == most
    )
    actor = system_actor("demo gather")
    patient_id = next(
        facts.patient_id
        for facts in iter_patients_facts(actor)
        if subject_id(settings.HOME, study_hash=study_hash, patient_id=facts.patient_id) == subject
    )
    return {"number": banner(patient_for(actor, patient_id)).number, "patient": patient_id}
