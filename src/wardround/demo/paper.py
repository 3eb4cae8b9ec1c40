"""The paper chart: what is true of each patient. Real measurements, invented person, number, dates and diastolic pressure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from random import Random

from wardround.demo.people import Person, invent
from wardround.demo.source import PLACES, Slug, SourceRow, rows_of

DEFAULT_SEED = 7
EXAM_YEAR = 2026
_FIRST_DAY = date(EXAM_YEAR, 1, 5)
_LAST_START = date(EXAM_YEAR, 10, 26)
_MRN = {"cleveland": "C{:07d}", "budapest": "BUD{:06d}", "zurich-basel": "ZB-{:06d}", "long-beach": "LB{:07d}"}
# The weight of one mmol of cholesterol in mg per dL, as laboratories use it (386.65 g/mol).
_MG_PER_DL = Decimal("38.665")


@dataclass(frozen=True, kw_only=True)
class PaperChart:
    """One patient's visit of three days. Times are local and carry no zone.

    Day 0 has history, laboratory, resting ECG and blood pressure, day 1 the exercise test, the morning of day 2
    fluoroscopy and thallium scan; the angiography ends it.
    """

    hospital: Slug
    row: SourceRow
    person: Person
    mrn: str
    diastolic_pressure: int | None
    day: date

    @property
    def birth_year(self) -> int:
        return EXAM_YEAR - self.row.age

    @property
    def seen_at(self) -> datetime:
        return datetime.combine(self.day, time(8, 30))

    @property
    def exercise_at(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time(10, 0))

    @property
    def scan_at(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=2), time(9, 0))

    @property
    def angiography_at(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=2), time(13, 30))

    @property
    def result_at(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=2), time(15, 0))

    def value_text(self, field: str) -> str | None:
        """A number as this hospital's staff would type it, in the hospital's own unit; None where nothing was measured."""
        value = self.diastolic_pressure if field == "diastolic_pressure" else getattr(self.row, field)
        if value is None:
            return None
        if field == "total_cholesterol" and value != 0 and uses_mmol(self.hospital):
            return mmol_per_litre(value)
        return str(value)


def uses_mmol(hospital: Slug) -> bool:
    """Whether the hospital's laboratory reports cholesterol in mmol/L (Europe) and not in mg/dL."""
    return PLACES[hospital].format in ("hl7v2", "fhir")


def mmol_per_litre(milligrams_per_decilitre: int) -> str:
    exact = Decimal(milligrams_per_decilitre) / _MG_PER_DL
    return str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


@lru_cache(maxsize=16)
def paper_charts(hospital: Slug, *, seed: int = DEFAULT_SEED) -> tuple[PaperChart, ...]:
    """The charts of one hospital in the order of their hospital numbers; the same seed gives the same charts."""
    dice = Random(f"{seed}/{hospital}/paper")  # noqa: S311 - invented people need no secrecy
    rows = rows_of(hospital)
    numbers = dice.sample(range(10_000, 100_000), len(rows))
    days = (_LAST_START - _FIRST_DAY).days
    charts = [
        PaperChart(
            hospital=hospital,
            row=row,
            person=invent(hospital, sex=row.sex, dice=dice),
            mrn=_MRN[hospital].format(number),
            diastolic_pressure=_diastolic(row.systolic_pressure, dice),
            day=_working_day(_FIRST_DAY + timedelta(days=dice.randrange(days)), dice),
        )
        for row, number in zip(rows, numbers, strict=True)
    ]
    return tuple(sorted(charts, key=lambda chart: chart.mrn))


def _diastolic(systolic: int | None, dice: Random) -> int | None:
    # Nothing is invented beside a pressure that was not measured, or that the source has as 0.
    if not systolic:
        return None
    return min(round(systolic * 0.45) + dice.randrange(12, 32), systolic - 15)


def _working_day(day: date, dice: Random) -> date:
    # A visit takes three days and no weekend, so it starts from Monday to Wednesday.
    return day - timedelta(days=day.weekday()) + timedelta(days=dice.randrange(3))
