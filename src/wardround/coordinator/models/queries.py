"""Every read of the global models."""

from dataclasses import dataclass
from datetime import datetime

from wardround.coordinator.models.models import GlobalModel


class NoSuchModelError(Exception):
    """There is no global model with this hash."""


@dataclass(frozen=True)
class ModelLine:
    """One global model that the coordinator keeps."""

    run_id: str
    study_title: str
    study_hash: str
    sha256: str
    size: int
    rounds: int
    made: datetime


def global_models() -> tuple[ModelLine, ...]:
    """All of them, newest first."""
    return tuple(
        ModelLine(
            run_id=model.run.run_id,
            study_title=model.run.study.title,
            study_hash=model.run.study.hash,
            sha256=model.sha256,
            size=model.size,
            rounds=model.rounds,
            made=model.made,
        )
        for model in GlobalModel.objects.select_related("run__study").order_by("-made")
    )
