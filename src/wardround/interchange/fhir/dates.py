"""FHIR dates and times, partial or not: are they on the calendar, and which stretch of time do they name?"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from wardround.interchange.errors import NotADate

_FORM = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d))?)?)?",
    re.ASCII,
)
_MICROSECOND = timedelta(microseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Interval:
    """The time from `low` up to but not including `high`, both in UTC."""

    low: datetime
    high: datetime


@lru_cache(maxsize=4096)
def interval(text: str, *, zone: tzinfo = UTC) -> Interval:
    """What a FHIR date, dateTime or instant stands for: "2026" is a whole year, "2026-02-03" a day in `zone`.

    Raises NotADate for what is not in FHIR's form or not on the calendar.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise NotADate("A date is written YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone such as +01:00.")
    part = match.groupdict()
    try:
        return _between(part, zone)
    except OverflowError:
        raise NotADate("The date lies outside the years 0001 to 9999.") from None
    except ValueError:
        raise NotADate("The date is not on the calendar; correct the day, the month or the time.") from None


def moment(text: str, *, zone: tzinfo = UTC) -> datetime:
    """The first instant of what a FHIR date or time stands for, in UTC; raises NotADate."""
    return interval(text, zone=zone).low


def _between(part: dict[str, str | None], zone: tzinfo) -> Interval:
    year, month, day = int(part["year"] or 0), int(part["month"] or 1), int(part["day"] or 1)
    if part["hour"] is not None:
        low = _with_time(part, datetime(year, month, day, tzinfo=UTC))
        return Interval(low, _later(low, _precision(part["fraction"])))
    low = datetime(year, month, day, tzinfo=zone)
    if part["month"] is None:
        high = datetime(year + 1, 1, 1, tzinfo=zone) if year < 9999 else _LAST
    elif part["day"] is None:
        high = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone) if (year, month) < (9999, 12) else _LAST
    else:
        high = _later(low, timedelta(days=1))
    return Interval(_utc(low), _utc(high))


def _with_time(part: dict[str, str | None], day: datetime) -> datetime:
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError
    microseconds = int((part["fraction"] or ".0")[1:7].ljust(6, "0"))
    local = day.replace(tzinfo=_offset(part["zone"] or "Z"))
    return _utc(local + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microseconds))


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 14 or minutes > 59 or (hours == 14 and minutes):
        raise ValueError
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if text[0] == "-" else shift)


def _precision(fraction: str | None) -> timedelta:
    if fraction is None:
        return timedelta(seconds=1)
    return max(timedelta(microseconds=10 ** (6 - min(len(fraction) - 1, 6))), _MICROSECOND)


def _later(start: datetime, step: timedelta) -> datetime:
    try:
        return start + step
    except OverflowError:
        return _LAST


def _utc(time: datetime) -> datetime:
    """The same instant in UTC, kept within what a datetime can hold."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return _FIRST if time.year == 1 else _LAST
