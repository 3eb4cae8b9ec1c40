"""Plants a known number of input errors in a hospital's export, as tired hands make them.

The planter shares no rule with whoever catches the errors: it knows four ways to mistype a number, two ways to get a date
wrong and how a line breaks off, and nothing of what is possible or plausible in medicine.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Literal

from wardround.demo.paper import DEFAULT_SEED, PaperChart, mmol_per_litre, uses_mmol
from wardround.demo.source import Slug
from wardround.demo.truth import HELD_FOR_GOOD

Kind = Literal[
    "ten_times", "a_tenth", "unit_mix_up", "swapped_pressures", "no_such_date", "exam_before_birth", "broken_off"
]

KIND_TITLES: dict[Kind, str] = {
    "ten_times": "decimal slip, ten times too much",
    "a_tenth": "decimal slip, a tenth",
    "unit_mix_up": "unit mix-up (mg/dL and mmol/L)",
    "swapped_pressures": "swapped blood pressures",
    "no_such_date": "impossible date",
    "exam_before_birth": "exam dated before birth",
    "broken_off": "record broken off",
}

BLOOD_PRESSURE = "blood_pressure"
EXAM_DATE = "exam_date"
RECORD = "record"

# How many of each: a small house makes fewer. The Swiss hospitals measured no cholesterol, so they cannot mix up its units.
_MENU: dict[Slug, tuple[tuple[Kind, str, int], ...]] = {
    "cleveland": (
        ("ten_times", "total_cholesterol", 2),
        ("ten_times", "systolic_pressure", 1),
        ("a_tenth", "exercise_heart_rate", 2),
        ("ten_times", "st_depression", 1),
        ("unit_mix_up", "total_cholesterol", 3),
        ("swapped_pressures", BLOOD_PRESSURE, 2),
        ("no_such_date", EXAM_DATE, 1),
        ("exam_before_birth", EXAM_DATE, 1),
        ("broken_off", RECORD, 1),
    ),
    "budapest": (
        ("ten_times", "total_cholesterol", 2),
        ("a_tenth", "systolic_pressure", 2),
        ("ten_times", "exercise_heart_rate", 1),
        ("unit_mix_up", "total_cholesterol", 3),
        ("swapped_pressures", BLOOD_PRESSURE, 2),
        ("no_such_date", EXAM_DATE, 1),
        ("exam_before_birth", EXAM_DATE, 1),
        ("broken_off", RECORD, 1),
    ),
    "zurich-basel": (
        ("ten_times", "systolic_pressure", 1),
        ("a_tenth", "systolic_pressure", 1),
        ("ten_times", "exercise_heart_rate", 1),
        ("a_tenth", "exercise_heart_rate", 1),
        ("swapped_pressures", BLOOD_PRESSURE, 1),
        ("no_such_date", EXAM_DATE, 1),
        ("exam_before_birth", EXAM_DATE, 1),
        ("broken_off", RECORD, 1),
    ),
    "long-beach": (
        ("ten_times", "total_cholesterol", 1),
        ("a_tenth", "systolic_pressure", 1),
        ("ten_times", "st_depression", 1),
        ("a_tenth", "exercise_heart_rate", 1),
        ("unit_mix_up", "total_cholesterol", 2),
        ("swapped_pressures", BLOOD_PRESSURE, 1),
        ("no_such_date", EXAM_DATE, 1),
        ("exam_before_birth", EXAM_DATE, 1),
        ("broken_off", RECORD, 1),
    ),
}


@dataclass(frozen=True, kw_only=True)
class PlantedError:
    """One input error and the truth behind it, both as text in the hospital's own unit.

    ``field`` is a measurement (``systolic_pressure``, ...), ``blood_pressure`` (both, written "sys/dia"), ``exam_date``
    (the date of the day's blood pressure, ISO) or ``record`` (the exercise test's record; its true value is empty).
    """

    hospital: Slug
    mrn: str
    field: str
    kind: Kind
    true_value: str
    written_value: str


def plant(charts: Iterable[PaperChart], *, seed: int = DEFAULT_SEED) -> tuple[PlantedError, ...]:
    """Choose the patients and mistype one thing in each; the same charts and seed give the same errors."""
    remaining = [chart for chart in charts if not _is_held_for_good(chart)]
    hospital = remaining[0].hospital
    dice = Random(f"{seed}/{hospital}/planter")  # noqa: S311 - a demonstration's errors need no secrecy
    dice.shuffle(remaining)
    planted: list[PlantedError] = []
    for kind, field, count in _MENU[hospital]:
        for _ in range(count):
            chart = next(chart for chart in remaining if _fits(chart, kind, field))
            remaining.remove(chart)
            planted.append(_mistype(chart, kind, field, dice))
    return tuple(sorted(planted, key=lambda error: error.mrn))


def written_values(planted: Iterable[PlantedError]) -> Mapping[tuple[str, str], str]:
    """What stands in the export instead of the truth, by (hospital number, field); pressures come one by one."""
    written: dict[tuple[str, str], str] = {}
    for error in planted:
        if error.field == BLOOD_PRESSURE:
            systolic, diastolic = error.written_value.split("/")
            written[error.mrn, "systolic_pressure"] = systolic
            written[error.mrn, "diastolic_pressure"] = diastolic
        else:
            written[error.mrn, error.field] = error.written_value
    return written


def save_planted(path: Path, planted: Iterable[PlantedError]) -> None:
    path.write_text(json.dumps([asdict(error) for error in planted], ensure_ascii=False, indent=1) + "\n", "utf-8")


def load_planted(path: Path) -> tuple[PlantedError, ...]:
    return tuple(PlantedError(**error) for error in json.loads(path.read_text("utf-8")))


def _is_held_for_good(chart: PaperChart) -> bool:
    return any((chart.hospital, chart.row.row) == (hospital, row) for hospital, row, _ in HELD_FOR_GOOD)


def _fits(chart: PaperChart, kind: Kind, field: str) -> bool:
    """Whether there is something to mistype. An ST depression is only mistyped from 2 mm: 0.5 for 5 is anybody's guess."""
    if field in (BLOOD_PRESSURE, EXAM_DATE):
        return chart.diastolic_pressure is not None
    if field == RECORD:
        return chart.row.exercise_heart_rate is not None
    value = getattr(chart.row, field)
    if field == "st_depression":
        return value is not None and value >= 2
    if kind == "unit_mix_up":
        return bool(value)
    return bool(value)


def _mistype(chart: PaperChart, kind: Kind, field: str, dice: Random) -> PlantedError:
    true_value, written_value = _HANDS[kind](chart, field, dice)
    return PlantedError(
        hospital=chart.hospital,
        mrn=chart.mrn,
        field=field,
        kind=kind,
        true_value=true_value,
        written_value=written_value,
    )


def _ten_times(chart: PaperChart, field: str, _dice: Random) -> tuple[str, str]:
    text = chart.value_text(field) or ""
    return text, _plain(Decimal(text) * 10)


def _a_tenth(chart: PaperChart, field: str, _dice: Random) -> tuple[str, str]:
    text = chart.value_text(field) or ""
    return text, _plain(Decimal(text) / 10)


def _other_unit(chart: PaperChart, field: str, _dice: Random) -> tuple[str, str]:
    value = chart.row.total_cholesterol or 0
    text = chart.value_text(field) or ""
    return text, str(value) if uses_mmol(chart.hospital) else mmol_per_litre(value)


def _swapped(chart: PaperChart, _field: str, _dice: Random) -> tuple[str, str]:
    systolic, diastolic = chart.row.systolic_pressure, chart.diastolic_pressure
    return f"{systolic}/{diastolic}", f"{diastolic}/{systolic}"


def _no_such_date(chart: PaperChart, _field: str, dice: Random) -> tuple[str, str]:
    return chart.day.isoformat(), f"{chart.day.year}-{dice.choice(('02-30', '02-31', '04-31', '06-31', '09-31'))}"


def _before_birth(chart: PaperChart, _field: str, _dice: Random) -> tuple[str, str]:
    # 1926 for 2026: the century slips, and the patient was not born yet.
    return chart.day.isoformat(), chart.day.replace(year=chart.day.year - 100, day=min(chart.day.day, 28)).isoformat()


def _broken_off(_chart: PaperChart, _field: str, _dice: Random) -> tuple[str, str]:
    return "", "the record breaks off"


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_HANDS: dict[Kind, Callable[[PaperChart, str, Random], tuple[str, str]]] = {
    "ten_times": _ten_times,
    "a_tenth": _a_tenth,
    "unit_mix_up": _other_unit,
    "swapped_pressures": _swapped,
    "no_such_date": _no_such_date,
    "exam_before_birth": _before_birth,
    "broken_off": _broken_off,
}
