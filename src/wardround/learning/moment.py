"""When an estimate is made: at the moment from which the study's task looks ahead, or now if it has not come.

The panel in the chart, the command and CDS Hooks all ask here. A trigger is read as es-aces reads it when a cohort is cut
(ACES, arXiv:2406.19653): `learning/cohort.py` needs polars for that, and a process that serves pages has none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wardround.learning.features import EventLike
from wardround.learning.index_time import after_trigger

_ANY, _FIRST, _LAST = "_ANY_EVENT", "_RECORD_START", "_RECORD_END"
_DERIVED = re.compile(r"(and|or)\((.*)\)", re.DOTALL)


@dataclass(frozen=True)
class Moment:
    """`time` has no zone and is UTC, as in MEDS. `has_happened`: the moment that the study asks about has passed."""

    time: datetime
    has_happened: bool


def moment_of(events: Iterable[EventLike], *, task: Mapping[str, Any], now: datetime) -> Moment:
    """The task's index time by the first event that triggers it, else `now`; also `now` while that time has not come.

    Cohorts are cut at the same moment, so a patient whose result is already known is estimated as in training.
    """
    times = _times(task["trigger"], predicates=task["predicates"], events=list(events))
    time = min(times) + after_trigger(task) if times else now
    return Moment(time=time, has_happened=True) if times and time <= now else Moment(time=now, has_happened=False)


def trigger_codes(task: Mapping[str, Any]) -> frozenset[str]:
    """The codes that the trigger names one by one. An expression over codes (a regex) names none."""
    return frozenset(_codes(task["trigger"], predicates=task["predicates"]))


def _times(name: str, *, predicates: Mapping[str, Any], events: Sequence[EventLike]) -> set[datetime]:
    """The times at which a predicate is true; what is always true has none, unless the predicate is static."""
    every = {event.time for event in events if event.time is not None}
    if name in (_ANY, _FIRST, _LAST):
        return every if name == _ANY else {min(every) if name == _FIRST else max(every)} if every else set()
    predicate = predicates.get(name, {})
    if parts := _parts(predicate):
        of_parts = [_times(part, predicates=predicates, events=events) for part in parts[1]]
        return set.intersection(*of_parts) if parts[0] == "and" else set.union(*of_parts)
    if predicate.get("static"):
        return every if any(event.time is None and _matches(event, predicate) for event in events) else set()
    return {event.time for event in events if event.time is not None and _matches(event, predicate)}


def _codes(name: str, *, predicates: Mapping[str, Any]) -> Iterable[str]:
    predicate = predicates.get(name, {})
    if parts := _parts(predicate):
        for part in parts[1]:
            yield from _codes(part, predicates=predicates)
    match predicate.get("code"):
        case str() as code:
            yield code
        case {"any": list(choices)}:
            yield from choices


def _parts(predicate: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """ACES writes a predicate over others as `and(a, b)` or `or(a, b)`."""
    derived = _DERIVED.fullmatch(str(predicate.get("expr", "")))
    return (derived[1], [part.strip() for part in derived[2].split(",")]) if derived else None


def _matches(event: EventLike, predicate: Mapping[str, Any]) -> bool:
    return (
        _is_code(event.code, wanted=predicate.get("code"))
        and _is_above(event.numeric_value, predicate)
        and _is_below(event.numeric_value, predicate)
        and all(getattr(event, column, None) == value for column, value in predicate.get("other_cols", {}).items())
    )


def _is_code(code: str, *, wanted: object) -> bool:
    """ACES writes the code of a predicate as a text, as {any: [...]}, or as {regex: ...}."""
    match wanted:
        case str():
            return code == wanted
        case {"any": list(choices)}:
            return code in choices
        case {"regex": str(pattern)}:
            return re.search(pattern, code) is not None
    return False


def _is_above(number: float | None, predicate: Mapping[str, Any]) -> bool:
    least = predicate.get("value_min")
    if least is None:
        return True
    return number is not None and (number > least or (number == least and bool(predicate.get("value_min_inclusive"))))


def _is_below(number: float | None, predicate: Mapping[str, Any]) -> bool:
    most = predicate.get("value_max")
    if most is None:
        return True
    return number is not None and (number < most or (number == most and bool(predicate.get("value_max_inclusive"))))
