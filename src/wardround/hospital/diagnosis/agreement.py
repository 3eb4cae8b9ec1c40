"""Agreement over time: what people answered to each model's estimates, by month, by reason, and by estimate."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from wardround.hospital.diagnosis.models import Choice, Verdict
from wardround.hospital.diagnosis.reasons import REASONS
from wardround.hospital.diagnosis.standing import latest_choices
from wardround.hospital.records.access import patients_of, require
from wardround.web.audit.trail import record_one

FEWEST = 5  # a smaller number is not said: it could point at a person
BANDS = 5  # of twenty percent each
_CHOICES = (Choice.AGREE, Choice.DISAGREE, Choice.HIDE)
_HEIGHT, _STEP, _BAR = 80, 34, 22


@dataclass(frozen=True)
class Number:
    """A count as the page says it; `asked` is what opens its records, empty where it is hidden or nothing."""

    count: int
    asked: str = ""

    @property
    def is_hidden(self) -> bool:
        return 0 < self.count < FEWEST


@dataclass(frozen=True)
class Row:
    """One month, or one band of estimates: agreed, disagreed, hidden."""

    title: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Bar:
    """One part of a month's column in the drawing."""

    choice: str
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Agreement:
    """One model's answers."""

    study: str
    version: str
    sha256: str
    months: tuple[Row, ...]
    bands: tuple[Row, ...]
    reasons: tuple[tuple[str, Number], ...]
    bars: tuple[Bar, ...]
    width: int


def agreement(somebody: object) -> list[Agreement]:
    """Of every model that anybody answered to, the latest first. Raises `NotAllowed`.

    Of one person's answers to the same estimate the last one counts. A doctor sees the answers about their patients.
    """
    by_model: dict[str, list[Verdict]] = {}
    for verdict in latest_choices(_rows(somebody)):
        by_model.setdefault(verdict.model_sha256, []).append(verdict)
    models = sorted(by_model.values(), key=lambda verdicts: -max(v.given for v in verdicts).timestamp())
    return [_of_model(verdicts) for verdicts in models]


def verdicts_behind(somebody: object, *, model_sha256: str, asked: str) -> list[Verdict]:
    """The answers behind one number, newest first; none where so few are not said."""
    verdicts = [v for v in latest_choices(_rows(somebody)) if v.model_sha256 == model_sha256 and _is_in(v, asked)]
    record_one(require(somebody, "quality"), "verdict.list", detail={"model": model_sha256, "asked": asked})
    return sorted(verdicts, key=lambda v: v.given, reverse=True) if len(verdicts) >= FEWEST else []


def _rows(somebody: object) -> list[Verdict]:
    actor = require(somebody, "quality")
    return list(Verdict.objects.filter(patients_of(actor)))


def _of_model(verdicts: Sequence[Verdict]) -> Agreement:
    first = verdicts[0]
    months = sorted({_month(v.given) for v in verdicts})
    rows = tuple(Row(month, _numbers(verdicts, key=f"month:{month}")) for month in months)
    bands = tuple(
        Row(f"{100 * band // BANDS}–{100 * (band + 1) // BANDS}%", _numbers(verdicts, key=f"band:{band}"))
        for band in range(BANDS)
    )
    reasons = Counter(v.reason for v in verdicts if v.choice == Choice.DISAGREE)
    told = tuple(
        (str(REASONS.get(code, code) or "-"), _number(count, asked=f"reason:{code}:disagree"))
        for code, count in reasons.most_common()
    )
    return Agreement(
        study=first.study_name,
        version=next((v.study_version for v in verdicts if v.study_version), ""),
        sha256=first.model_sha256,
        months=rows,
        bands=bands,
        reasons=told,
        bars=_bars(rows),
        width=max(_STEP * len(rows), _STEP),
    )


def _numbers(verdicts: Sequence[Verdict], *, key: str) -> tuple[Number, ...]:
    return tuple(
        _number(sum(_is_in(v, f"{key}:{choice}") for v in verdicts), asked=f"{key}:{choice}") for choice in _CHOICES
    )


def _number(count: int, *, asked: str) -> Number:
    return Number(count, asked if count >= FEWEST else "")


def _bars(rows: Sequence[Row]) -> tuple[Bar, ...]:
    """Stacked columns; what is too few to be said is not drawn either."""
    shown = [[n.count if n.count >= FEWEST else 0 for n in row.numbers] for row in rows]
    most = max((sum(counts) for counts in shown), default=0) or 1
    found = []
    for position, counts in enumerate(shown):
        bottom = float(_HEIGHT)
        for choice, count in zip(_CHOICES, counts, strict=True):
            height = round(count / most * _HEIGHT, 1)
            bottom = round(bottom - height, 1)
            if height:
                found.append(Bar(str(choice), position * _STEP + (_STEP - _BAR) / 2, bottom, height))
    return tuple(found)


def _is_in(verdict: Verdict, asked: str) -> bool:
    kind, _, rest = asked.partition(":")
    value, _, choice = rest.rpartition(":")
    if verdict.choice != choice:
        return False
    if kind == "month":
        return _month(verdict.given) == value
    if kind == "reason":
        return verdict.reason == value
    return kind == "band" and verdict.estimate is not None and str(_band(verdict.estimate)) == value


def _band(estimate: float) -> int:
    return min(int(estimate * BANDS), BANDS - 1)


def _month(time: datetime) -> str:
    return timezone.localtime(time).strftime("%Y-%m")
