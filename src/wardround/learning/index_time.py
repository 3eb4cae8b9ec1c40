"""How long after its trigger a study's task makes the prediction: where its windows name the moment by a fixed time.

ACES windows name their ends by one another (`trigger + 24h`, `input.end`, `start + 1d`) or by another event
(`trigger -> discharge`). A chart knows of a patient who lies here now no such later event, so a moment of that kind is none at
which an estimate could be shown.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

_SHIFTED = re.compile(r"(?P<of>[\w.]+)\s*(?P<sign>[+-])\s*(?P<long>.+)")
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)\s*"
    r"(?:(?P<w>w|wks?|weeks?)|(?P<d>d|dys?|days?)|(?P<h>h|hrs?|hours?)|(?P<m>m|mins?|minutes?)|(?P<s>s|secs?|seconds?))"
    r"(?![a-z])[\s,]*"
)


class NoFixedMoment(Exception):
    """The task's index time hangs on another event than its trigger; the sentence says what would be right."""


def after_trigger(task: Mapping[str, Any]) -> timedelta:
    """The time from the trigger to the task's `index_timestamp`; none where no window names one. Raises NoFixedMoment."""
    windows = task.get("windows", {})
    for name, window in windows.items():
        if side := window.get("index_timestamp"):
            return _of(f"{name}.{side}", windows=windows, passed=frozenset())
    return timedelta(0)


def _of(place: str, *, windows: Mapping[str, Any], passed: frozenset[str]) -> timedelta:
    if place == "trigger":
        return timedelta(0)
    name, _dot, side = place.partition(".")
    boundary = windows.get(name, {}).get(side)
    if place in passed or not isinstance(boundary, str) or "->" in boundary or "<-" in boundary:
        raise _none(place)
    shifted = _SHIFTED.fullmatch(boundary.strip())
    other = shifted["of"] if shifted else boundary.strip()
    shift = _long(shifted["long"], place=place) if shifted else timedelta(0)
    start = _of(f"{name}.{other}" if other in ("start", "end") else other, windows=windows, passed=passed | {place})
    return start - shift if shifted and shifted["sign"] == "-" else start + shift


def _long(text: str, *, place: str) -> timedelta:
    seconds, rest = 0.0, text.strip().lower()
    while part := _PART.match(rest):
        [unit] = [unit for unit in _UNITS if part[unit]]
        seconds, rest = seconds + float(part["number"]) * _UNITS[unit], rest[part.end() :]
    if rest or not seconds:
        raise _none(place)
    return timedelta(seconds=seconds)


def _none(place: str) -> NoFixedMoment:
    return NoFixedMoment(
        f"The task's index_timestamp leads to {place}, which is no fixed time from the trigger. It should be the trigger, or as "
        "long before or after it as the task says, for example trigger + 24h: an estimate in a chart is made at that moment."
    )
