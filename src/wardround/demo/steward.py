"""The scripted data steward: compares every held value with the paper chart and says what to do about it.

The decision itself is plain; ``desk`` carries it out through the doors that a steward has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wardround.demo.paper import PaperChart, mmol_per_litre
from wardround.demo.truth import HELD_FOR_GOOD

Verdict = Literal["accept", "correct", "confirm", "leave"]
_UNITS = {
    "systolic_pressure": "mm[Hg]",
    "diastolic_pressure": "mm[Hg]",
    "total_cholesterol": "mg/dL",
    "exercise_heart_rate": "/min",
    "st_depression": "mm",
    "fluoroscopy_vessels": "1",
}
_STUDY_NAMES = {"systolic_pressure": "resting_systolic_pressure"}


@dataclass(frozen=True, kw_only=True)
class HeldValue:
    """A value that waits for a decision: whose, what, as it stands in the standard unit, and what was probably meant."""

    id: int
    mrn: str
    measurement: str
    value: float | None
    suggestion: float | None
    suggestion_unit: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the steward does. ``value`` and ``unit`` are those of a correction."""

    verdict: Verdict
    value: float | None = None
    unit: str = ""


def decide(held: HeldValue, *, charts: Mapping[str, PaperChart]) -> Decision:
    """Look into the paper chart: the suggestion is right, another value is right, the flagged value is right, or the
    paper helps no further (it has the same impossible value, or nothing) and the value stays held."""
    chart = charts.get(held.mrn)
    truth = paper_value(chart, held.measurement) if chart else None
    if chart is None or truth is None or _is_wrong_on_paper(chart, held.measurement):
        return Decision(verdict="leave")
    if held.suggestion is not None and _is_the_same(held.suggestion, held.suggestion_unit, truth, held.measurement):
        return Decision(verdict="accept")
    if held.value is not None and held.value == truth:
        return Decision(verdict="confirm")
    return Decision(verdict="correct", value=truth, unit=_UNITS[held.measurement])


def paper_value(chart: PaperChart, measurement: str) -> float | None:
    """The number on paper, in mm[Hg], mg/dL, /min, mm or vessels; None where there is none or it is no number."""
    if measurement not in _UNITS:
        return None
    value = chart.diastolic_pressure if measurement == "diastolic_pressure" else getattr(chart.row, measurement)
    return None if value is None else float(value)


def _is_wrong_on_paper(chart: PaperChart, measurement: str) -> bool:
    feature = _STUDY_NAMES.get(measurement, measurement)
    return (chart.hospital, chart.row.row, feature) in HELD_FOR_GOOD


def _is_the_same(number: float, unit: str, truth: float, measurement: str) -> bool:
    if measurement == "total_cholesterol" and unit == "mmol/L":
        return f"{number:.2f}" == mmol_per_litre(int(truth))
    return number == truth
