"""Agreement over time: what people answered to each model's estimates, by month, by reason, and by estimate."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from wardround.hospital.diagnosis.agreement_chart import AgreementDrawing, Column, drawings_of
from wardround.hospital.diagnosis.models import Choice, Verdict
from wardround.hospital.diagnosis.reasons import REASONS
from wardround.hospital.diagnosis.small_numbers import FEWEST, not_said
from wardround.hospital.diagnosis.standing import latest_choices
from wardround.hospital.records.access import patients_of, require
from wardround.hospital.training.models import LocalModel
from wardround.hospital.training.watching import has_drifted
from wardround.learning.proportion import wilson

BANDS = 5  # of twenty percent each
FEW = 30  # judged estimates: fewer say little, and the page says so
_CHOICES = (Choice.AGREE, Choice.DISAGREE, Choice.HIDE)
_JUDGED = (Choice.AGREE, Choice.DISAGREE)


@dataclass(frozen=True)
class Number:
    """A count as the page says it; `asked` is what opens its records, empty where it is not said or nothing."""

    count: int
    asked: str = ""
    is_hidden: bool = False  # too small, or a smaller one could be worked out from it


@dataclass(frozen=True)
class Share:
    """How many of the judged estimates were agreed with, with Wilson's 95 % interval; all in whole percent."""

    agreed: int
    judged: int

    @property
    def percent(self) -> int:
        return round(100 * self.agreed / self.judged)

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.agreed, whole=self.judged)

    @property
    def low(self) -> int:
        return round(100 * self.interval[0])

    @property
    def high(self) -> int:
        return round(100 * self.interval[1])


@dataclass(frozen=True)
class Row:
    """One month, or one band of estimates: agreed, disagreed, hidden; and the share, where both counts are said."""

    title: str
    numbers: tuple[Number, ...]

    @property
    def share(self) -> Share | None:
        return share_of(self.numbers[0], self.numbers[1])


@dataclass(frozen=True)
class Agreement:
    """One model's answers. `people`: how many judged; None where so few are not said."""

    study: str
    version: str
    sha256: str
    is_in_use: bool
    adopted: datetime | None
    is_drifting: bool
    totals: tuple[Number, ...]
    people: int | None
    months: tuple[Row, ...]  # the latest first
    bands: tuple[Row, ...]
    reasons: tuple[tuple[str, Number], ...]
    drawings: tuple[AgreementDrawing, ...]

    @property
    def share(self) -> Share | None:
        """Over the whole time."""
        return share_of(self.totals[0], self.totals[1])

    @property
    def is_few(self) -> bool:
        """Are there so few judged estimates that they say little?"""
        return self.totals[0].count + self.totals[1].count < FEW

    @property
    def last_month(self) -> Row | None:
        """The latest month of which a share can be said."""
        return next((row for row in self.months if row.share), None)

    @property
    def most_reasons(self) -> int:
        """The length of the longest bar of the reasons."""
        return max((number.count for _title, number in self.reasons if not number.is_hidden), default=1)

    @property
    def said(self) -> frozenset[str]:
        """What may be asked for: the records behind every number that the page says."""
        rows = [number for row in (*self.months, *self.bands) for number in row.numbers]
        return frozenset(number.asked for number in (*rows, *(number for _title, number in self.reasons))) - {""}


def share_of(agreed: Number, disagreed: Number) -> Share | None:
    """None where nobody judged, or where one of both is not said."""
    if agreed.is_hidden or disagreed.is_hidden or not agreed.count + disagreed.count:
        return None
    return Share(agreed.count, agreed.count + disagreed.count)


def agreement(somebody: object) -> list[Agreement]:
    """Of every model that anybody answered to: those in use first, of these the drifting, then the latest answered.

    Of one person's answers to the same estimate the last one counts. A doctor sees the answers about their patients.
    Raises `NotAllowed`.
    """
    by_model: dict[str, list[Verdict]] = {}
    for verdict in latest_choices(answers_seen(somebody)):
        by_model.setdefault(verdict.model_sha256, []).append(verdict)
    known = {model.model_sha256: model for model in _models(by_model)}
    ordered = sorted(by_model.items(), key=lambda one: -max(v.given for v in one[1]).timestamp())
    found = [of_model(verdicts, model=known.get(sha256)) for sha256, verdicts in ordered]
    return sorted(found, key=lambda one: (not one.is_in_use, not one.is_drifting))


def reason_in_words(code: str) -> str:
    """A reason in the reader's language; that of another record as it came."""
    return str(REASONS.get(code, code)) or gettext("No reason was given")


def answers_seen(somebody: object) -> list[Verdict]:
    """Every answer about a patient whom this person may see, as often as it was given. Raises `NotAllowed`."""
    actor = require(somebody, "quality")
    return list(Verdict.objects.filter(patients_of(actor)))


def _models(hashes: Mapping[str, object]) -> list[LocalModel]:
    """Those that are kept here; of a model that was put in use twice, the row in use."""
    rows = LocalModel.objects.filter(model_sha256__in=list(hashes)).select_related("study")
    return list(rows.order_by("is_current", "made"))


def of_model(verdicts: Sequence[Verdict], *, model: LocalModel | None) -> Agreement:
    """What these answers to one model's estimates say; `model` where it is kept here."""
    first = verdicts[0]
    totals = tuple(_total(sum(v.choice == choice for v in verdicts)) for choice in _CHOICES)
    months = _table(verdicts, keys=[f"month:{month}" for month in sorted({_month(v.given) for v in verdicts})])
    bands = _table(verdicts, keys=[f"band:{band}" for band in range(BANDS)])
    judges = len({v.username for v in verdicts if v.choice in _JUDGED})
    rows = tuple(Row(month_title(key.removeprefix("month:")), numbers) for key, numbers in months.items())
    return Agreement(
        study=model.study.title if model else first.study_name,
        version=next((v.study_version for v in verdicts if v.study_version), ""),
        sha256=first.model_sha256,
        is_in_use=model is not None and model.is_current,
        adopted=model.made if model else None,
        is_drifting=model is not None and model.is_current and has_drifted(model.figures),
        totals=totals,
        people=judges if judges >= FEWEST else None,
        months=rows[::-1],
        bands=tuple(Row(band_title(int(key[-1])), numbers) for key, numbers in bands.items()),
        reasons=_reasons(verdicts),
        drawings=drawings_of(_columns(months), overall=share_of(totals[0], totals[1])),
    )


def _total(count: int) -> Number:
    return Number(count, is_hidden=0 < count < FEWEST)


def _table(verdicts: Sequence[Verdict], *, keys: Sequence[str]) -> dict[str, tuple[Number, ...]]:
    """The numbers of each key by choice; in each column no number that is too small can be worked out."""
    columns = []
    for choice in _CHOICES:
        asked = [f"{key}:{choice}" for key in keys]
        columns.append(_said([sum(is_in(v, one) for v in verdicts) for one in asked], asked=asked))
    return dict(zip(keys, zip(*columns, strict=True), strict=True))


def _reasons(verdicts: Sequence[Verdict]) -> tuple[tuple[str, Number], ...]:
    """Why people disagreed, the most frequent first."""
    counted = Counter(v.reason for v in verdicts if v.choice == Choice.DISAGREE).most_common()
    numbers = _said([count for _code, count in counted], asked=[f"reason:{code}:disagree" for code, _count in counted])
    return tuple((reason_in_words(code), number) for (code, _), number in zip(counted, numbers, strict=True))


def _said(counts: Sequence[int], *, asked: Sequence[str]) -> list[Number]:
    hidden = not_said(counts)
    numbers = [Number(count, one if count else "") for count, one in zip(counts, asked, strict=True)]
    return [replace(n, asked="", is_hidden=True) if place in hidden else n for place, n in enumerate(numbers)]


def _columns(months: Mapping[str, tuple[Number, ...]]) -> list[Column]:
    """Every month from the first answer to the last, also those in which nobody answered."""
    named = [_day(key.removeprefix("month:")) for key in months]
    found = []
    for month in _months_between(min(named), max(named)) if named else ():
        numbers = months.get(f"month:{month:%Y-%m}", ())
        share = share_of(numbers[0], numbers[1]) if numbers else None
        counts = tuple(0 if n.is_hidden else n.count for n in numbers)
        found.append(Column(month=month, share=share, counts=counts))
    return found


def _months_between(first: date, last: date) -> list[date]:
    numbers = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def is_in(verdict: Verdict, asked: str) -> bool:
    """Is this answer behind that number: "month:2026-05:agree", "band:3:hide", "reason:wrong-data:disagree"?"""
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


def band_title(band: int) -> str:
    """60–80%"""
    return f"{100 * band // BANDS}–{100 * (band + 1) // BANDS}%"


def _month(time: datetime) -> str:
    return timezone.localtime(time).strftime("%Y-%m")


def month_title(month: str) -> str:
    """2026-05 -> May-2026"""
    return date_format(_day(month), "M-Y")


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
