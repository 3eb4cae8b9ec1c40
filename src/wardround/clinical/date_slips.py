"""What date was probably meant: slips of the pen and of the keyboard that would give the one received."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from wardround.clinical.records import Moment

_CENTURIES = ("19", "20")
_NEAR = timedelta(days=31)
_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Window:
    """The time in which a date can lie: within a life, and not in the future."""

    low: datetime | None
    high: datetime

    def holds(self, moment: Moment) -> bool:
        return moment.low < self.high and (self.low is None or moment.high > self.low)


def likely_meant(
    wrong: Sequence[Moment], *, window: Window, companions: Sequence[Moment] = ()
) -> tuple[Moment, ...] | None:
    """What these times of one record, all wrong by the same slip, were probably meant to be; None when nothing stands out.

    `companions` are times that are not in doubt and belong to the same occasion. With them, a reading must lie within a
    month of one; without, it must be the only one that fits into `window`.
    """
    fitting: dict[tuple[str, ...], tuple[Moment, ...]] = {}
    near: dict[tuple[str, ...], tuple[timedelta, tuple[Moment, ...]]] = {}
    years = {moment.text[:4] for moment in companions if moment.text[4:10] == wrong[0].text[4:10]}
    for slip in _slips(wrong[0].text, years=years):
        read = [slip.applied_to(moment) for moment in wrong]
        moved = tuple(moment for moment in read if moment is not None and window.holds(moment))
        if len(moved) < len(wrong):
            continue
        texts = tuple(moment.text for moment in moved)
        fitting[texts] = moved
        distance = min((abs(moved[0].low - companion.low) for companion in companions), default=_NEAR * 2)
        if distance <= _NEAR:
            near[texts] = (distance, moved)
    if near:
        nearest = min(distance for distance, _moved in near.values())
        at_best = [moved for distance, moved in near.values() if distance == nearest]
        return at_best[0] if len(at_best) == 1 else None
    return next(iter(fitting.values())) if len(fitting) == 1 and not companions else None


def likely_years(text: str) -> list[str]:
    """Years that a slip turns into the year of this date, the likeliest first: a wrong century before swapped digits."""
    return [slip.year for slip in _slips(text, years=set()) if slip.year]


@dataclass(frozen=True)
class _Slip:
    """Another year, or day and month exchanged."""

    year: str = ""

    def applied_to(self, moment: Moment) -> Moment | None:
        match = _FORM.match(moment.text)
        if match is None:
            return None
        year, month, day = match.groups()
        before = date(int(year), int(month or 1), int(day or 1))
        if self.year:
            new = (self.year, month, day)
        elif day is not None and int(day) <= 12 and day != month:
            new = (year, day, month)
        else:
            return None
        try:
            after = date(int(new[0]), int(new[1] or 1), int(new[2] or 1))
        except ValueError:
            return None
        shift = timedelta(days=(after - before).days)
        text = "-".join(part for part in new if part) + moment.text[match.end() :]
        try:
            return replace(moment, text=text, low=moment.low + shift, high=moment.high + shift)
        except OverflowError:
            return None


def _slips(text: str, *, years: set[str]) -> Iterator[_Slip]:
    year = text[:4]
    seen = {year}
    swapped = [year[:i] + year[i + 1] + year[i] + year[i + 2 :] for i in range(3)]
    for other in (*(century + year[2:] for century in _CENTURIES), *swapped, *sorted(years)):
        if other not in seen and other >= "1800":
            seen.add(other)
            yield _Slip(other)
    yield _Slip()
