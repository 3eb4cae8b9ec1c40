"""Values in a table of many moments: whatever was measured at one moment stands in one place, each value with its flag."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.charts.latest import earlier_values
from wardround.hospital.charts.range_flags import Flag, flag_of
from wardround.hospital.charts.rounded import shown_value
from wardround.hospital.charts.usual import Whose
from wardround.hospital.records.models import StandardValue
from wardround.hospital.records.queries import value_of

Place = tuple[str, datetime | None]  # measurement, moment


@dataclass(frozen=True)
class Cell:
    """One value. A held one has no flag: nobody knows yet whether it is true."""

    text: str
    flag: Flag
    is_held: bool
    was: str  # what it was before it was amended
    type: str
    id: str


def cells_of(rows: Sequence[StandardValue], *, whose: Whose) -> dict[Place, list[Cell]]:
    """By measurement and moment, in the order of the rows; their records come with them. Nothing is decrypted."""
    found: dict[Place, list[Cell]] = defaultdict(list)
    earlier = earlier_values(rows)
    for row in rows:
        cell = _cell(row, earlier=earlier.get((row.resource_id, row.path), ()), whose=whose)
        found[(row.measurement, row.time)].append(cell)
    return found


def in_places(cells: Mapping[Place, Sequence[Cell]], places: Sequence[Place]) -> tuple[tuple[Cell, ...], ...]:
    """What stands in each of these places; a place where nothing was measured is empty."""
    return tuple(tuple(cells.get(place, ())) for place in places)


def _cell(row: StandardValue, *, earlier: Sequence[StandardValue], whose: Whose) -> Cell:
    measurement = load_catalogue().by_key(row.measurement)
    value = value_of(row)
    judged = value if isinstance(value, float) and not row.is_held else None
    text = shown_value(value, measurement=measurement)
    was = shown_value(value_of(earlier[-1]), measurement=measurement) if earlier else ""
    return Cell(
        text=text,
        flag="" if judged is None else flag_of(judged, reference=whose.usual(measurement, time=row.time)),
        is_held=row.is_held,
        was=was if was != text else "",
        type=row.resource.type,
        id=row.resource.logical_id,
    )
