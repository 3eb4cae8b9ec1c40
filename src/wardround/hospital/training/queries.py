"""Every read of training. What screens and commands may call:

federation()        -> FederationLine | None    the coordinator this hospital joined
studies()           -> list[StudyLine]          what was published to this hospital, and what it decided
approved_studies()  -> list[Study]              the documents of those that were approved
study_page(name)    -> StudyPage                all that a steward sees before approving
adopted_models()    -> list[AdoptedModel]       the models in use, ready for learning.predict
kept_model(sha256)  -> (AdoptedModel, bool)     one model that is kept here, and whether it is in use
ledger()            -> list[Receipt]               every message that left, oldest first
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from wardround.federation.receipts import Receipt
from wardround.federation.study import Study
from wardround.hospital.training import vault
from wardround.hospital.training.approved import Published, read_publication
from wardround.hospital.training.ledger import read_ledger
from wardround.hospital.training.models import (
    ApprovedStudy,
    Federation,
    LocalModel,
    ModelChange,
    ModelDeed,
    StudyStanding,
)
from wardround.learning.artifact import Artifact
from wardround.learning.predict import SitePart


class NotKnownError(Exception):
    """There is no such study or model here; the message says what there is."""


@dataclass(frozen=True)
class FederationLine:
    """The federation this hospital is in."""

    coordinator: str
    coordinator_identity: str
    hospital: str
    engine: str
    web: str
    joined: datetime | None


@dataclass(frozen=True)
class StudyLine:
    """One study that was published to this hospital."""

    name: str
    version: str
    title: str
    hash: str
    standing: str
    received: datetime
    decided: datetime | None
    decided_by: str
    patients: int | None


@dataclass(frozen=True)
class AdoptedModel:
    """One model in use. `predict(artifact, events=..., index_time=..., site=site)` gives the estimate.

    `kind` is "federated" (global model with this hospital's part) or "local". `figures` are of this hospital's
    held-out patients: {"local" | "federated" | "adopted": {"accuracy", "auroc", "brier", ...}}; `decision` says why
    the model was adopted: {"adopted", "sentence", ...}.
    """

    study_name: str
    study_title: str
    study_hash: str
    study: dict[str, Any]  # the approved document
    kind: str
    artifact: Artifact
    site: SitePart | None
    decision: dict[str, Any]
    figures: dict[str, Any]
    run_id: str
    made: datetime

    @property
    def impression_first(self) -> bool:
        """Does its study ask what a doctor thinks before the estimate is shown?"""
        return bool(self.study.get("impression_first"))


def federation() -> FederationLine | None:
    found = Federation.objects.first()
    if found is None:
        return None
    return FederationLine(
        coordinator=found.coordinator,
        coordinator_identity=found.coordinator_identity,
        hospital=found.hospital,
        engine=f"{found.engine_host}:{found.engine_port}",
        web=found.web,
        joined=found.joined,
    )


def studies() -> list[StudyLine]:
    """Every known study, newest first."""
    return [
        StudyLine(
            name=study.name,
            version=study.version,
            title=study.title,
            hash=study.hash,
            standing=study.standing,
            received=study.received,
            decided=study.decided,
            decided_by=study.decided_by,
            patients=study.patients,
        )
        for study in ApprovedStudy.objects.order_by("-received", "-id")
    ]


def study_named(name: str) -> ApprovedStudy:
    """The newest known study of this name, or the one with this hash (or its beginning). Raises NotKnownError."""
    study = ApprovedStudy.objects.filter(name=name).order_by("-received", "-id").first()
    if study is None and len(name) >= 8:
        study = ApprovedStudy.objects.filter(hash__startswith=name).first()
    if study is None:
        raise NotKnownError(f"No study {name!r} is known here. See what is: wardround hospital studies")
    return study


def published(study: ApprovedStudy) -> Published:
    """The document and its roster, with the signatures checked again against the pinned key."""
    return _published(bytes(study.publication))


@lru_cache(maxsize=16)
def _published(letter: bytes) -> Published:
    return read_publication(letter, coordinator_identity=Federation.objects.get().coordinator_identity)


def approved_studies() -> list[Study]:
    """The studies that this hospital's steward approved, the newest version of each name."""
    found: dict[str, Study] = {}
    rows = ApprovedStudy.objects.filter(standing=StudyStanding.APPROVED).order_by("received", "id")
    for row in rows:
        study = published(row).study
        found[study.name] = study
    return list(found.values())


def adopted_models() -> list[AdoptedModel]:
    """The models in use, newest first. Files are read once per process and model."""
    rows = LocalModel.objects.filter(is_current=True).select_related("study", "run").order_by("-made")
    return [_adopted(row) for row in rows]


def kept_model(sha256: str) -> tuple[AdoptedModel, bool]:
    """A model that is kept here, by its hash, and whether it is in use. Raises NotKnownError."""
    rows = LocalModel.objects.filter(model_sha256=sha256).select_related("study", "run")
    row = rows.order_by("-is_current", "-made", "-pk").first()
    if row is None:
        raise NotKnownError("No such model is kept here.")
    return _adopted(row), row.is_current


def hold_models(study: ApprovedStudy) -> ApprovedStudy:
    """Inside a transaction: nobody else changes which model of this study is in use until it ends. The study as it is now."""
    return ApprovedStudy.objects.select_for_update().get(pk=study.pk)


def is_switched_off(study: ApprovedStudy) -> bool:
    """Has a person switched this study's model off, and nobody put one in use since?"""
    latest = ModelChange.objects.filter(study=study).order_by("-time", "-id").first()
    return latest is not None and latest.deed == ModelDeed.SWITCH_OFF


def _adopted(row: LocalModel) -> AdoptedModel:
    artifact, site = files_of(row.pk)
    return AdoptedModel(
        study_name=row.study.name,
        study_title=row.study.title,
        study_hash=row.study.hash,
        study=published(row.study).study.document(),
        kind=row.kind,
        artifact=artifact,
        site=site,
        decision=row.decision,
        figures=row.figures,
        run_id=row.run.run_id if row.run else "",
        made=row.made,
    )


@lru_cache(maxsize=16)
def files_of(key: int) -> tuple[Artifact, SitePart | None]:
    """A kept model's artifact and this hospital's own part of it, read once per process."""
    home = settings.HOME
    artifact = Artifact.from_bytes(vault.fetch(home, adopted_name(key)))
    if not vault.has(home, site_part_name(key)):
        return artifact, None
    return artifact, SitePart.from_json(json.loads(vault.fetch(home, site_part_name(key))))


def adopted_name(key: int) -> str:
    """The vault's name of an adopted model's artifact."""
    return f"adopted-{key}"


def site_part_name(key: int) -> str:
    """The vault's name of this hospital's own part of an adopted model."""
    return f"site-part-{key}"


def ledger() -> list[Receipt]:
    """Every message that left, oldest first, each verified. Raises ReceiptError when a line was tampered with."""
    return read_ledger(settings.HOME)
