"""Dates and times moved by a duration: one month after 31 January is the last day of February (N1 section 6.7)."""

import calendar
from datetime import datetime, timedelta
from decimal import Decimal

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.path import quantities
from wardround.interchange.fhir.path.equality import as_moment
from wardround.interchange.fhir.path.moments import Moment
from wardround.interchange.fhir.path.nodes import EMPTY, Node, Nodes
from wardround.interchange.fhir.path.types import KIND

_WORDS = {unit: word for word, unit in quantities.CALENDAR.items()}
_PRECISION = {"year": 1, "month": 2, "day": 3, "hour": 4, "minute": 5, "second": 6}
# A partial date is moved by whole units of what it knows (N1 section 6.7: 24 months is two years to @2014).
_PER_COARSER = {
    "month": (12, "year"), "week": (1, "week"), "day": (30, "month"), "hour": (24, "day"),
    "minute": (60, "hour"), "second": (60, "minute"), "millisecond": (1000, "second"),
}  # fmt: skip
_TOO_FAR = 10**15  # more milliseconds than the years 1 to 9999 have
_MILLISECONDS = {"week": 604_800_000, "day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1000}


def moved(start: Node, duration: Node, *, sign: int) -> Nodes:
    """A date, dateTime or time and a duration; empty where the result lies outside the years 1 to 9999."""
    is_time = KIND[start.type] == "time"
    at = as_moment(start, is_time=is_time)
    by = quantities.quantity(duration.value)
    if at is None or by is None:
        return EMPTY
    word = by.unit if by.unit in quantities.CALENDAR else _WORDS.get(by.unit)
    if word is None:
        raise PathFailed("A date is moved by years, months, weeks, days, hours, minutes or seconds.")
    if abs(by.value) >= _TOO_FAR:
        return EMPTY
    try:
        parts = _moved_time(at, by.value * sign, word) if is_time else _moved_date(at, by.value * sign, word)
    except (OverflowError, ValueError):
        return EMPTY
    return [Node(written(Moment(parts, at.zone, is_time, at.has_t)), start.type)]


def written(at: Moment) -> str:
    """A moment as FHIR writes it."""
    texts = [f"{part:04d}" if i == 0 and not at.is_time else _two_digits(part) for i, part in enumerate(at.parts)]
    if at.is_time:
        return ":".join(texts)
    day, time = "-".join(texts[:3]), ":".join(texts[3:])
    return f"{day}T{time}{_zone_text(at.zone)}" if time else day + ("T" if at.has_t else "")


def _two_digits(part: int | Decimal) -> str:
    whole = f"{int(part):02d}"
    return whole if isinstance(part, int) else whole + str(part % 1)[1:]


def _zone_text(zone: int | None) -> str:
    if zone is None:
        return ""
    if zone == 0:
        return "Z"
    return f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02d}:{abs(zone) % 60:02d}"


def _moved_date(at: Moment, amount: Decimal, word: str) -> tuple[int | Decimal, ...]:
    count: Decimal | int = amount if word in ("second", "millisecond") else int(amount)
    known = len(at.parts)
    while _PRECISION.get(word, 3 if word == "week" else 6) > known:
        if word == "week":
            count, word = count * 7, "day"
        per, word = _PER_COARSER[word]
        count = int(count / per)
    if word in ("year", "month"):
        return _months_later(at, int(count) * (12 if word == "year" else 1))
    milliseconds = count if word == "millisecond" else count * _MILLISECONDS[word]
    filled: list[int | Decimal] = [*at.parts, *(1, 1, 1, 0, 0, 0)[known:]]
    year, month, day, hour, minute, second = filled
    microseconds = int(Decimal(second) * 1_000_000)
    later = datetime(int(year), int(month), int(day), int(hour), int(minute)) + timedelta(  # noqa: DTZ001
        microseconds=microseconds + int(milliseconds * 1000)
    )
    whole = (later.year, later.month, later.day, later.hour, later.minute, _seconds(later, second, word))
    return whole[:known]


def _seconds(later: datetime, before: int | Decimal, word: str) -> int | Decimal:
    """The seconds in the precision they had, or in milliseconds where those were added."""
    if isinstance(before, int) and word != "millisecond":
        return later.second
    digits = 3 if isinstance(before, int) else max(-int(before.as_tuple().exponent), 3 if word == "millisecond" else 0)
    exact = Decimal(later.second) + Decimal(later.microsecond) / 1_000_000
    return exact.quantize(Decimal(1).scaleb(-digits))


def _months_later(at: Moment, months: int) -> tuple[int | Decimal, ...]:
    year, month, day = (*at.parts, *(1, 1, 1)[len(at.parts) :])[:3]
    total = int(year) * 12 + int(month) - 1 + months
    new_year, new_month = total // 12, total % 12 + 1
    if not 1 <= new_year <= 9999:
        raise OverflowError
    new_day = min(int(day), calendar.monthrange(new_year, new_month)[1])
    return (new_year, new_month, new_day, *at.parts[3:])[: len(at.parts)]


def _moved_time(at: Moment, amount: Decimal, word: str) -> tuple[int | Decimal, ...]:
    if word not in ("hour", "minute", "second", "millisecond"):
        raise PathFailed("A time of day is moved by hours, minutes or seconds.")
    # Any day will do: a time of day goes round the clock.
    on_a_day = Moment((2000, 1, 2, *at.parts), None, is_time=False)
    clock = amount % (86_400_000 // _MILLISECONDS.get(word, 1))
    return _moved_date(on_a_day, clock, word)[3:]
