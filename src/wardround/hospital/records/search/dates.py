"""Dates as intervals: which rows of the date index a criterion means, and is one interval what was asked for?"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.search.query import Criterion, Moment

COLUMNS: Mapping[str, str] = {"low": "low", "high": "high"}
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def date_rows(value: Moment, *, now: datetime, columns: Mapping[str, str] = COLUMNS) -> Q:
    """R4 "Search", prefixes: the value searched for and the value stored are both stretches of time."""
    low, high = columns["low"], columns["high"]
    if value.prefix == "ap":
        earliest, latest = around(value, now=now)
        return Q(**{f"{low}__lt": latest, f"{high}__gt": earliest})
    # The last part says nothing new; it gives the index on `low` its end.
    inside = Q(**{f"{low}__gte": value.low, f"{high}__lte": value.high}) & Q(**{f"{low}__lte": value.high})
    before, after = Q(**{f"{low}__lt": value.low}), Q(**{f"{high}__gt": value.high})
    return {
        "eq": inside,
        "ne": before | after,
        "gt": after,
        "lt": before,
        "ge": after | inside,
        "le": before | inside,
        "sa": Q(**{f"{low}__gte": value.high}),
        "eb": Q(**{f"{high}__lte": value.low}),
    }[value.prefix]


def is_met(value: Moment, *, low: datetime, high: datetime, now: datetime) -> bool:
    """Is the stored stretch of time what was asked for?"""
    inside = value.low <= low and high <= value.high
    match value.prefix:
        case "eq":
            return inside
        case "ne":
            return not inside
        case "gt":
            return high > value.high
        case "lt":
            return low < value.low
        case "ge":
            return inside or high > value.high
        case "le":
            return inside or low < value.low
        case "sa":
            return low >= value.high
        case "eb":
            return high <= value.low
        case "ap":
            earliest, latest = around(value, now=now)
            return low < latest and high > earliest


def birth_rows(value: Moment) -> Q:
    """Candidates: of a birth date only the year is stored in clear; the exact comparison follows after decryption."""
    match value.prefix:
        case "gt" | "ge" | "sa":
            return Q(high__gte=value.low)
        case "lt" | "le" | "eb":
            return Q(low__lte=value.high)
        case "ne" | "ap":
            return Q(low__isnull=False)
        case _:
            return Q(low__lt=value.high, high__gt=value.low)


def is_hashed_day(criterion: Criterion) -> bool:
    """Whole days of birth, asked for as equal, are found by their hash alone."""
    return all(
        isinstance(value, Moment) and value.prefix == "eq" and len(value.written) == 10 for value in criterion.values
    )


def birth_day_rows(criterion: Criterion, *, blind: BlindIndex) -> Q:
    days = [value.written for value in criterion.values if isinstance(value, Moment)]
    return Q(code__in=sorted(blind.hashed(criterion.name, day) for day in days))


def around(value: Moment, *, now: datetime) -> tuple[datetime, datetime]:
    """A tenth of the gap between now and the date on both sides, as R4 recommends for `ap`."""
    margin = max(abs(now - value.low) / 10, timedelta(0))
    return _shifted(value.low, -margin), _shifted(value.high, margin)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return _LAST if by > timedelta(0) else _FIRST
