"""The latest values beside the form: a column for each time, a line for each measurement that has any."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from wardround.clinical.catalogue import Measurement
from wardround.hospital.charts.range_flags import Flag, flag_of
from wardround.hospital.charts.usual import Whose
from wardround.hospital.entry.last_values import LastValue, latest
from wardround.hospital.records.access import Patient
from wardround.web.layout.printed import printed_number, printed_unit

_COLUMNS = 4


@dataclass(frozen=True)
class Cell:
    """One earlier value; a held one has no flag."""

    text: str
    flag: Flag
    is_held: bool


@dataclass(frozen=True)
class Line:
    """One measurement: a cell, or nothing, for each column."""

    title: str
    unit: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Earlier:
    """The latest values by time, newest first."""

    times: tuple[datetime, ...]
    lines: tuple[Line, ...]


def earlier_values(patient: Patient, *, measurements: Sequence[Measurement], whose: Whose) -> Earlier:
    """In standard units."""
    found = latest(patient, keys=[m.key for m in measurements])
    times = sorted({value.time for values in found.values() for value in values}, reverse=True)[:_COLUMNS]
    lines = []
    for m in measurements:
        by_time = {value.time: value for value in reversed(found.get(m.key, ()))}
        cells = tuple(_cell(by_time.get(time), m, whose=whose) for time in times)
        if any(cells):
            lines.append(Line(gettext(m.title), printed_unit(m.unit), cells))
    return Earlier(tuple(times), tuple(lines))


def _cell(value: LastValue | None, m: Measurement, *, whose: Whose) -> Cell | None:
    if value is None:
        return None
    flag: Flag = "" if value.is_held else flag_of(value.value, reference=whose.usual(m, time=value.time))
    return Cell(printed_number(value.value), flag, value.is_held)
