"""A model's drift as a page says it: what changed in plain words, what chance would explain, and its course, drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext

from wardround.hospital.training.watching import told_drift
from wardround.learning.drift import LARGEST_INDEX

FEWEST = 5  # patients: a share of fewer is not said
_95 = 1.96
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 340, 104, 34, 8, 20


@dataclass(frozen=True)
class DriftLine:
    """One input since adoption; `change` is empty where there is nothing to say in words."""

    title: str
    change: str
    index: float
    limit: float
    has_drifted: bool


@dataclass(frozen=True)
class Measure:
    """One earlier measure, and where it lies in the drawing."""

    time: datetime
    patients: int
    largest: float
    x: float
    y: float


@dataclass(frozen=True)
class Course:
    """The largest index by day, oldest first; `path` joins the measures."""

    width: int
    height: int
    left: int
    measures: tuple[Measure, ...]
    path: str
    grid: tuple[tuple[float, float], ...]  # y, and the index there


@dataclass(frozen=True)
class DriftTold:
    """`by_chance`: between what numbers the outcomes would lie in 95 of 100 such groups if the estimates were right."""

    sentence: str
    drifted: tuple[DriftLine, ...]
    steady: tuple[DriftLine, ...]
    observed: int | None
    expected: float | None
    by_chance: tuple[int, int] | None
    is_miscalibrated: bool
    course: Course | None


def drift_told(figures: Mapping[str, Any]) -> DriftTold | None:
    """From a model's figures; None where nothing was measured, or on too few patients."""
    drift = told_drift(dict(figures))
    if not drift or not drift.get("inputs"):
        return None
    lines = [_line(one, drift=drift, before=figures.get("inputs", {})) for one in drift["inputs"]]
    calibration = drift.get("calibration") or {}
    drifted = tuple(line for line in lines if line.has_drifted)
    return DriftTold(
        sentence=_sentence(len(drifted), total=len(lines), patients=drift["patients"]),
        drifted=drifted,
        steady=tuple(line for line in lines if not line.has_drifted),
        observed=calibration.get("observed"),
        expected=calibration.get("expected"),
        by_chance=_by_chance(calibration, patients=drift["patients"]),
        is_miscalibrated=bool(calibration.get("has_drifted")),
        course=_course(drift.get("before", ())),
    )


def _sentence(drifted: int, *, total: int, patients: int) -> str:
    text = ngettext(
        "%(drifted)s of %(total)s inputs has drifted, on %(patients)s patients since.",
        "%(drifted)s of %(total)s inputs have drifted, on %(patients)s patients since.",
        drifted,
    )
    return text % {"drifted": drifted, "total": total, "patients": patients}


def _line(one: Mapping[str, Any], *, drift: Mapping[str, Any], before: Mapping[str, Any]) -> DriftLine:
    parts = []
    difference = one.get("difference")
    if difference is not None and abs(difference) >= 0.1:
        higher = gettext("on average %(many)s standard deviations higher")
        lower = gettext("on average %(many)s standard deviations lower")
        parts.append((higher if difference > 0 else lower) % {"many": f"{abs(difference):.1f}"})
    missing = _missing(one, drift=drift, before=before.get(one.get("name", ""), {}))
    if missing:
        parts.append(missing)
    if not parts and one["has_drifted"]:
        parts.append(gettext("spread otherwise over its values"))
    return DriftLine(one["title"], "; ".join(parts), one["index"], one["limit"], one["has_drifted"])


def _missing(one: Mapping[str, Any], *, drift: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """How many have no value, then and now; nothing where either is of few patients, or nothing changed."""
    then, now = one.get("missing_before"), one.get("missing_since")
    if then is None or now is None or round(100 * then) == round(100 * now):
        return ""
    counts = (round(now * drift["patients"]), round(then * sum(before.get("counts", ()))))
    if any(0 < count < FEWEST for count in counts):
        return ""
    return gettext("missing in %(now)s%%, before in %(then)s%%") % {"now": round(100 * now), "then": round(100 * then)}


def _by_chance(calibration: Mapping[str, Any], *, patients: int) -> tuple[int, int] | None:
    """Expected plus and minus 1.96 of its spread; the spread is in z = (observed - expected) / spread."""
    if not calibration or not calibration.get("z"):
        return None
    expected = calibration["expected"]
    spread = (calibration["observed"] - expected) / calibration["z"]
    return max(round(expected - _95 * spread), 0), min(round(expected + _95 * spread), patients)


def _course(before: Sequence[Mapping[str, Any]]) -> Course | None:
    """Of two measures or more."""
    if len(before) < 2:
        return None
    times = [datetime.fromisoformat(one["measured"]) for one in before]
    most = max(2 * LARGEST_INDEX, *(one["largest"] for one in before)) * 1.05
    whole = (times[-1] - times[0]).total_seconds() or 1.0
    measures = []
    for time, one in zip(times, before, strict=True):
        x = _LEFT + 6 + (time - times[0]).total_seconds() / whole * (_WIDTH - _LEFT - 16)
        measures.append(Measure(time, one["patients"], one["largest"], round(x, 1), _y(one["largest"], most=most)))
    return Course(
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        measures=tuple(measures),
        path="M" + "L".join(f"{one.x} {one.y}" for one in measures),
        grid=tuple((_y(index, most=most), round(index, 2)) for index in (0.0, most / 2, most)),
    )


def _y(index: float, *, most: float) -> float:
    return round(_TOP + (1 - index / most) * (_HEIGHT - _TOP - _FOOT), 1)
