"""Rule per-1: a period does not end before it starts."""

from datetime import timedelta
from typing import Any

from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import interval

_ANY_ZONE = timedelta(hours=14)  # a day without a time begins in some places 14 hours before it does in UTC


def ends_before_it_starts(period: dict[str, Any]) -> bool:
    """Is this certain? 2026-02 and 2026-02-03 overlap, so neither is before the other."""
    start, end = period.get("start"), period.get("end")
    if not isinstance(start, str) or not isinstance(end, str):
        return False
    try:
        first, last = interval(start), interval(end)
    except NotADate:
        return False  # said elsewhere
    slack = timedelta(0) if ("T" in start) == ("T" in end) else _ANY_ZONE
    try:
        return first.low >= last.high + slack
    except OverflowError:
        return False
