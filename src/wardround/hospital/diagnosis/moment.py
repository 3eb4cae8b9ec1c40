"""When an estimate is made: just before the event that the study's task looks ahead from, or now if it has not come."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wardround.learning.features import EventLike


@dataclass(frozen=True)
class Moment:
    """`time` has no zone and is UTC, as in MEDS. `has_happened`: the event is already in the record."""

    time: datetime
    has_happened: bool


def moment_of(events: Iterable[EventLike], *, task: Mapping[str, Any], now: datetime) -> Moment:
    """The time of the first event that triggers the task (ACES: the trigger names a predicate), else `now`.

    Cohorts are cut at the same event, so a patient whose result is already known is estimated as in training.
    """
    predicate = task["predicates"][task["trigger"]]
    times = [event.time for event in events if event.time and _matches(event.code, wanted=predicate.get("code"))]
    return Moment(time=min(times), has_happened=True) if times else Moment(time=now, has_happened=False)


def _matches(code: str, *, wanted: object) -> bool:
    """ACES writes the code of a predicate as a text, as {any: [...]}, or as {regex: ...}."""
    match wanted:
        case str():
            return code == wanted
        case {"any": list(choices)}:
            return code in choices
        case {"regex": str(pattern)}:
            return re.search(pattern, code) is not None
    return False
