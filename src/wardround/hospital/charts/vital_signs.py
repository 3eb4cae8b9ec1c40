"""The vital signs of one patient over a stretch of time, from the standard values alone: nothing is decrypted for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.charts.cells import Cell, cells_of, in_places
from wardround.hospital.charts.range_flags import flag_of
from wardround.hospital.charts.results import VITAL_SIGNS
from wardround.hospital.charts.rounded import shown_value
from wardround.hospital.charts.trends import Axis, Point, Series, Trend, axis_of, trend
from wardround.hospital.charts.usual import Whose
from wardround.hospital.records.models import Fact, StandardValue
from wardround.web.layout.printed import printed_range, printed_unit

Window = Literal["48h", "7d", "all"]
WINDOWS: dict[Window, timedelta | None] = {"48h": timedelta(hours=48), "7d": timedelta(days=7), "all": None}
WINDOW_TITLES = {"48h": gettext_lazy("48 hours"), "7d": gettext_lazy("7 days"), "all": gettext_lazy("All")}
# The five rows of the trend; blood pressure is two lines in one row.
ROWS = (
    ("body_temperature",),
    ("heart_rate",),
    ("systolic_pressure", "diastolic_pressure"),
    ("respiratory_rate",),
    ("oxygen_saturation",),
)

_TOGETHER = timedelta(hours=1)  # what was taken within it is one set of observations
_WITH_HOURS = timedelta(days=8)
_SHORT = {"systolic_pressure": gettext_lazy("Systolic"), "diastolic_pressure": gettext_lazy("Diastolic")}
_IN_TREND = tuple(key for keys in ROWS for key in keys)


@dataclass(frozen=True)
class Measured:
    """One value of a vital sign."""

    key: str
    time: datetime
    value: float
    is_held: bool


@dataclass(frozen=True)
class VitalSigns:
    """What the trend shows: the rows that have values, their common time axis, and which stretch of time it is."""

    rows: tuple[Trend, ...]
    axis: Axis | None
    window: Window
    windows: tuple[tuple[Window, str, bool], ...]  # key, title, is shown
    until: datetime | None
    count: int


@dataclass(frozen=True)
class TableRow:
    """What was measured at one moment, by column: often once, sometimes twice."""

    time: datetime
    cells: tuple[tuple[Cell, ...], ...]


def vital_signs(patient_id: str, *, asked: str = "", whose: Whose) -> VitalSigns:
    """The trend of the stretch asked for; otherwise of the shortest that has two moments. Two questions."""
    newest = _rows(patient_id).order_by("-time").values_list("time", flat=True).distinct()[:2]
    moments = [time for time in newest if time is not None]
    window = _window(moments, asked=asked)
    measured = _measured(patient_id, since=_since(moments, window))
    axis = axis_of([one.time for one in measured], length=WINDOWS[window])
    by_key: dict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        by_key[one.key].append(one)
    drawn = ([(k, by_key[k]) for k in keys if by_key[k]] for keys in ROWS)
    rows = tuple(_row(lines, axis=axis, newest=moments[0], whose=whose) for lines in drawn if axis)
    return VitalSigns(
        rows=tuple(row for row in rows if row is not None),
        axis=axis,
        window=window,
        windows=tuple((key, str(WINDOW_TITLES[key]), key == window) for key in WINDOWS),
        until=moments[0] if moments else None,
        count=len(measured),
    )


def measured_keys(patient_id: str) -> tuple[str, ...]:
    """The vital signs that this patient has a value of, in the order of the table."""
    found = set(_rows(patient_id, keys=VITAL_SIGNS).values_list("measurement", flat=True).distinct())
    return tuple(key for key in VITAL_SIGNS if key in found)


def columns(keys: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The columns of the table: title and unit."""
    found = (load_catalogue().by_key(key) for key in keys)
    return tuple((gettext(measurement.title), printed_unit(measurement.unit)) for measurement in found)


def moments_of(patient_id: str) -> QuerySet[StandardValue, datetime | None]:
    """The moments at which vital signs were taken, newest first."""
    return _rows(patient_id, keys=VITAL_SIGNS).order_by("-time").values_list("time", flat=True).distinct()


def table(patient_id: str, *, keys: Sequence[str], moments: Sequence[datetime], whose: Whose) -> tuple[TableRow, ...]:
    """What was measured of these at these moments, newest first."""
    rows = _rows(patient_id, keys=keys).filter(time__in=moments).select_related("resource").order_by("id")
    cells = cells_of(list(rows) if moments else [], whose=whose)
    return tuple(TableRow(time, in_places(cells, [(key, time) for key in keys])) for time in moments)


def taken_before(newest: datetime | None, *, time: datetime | None) -> str:
    """When a value was taken, printed, where it is not one of the newest observations: nobody should take it for one."""
    if newest is None or time is None or newest - time <= _TOGETHER:
        return ""
    return date_format(timezone.localtime(time), "d-M H:i" if newest - time <= _WITH_HOURS else "d-M-Y")


def points_of(patient_id: str, *, asked: str, whose: Whose) -> list[dict[str, object]]:
    """The same values as the trend, for the drawing that a reader can zoom: per row its title, unit, range and points."""
    shown = vital_signs(patient_id, asked=asked, whose=whose)
    return [
        {
            "title": row.title,
            "unit": row.unit,
            "usual": row.usual,
            "series": [
                {
                    "title": series.title,
                    "low": series.usual[0] if series.usual else None,
                    "high": series.usual[1] if series.usual else None,
                    "points": [
                        [int(point.time.timestamp()), point.value] for point in series.points if not point.is_held
                    ],
                }
                for series in row.series
            ],
        }
        for row in shown.rows
    ]


def _window(moments: Sequence[datetime], *, asked: str) -> Window:
    for key, length in WINDOWS.items():
        if asked == key:
            return key
        if not asked and length is not None and len(moments) > 1 and moments[0] - moments[1] <= length:
            return key
    return _window(moments, asked="") if asked and asked not in WINDOWS else "all"


def _since(moments: Sequence[datetime], window: Window) -> datetime | None:
    length = WINDOWS[window]
    return moments[0] - length if moments and length is not None else None


def _rows(patient_id: str, *, keys: Sequence[str] = _IN_TREND) -> QuerySet[StandardValue]:
    return StandardValue.objects.filter(
        patient_id=patient_id,
        fact=Fact.MEASUREMENT,
        measurement__in=keys,
        is_current=True,
        not_standard="",
        value_number__isnull=False,
        time__isnull=False,
        resource__is_deleted=False,
    )


def _measured(patient_id: str, *, since: datetime | None) -> list[Measured]:
    every = _rows(patient_id)
    rows = (every.filter(time__gte=since) if since else every).order_by("time", "id")
    found = rows.values_list("measurement", "time", "value_number", "is_held")
    return [Measured(key, time, value, held) for key, time, value, held in found if time and value is not None]


def _row(lines: list[tuple[str, list[Measured]]], *, axis: Axis | None, newest: datetime, whose: Whose) -> Trend | None:
    if not lines or axis is None:
        return None
    series = tuple(_series(key, values, newest=newest, whose=whose) for key, values in lines)
    pressure = lines[0][0] in ROWS[2]
    unit = printed_unit(load_catalogue().by_key(lines[0][0]).unit)
    return trend(
        title=gettext("Blood pressure") if pressure else series[0].title,
        unit=unit,
        usual="/".join(printed_range(one.usual) for one in series if one.usual),
        series=series,
        axis=axis,
    )


def _series(key: str, values: list[Measured], *, newest: datetime, whose: Whose) -> Series:
    measurement = load_catalogue().by_key(key)
    usual = whose.usual(measurement, time=values[-1].time)
    return Series(
        key=key,
        title=gettext(measurement.title),
        short=str(_SHORT.get(key, "")),
        usual=usual,
        last=shown_value(values[-1].value, measurement=measurement),
        last_taken=taken_before(newest, time=values[-1].time),
        points=tuple(
            Point(
                time=one.time,
                value=one.value,
                flag="" if one.is_held else flag_of(one.value, reference=usual),
                is_held=one.is_held,
            )
            for one in values
        ),
    )
