"""FHIRPath's dates and times: partial ones are known to their precision and no further (N1 sections 6.1, 6.2)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(T(?:(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_TIME = re.compile(r"T?(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Moment:
    """year, month, day, hour, minute, second (a time of day: hour, minute, second), as many as are known.

    `zone` is minutes east of UTC, None where none was given.
    """

    parts: tuple[int | Decimal, ...]
    zone: int | None
    is_time: bool
    has_t: bool = False


@lru_cache(maxsize=4096)
def moment(text: str, *, is_time: bool = False) -> Moment | None:
    """What a FHIR date, dateTime, instant or time says; None where it is none or not on the calendar."""
    match = (_TIME if is_time else _DATE).fullmatch(text)
    if match is None:
        return None
    if is_time:
        known = _known(match.group(1, 2, 3))
        return Moment(known, None, is_time=True) if _is_clock(known) else None
    known = _known(match.group(1, 2, 3, 5, 6, 7))
    if not _is_calendar(known[:3]) or not _is_clock(known[3:]) or (match[8] and match[4] is None):
        return None
    return Moment(known, _zone(match[8]), is_time=False, has_t=match[4] is not None)


def _known(parts: tuple[str | None, ...]) -> tuple[int | Decimal, ...]:
    # Seconds and their fraction are one precision (N1 section 6.1.1).
    return tuple(Decimal(part) if "." in part else int(part) for part in parts if part is not None)


def _zone(text: str | None) -> int | None:
    if not text:
        return None
    if text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return -minutes if text[0] == "-" else minutes


def _is_calendar(parts: tuple[int | Decimal, ...]) -> bool:
    year, month, day = (*(int(part) for part in parts), 1, 1)[:3]
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_clock(parts: tuple[int | Decimal, ...]) -> bool:
    return all(part < limit for part, limit in zip(parts, (24, 60, 61), strict=False))


def compare(left: Moment, right: Moment) -> int | None:
    """-1, 0 or 1; None where the precision known does not decide, or a date is compared with a time of day."""
    if left.is_time != right.is_time:
        return None
    if left.zone is None and right.zone is None:
        return _compare_parts(left.parts, right.parts)
    if len(left.parts) > 3 and len(right.parts) > 3 and (left.zone is None or right.zone is None):
        return None  # one stands at a place on earth that is not known
    return _compare_parts(_in_utc(left), _in_utc(right))


def _compare_parts(left: tuple[int | Decimal, ...], right: tuple[int | Decimal, ...]) -> int | None:
    for a, b in zip(left, right, strict=False):
        if a != b:
            return -1 if a < b else 1
    return 0 if len(left) == len(right) else None


def _in_utc(at: Moment) -> tuple[int | Decimal, ...]:
    if not at.zone or len(at.parts) < 4:
        return at.parts
    year, month, day, hour, minute, *seconds = (*at.parts, 0)[: max(len(at.parts), 5)]
    try:
        shifted = datetime(int(year), int(month), int(day), int(hour), int(minute)) - timedelta(  # noqa: DTZ001
            minutes=at.zone
        )
    except OverflowError:
        return at.parts
    whole = (shifted.year, shifted.month, shifted.day, shifted.hour, shifted.minute, *seconds)
    return whole[: len(at.parts)]
