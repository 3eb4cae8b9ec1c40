"""What would leave this hospital in a run of a study: every kind of message, field by field, with sizes."""

from dataclasses import dataclass

from wardround.federation.message_kinds import KINDS, PURPOSES, Field
from wardround.federation.round_request import ENCODINGS
from wardround.federation.study import Study
from wardround.hospital.training.what_left import form_of
from wardround.learning.candidate import candidates
from wardround.learning.round_layout import Layout
from wardround.learning.specification import Feature
from wardround.learning.statistics import statistics_length


@dataclass(frozen=True)
class LeavingField:
    """One field of a message; `form` as in what_left."""

    name: str
    meaning: str
    form: str


@dataclass(frozen=True)
class LeavingKind:
    """One kind of message that may leave."""

    name: str
    meaning: str
    fields: tuple[LeavingField, ...]


@dataclass(frozen=True)
class LeavingSum:
    """One secure sum: what is added up, how often, and how many numbers leave as masked words.

    `is_most`: an input that too few patients have is left out, so there may be fewer.
    """

    purpose: str
    meaning: str
    times: int
    words: int
    size: int
    is_most: bool


def kinds_that_leave() -> tuple[LeavingKind, ...]:
    """Every kind of message from a hospital; no other can be encoded."""
    return tuple(
        LeavingKind(kind.name, kind.meaning, tuple(_field(kind.name, field) for field in kind.fields))
        for kind in KINDS.values()
        if kind.direction == "to coordinator"
    )


def sums_of(study: Study) -> tuple[LeavingSum, ...]:
    """The secure sums of one run, in their order."""
    weights = 1 + sum(_inputs(feature) for feature in study.features)
    layout = Layout(candidates=candidates(study.model), folds=study.training.folds, weights=weights)
    first = _sum("statistics", words=statistics_length(study.features), times=1, is_most=False)
    fits = 1 if study.training.method == "fedavg" else study.training.rounds
    fit = _sum("fit", words=layout.derivatives_length, times=fits, is_most=True)
    if study.training.method == "exact":
        return (first, fit)
    # Averaging ends with one round of derivatives: the model's covariance comes from it.
    return (first, _sum("update", words=layout.average_length, times=study.training.rounds, is_most=True), fit)


def _inputs(feature: Feature) -> int:
    """Inputs that a feature becomes at most; the last is "missing"."""
    answers = len(feature.choices)
    return 2 if feature.kind == "numeric" else (1 if answers == 2 else answers) + 1


def _sum(purpose: str, *, words: int, times: int, is_most: bool) -> LeavingSum:
    size = words * ENCODINGS[purpose].bits // 8
    return LeavingSum(purpose, PURPOSES[purpose], times, words, size, is_most)


def _field(kind: str, field: Field) -> LeavingField:
    return LeavingField(field.name, field.meaning, form_of(kind, field))
