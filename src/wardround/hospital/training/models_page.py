"""The models this hospital has, study by study: the one in use, those that are kept, and who decided so."""

from dataclasses import dataclass, field
from typing import Any

from wardround.hospital.records.access import require
from wardround.hospital.training.models import ApprovedStudy, LocalModel, ModelChange
from wardround.hospital.training.queries import NotKnownError, is_switched_off


@dataclass(frozen=True)
class ModelLine:
    """One model. `federated`, `local` and `own`: figures on this hospital's held-out patients of the global model, of one
    learned here alone, and of this very model."""

    row: LocalModel

    @property
    def sentence(self) -> str:
        return str(self.row.decision.get("sentence", ""))

    @property
    def own(self) -> dict[str, Any]:
        return dict(self.row.figures.get("adopted") or {})

    @property
    def local(self) -> dict[str, Any]:
        return dict(self.row.figures.get("local") or {})

    @property
    def federated(self) -> dict[str, Any]:
        return dict(self.row.figures.get("federated") or {})


@dataclass
class StudyModels:
    """All models of one study, the newest first."""

    study: ApprovedStudy
    is_switched_off: bool
    in_use: ModelLine | None = None
    kept: list[ModelLine] = field(default_factory=list)
    changes: list[ModelChange] = field(default_factory=list)


def models_page(by: object) -> list[StudyModels]:
    """Raises NotAllowed."""
    require(by, "training")
    found: dict[int, StudyModels] = {}
    changes = list(ModelChange.objects.select_related("model", "study").order_by("-time", "-id"))
    for row in LocalModel.objects.select_related("study", "run").order_by("-made", "-id"):
        if row.study_id not in found:
            found[row.study_id] = StudyModels(row.study, is_switched_off(row.study))
        line = ModelLine(row)
        if row.is_current:
            found[row.study_id].in_use = line
        else:
            found[row.study_id].kept.append(line)
    for change in changes:
        if change.study_id in found:
            found[change.study_id].changes.append(change)
    return list(found.values())


def model_numbered(number: int, *, by: object) -> LocalModel:
    """The model that somebody wants to use or switch off. Raises NotAllowed, or NotKnownError."""
    require(by, "approve")
    model = LocalModel.objects.select_related("study").filter(pk=number).first()
    if model is None:
        raise NotKnownError("There is no such model here.")
    return model
