"""All laboratory results as a flowsheet: one line per test, one column per moment, in pages; every value keeps its flag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.charts.cells import Cell, Place, cells_of, in_places
from wardround.hospital.charts.latest import Chosen, lines_of, measured_rows
from wardround.hospital.charts.limit_results import LimitResult
from wardround.hospital.charts.results import HEART_EXAMINATION, SCORES_AND_FUNCTION, ResultLine, laboratory_keys
from wardround.hospital.charts.usual import Whose
from wardround.web.layout.printed import printed_range, printed_unit
from wardround.web.paging import Page, page_of

COLUMNS = 7  # moments of one page


@dataclass(frozen=True)
class Row:
    """One test over the moments of the page; a place where nothing was measured is empty."""

    title: str
    unit: str
    usual: str
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Flowsheet:
    """A page: `page` counts moments, the newest first; in the table the newest stands at the left, beside the test."""

    moments: tuple[datetime, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    untimed: tuple[ResultLine, ...]  # results without a time have no column
    page: Page


def flowsheet(patient_id: str, *, start: int = 0, whose: Whose, limits: Sequence[LimitResult] = ()) -> Flowsheet:
    """One page of moments. Nothing is decrypted but results without a time, and `limits`, which lie below or above a number."""
    groups = (
        (gettext("Laboratory"), laboratory_keys()),
        (gettext("Heart examination"), HEART_EXAMINATION),
        (gettext("Scores and function"), SCORES_AND_FUNCTION),
    )
    rows = measured_rows(patient_id).filter(measurement__in=[key for _title, keys in groups for key in keys])
    moments = rows.exclude(time=None).order_by("-time").values_list("time", flat=True).distinct()
    timed = {time for time in moments if time is not None} if limits else set()
    every = sorted(timed | {one.time for one in limits}, reverse=True) if limits else None
    total = len(every) if every is not None else moments.count()
    start = min(start, max(total - 1, 0)) // COLUMNS * COLUMNS
    page = (moments if every is None else every)[start : start + COLUMNS]
    shown = tuple(time for time in page if time is not None)
    cells = cells_of(list(rows.filter(time__in=shown).order_by("id")), whose=whose)
    for one in limits:
        cell = Cell(one.in_full, flag="", is_held=one.is_held, was=one.was, type="Observation", id=one.id)
        cells[(one.measurement.key, one.time)].append(cell)
    tables = ((title, tuple(_rows(keys, cells=cells, moments=shown, whose=whose))) for title, keys in groups)
    untimed = [Chosen(row, None) for row in rows.filter(time=None).order_by("measurement", "id")]
    return Flowsheet(
        moments=shown,
        groups=tuple((title, lines) for title, lines in tables if lines),
        untimed=tuple(lines_of(untimed, patient_id=patient_id, whose=whose)),
        page=page_of(shown, start=start, total=total, size=COLUMNS),
    )


def _rows(
    keys: Sequence[str],
    *,
    cells: Mapping[Place, list[Cell]],
    moments: Sequence[datetime],
    whose: Whose,
) -> list[Row]:
    lines = []
    for key in keys:
        of_test = in_places(cells, [(key, moment) for moment in moments])
        if not any(of_test):
            continue
        measurement = load_catalogue().by_key(key)
        lines.append(
            Row(
                title=gettext(measurement.title),
                unit=printed_unit(measurement.unit),
                usual=printed_range(whose.usual(measurement, time=moments[0])),
                cells=of_test,
            )
        )
    return lines
