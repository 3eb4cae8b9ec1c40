"""The geometry of trends that the server draws as SVG: a line over its usual range, marked where it leaves it.

Every row is drawn twice, for a wide and for a narrow screen, near the size at which it is shown, so that its words stay readable.
Where there are more values than columns, each column keeps its first, lowest, highest and last value: nothing is averaged.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

from wardround.hospital.charts.range_flags import Flag
from wardround.web.layout.printed import printed_number

WIDE, NARROW = 560, 320  # user units
HEIGHT, MARGIN, LEFT = 62, 9, 36
_COLUMN = 4  # units; finer than this nobody sees
_MANY = 60  # points; beyond, plain ones are not marked one by one
_TICKS = 5


@dataclass(frozen=True)
class Point:
    """One value at its time."""

    time: datetime
    value: float
    flag: Flag
    is_held: bool


@dataclass(frozen=True)
class Series:
    """One measurement's values in order of time."""

    key: str
    title: str
    short: str  # beside a value of a row that has two
    usual: tuple[float, float] | None
    points: tuple[Point, ...]
    last: str  # the latest value, printed
    last_taken: str = ""  # when that was, printed, where it is older than the newest value of the chart


@dataclass(frozen=True)
class Tick:
    """A time that is written under the rows."""

    x_wide: float
    x_narrow: float
    text: str
    is_shown_narrow: bool


@dataclass(frozen=True)
class Axis:
    """The common time axis of all rows."""

    start: datetime
    end: datetime
    ticks: tuple[Tick, ...]

    def x(self, time: datetime, *, width: int) -> float:
        whole = (self.end - self.start).total_seconds() or 1.0
        part = (time - self.start).total_seconds() / whole
        return round(LEFT + MARGIN + part * (width - LEFT - 2 * MARGIN), 1)


@dataclass(frozen=True)
class Mark:
    """A value as a shape: a ring inside its range, a triangle outside, a square while it is held."""

    shape: str  # ring, high, low, held
    x: float
    y: float
    path: str


@dataclass(frozen=True)
class Band:
    """The usual range of a series, and where its limits are written."""

    y: float
    height: float
    low: str
    high: str
    y_low: float
    y_high: float


@dataclass(frozen=True)
class Line:
    """One series as it is drawn."""

    path: str
    is_second: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Drawing:
    """One row at one width, in user units."""

    kind: str  # wide, narrow
    width: int
    height: int
    room: int  # between the numbers at the left and the right end
    are_touching: bool  # the two ranges of a row share a limit, which is printed once
    bands: tuple[Band, ...]
    lines: tuple[Line, ...]
    grid: tuple[float, ...]


@dataclass(frozen=True)
class Last:
    """The latest value of a row, printed at its right."""

    text: str
    flag: Flag
    of: str  # "Diastolic" where a row has two and one of them is flagged
    is_held: bool
    taken: str  # where it is older than the newest value of the chart


@dataclass(frozen=True)
class Trend:
    """One row: what it is, its latest values, and its two drawings."""

    title: str
    unit: str
    usual: str
    series: tuple[Series, ...]
    lasts: tuple[Last, ...]
    spoken: str  # what the drawing says to whoever does not see it
    drawings: tuple[Drawing, Drawing]


def axis_of(times: Sequence[datetime], *, length: timedelta | None) -> Axis | None:
    """From the first to the last value; a stretch of a fixed length ends at the last."""
    if not times:
        return None
    end = max(times)
    start = end - length if length is not None else min(times)
    if start == end:
        start, end = start - timedelta(hours=12), end + timedelta(hours=12)
    step = (end - start) / (_TICKS - 1)
    bare = Axis(start, end, ())
    has_hours = end - start <= timedelta(days=8)
    ticks = tuple(
        Tick(
            x_wide=bare.x(start + step * n, width=WIDE),
            x_narrow=bare.x(start + step * n, width=NARROW),
            text=formats.date_format(timezone.localtime(start + step * n), "d-M H:i" if has_hours else "d-M-Y"),
            is_shown_narrow=n % 2 == 0,
        )
        for n in range(_TICKS)
    )
    return Axis(start, end, ticks)


def trend(*, title: str, unit: str, usual: str, series: tuple[Series, ...], axis: Axis) -> Trend:
    """One row of one or two series."""
    return Trend(
        title=title,
        unit=unit,
        usual=usual,
        series=series,
        lasts=tuple(_last(one, alone=len(series) == 1) for one in series),
        spoken="; ".join(_spoken(one, unit=unit) for one in series),
        drawings=(
            _drawing(series, kind="wide", axis=axis, width=WIDE),
            _drawing(series, kind="narrow", axis=axis, width=NARROW),
        ),
    )


def thinned(points: Sequence[Point], *, axis: Axis, width: int) -> list[Point]:
    """The points that a drawing of this width can show: of each column the first, lowest, highest and last."""
    columns: dict[int, list[Point]] = {}
    for point in points:
        columns.setdefault(int(axis.x(point.time, width=width) // _COLUMN), []).append(point)
    kept: list[Point] = []
    for column in columns.values():
        low, high = min(column, key=lambda p: p.value), max(column, key=lambda p: p.value)
        wanted = {id(one) for one in (column[0], low, high, column[-1])}
        kept.extend(point for point in column if id(point) in wanted or point.is_held)
    return kept


def _spoken(series: Series, *, unit: str) -> str:
    last, words = series.points[-1], {"high": gettext("high"), "low": gettext("low"), "": ""}
    said = ngettext(
        "%(title)s: one value, %(value)s", "%(title)s: %(count)s values, the last %(value)s", len(series.points)
    )
    value = " ".join(part for part in (series.last, unit, words[last.flag], series.last_taken) if part)
    return said % {"title": series.title, "count": len(series.points), "value": value}


def _last(series: Series, *, alone: bool) -> Last:
    point = series.points[-1]
    return Last(series.last, point.flag, "" if alone else series.short, point.is_held, series.last_taken)


def _drawing(series: tuple[Series, ...], *, kind: str, axis: Axis, width: int) -> Drawing:
    height = HEIGHT if len(series) == 1 else HEIGHT + 26
    values = [p.value for one in series for p in one.points if not p.is_held or len(one.points) == 1]
    values = values or [p.value for one in series for p in one.points]
    limits = [limit for one in series if one.usual for limit in one.usual]
    low, high = min(values + limits), max(values + limits)
    room = (high - low) or abs(high) or 1.0

    def y(value: float) -> float:
        part = min(max((high - value) / room, 0.0), 1.0)
        return round(MARGIN + part * (height - 2 * MARGIN), 1)

    bands = []
    for one in series:
        if one.usual:
            top, bottom = y(one.usual[1]), y(one.usual[0])
            bands.append(
                Band(
                    y=top,
                    height=round(bottom - top, 1),
                    low=printed_number(one.usual[0]),
                    high=printed_number(one.usual[1]),
                    y_low=bottom + 4,
                    y_high=top + 4,
                )
            )
    return Drawing(
        kind=kind,
        width=width,
        height=height,
        room=width - LEFT - 2,
        are_touching=len({limit for one in series if one.usual for limit in one.usual}) < 2 * len(bands),
        bands=tuple(bands),
        lines=tuple(_line(one, axis=axis, width=width, y=y, is_second=number > 0) for number, one in enumerate(series)),
        grid=tuple(tick.x_wide if width == WIDE else tick.x_narrow for tick in axis.ticks),
    )


def _line(series: Series, *, axis: Axis, width: int, y: Callable[[float], float], is_second: bool) -> Line:
    points = thinned(series.points, axis=axis, width=width)
    drawn = [(axis.x(p.time, width=width), y(p.value)) for p in points if not p.is_held]
    path = "M" + "L".join(f"{x} {top}" for x, top in drawn) if drawn else ""
    is_many = len(points) > _MANY
    marks = tuple(
        _mark(point, x=axis.x(point.time, width=width), y=y(point.value))
        for number, point in enumerate(points)
        if point.is_held or not is_many or point.flag or number == len(points) - 1
    )
    return Line(path=path, is_second=is_second, marks=marks)


def _mark(point: Point, *, x: float, y: float) -> Mark:
    if point.is_held:
        return Mark("held", x, y, f"M{x - 4:.1f} {y - 4:.1f}h8v8h-8z")
    if point.flag == "high":
        return Mark("high", x, y, f"M{x:.1f} {y - 5:.1f}l5 9h-10z")
    if point.flag == "low":
        return Mark("low", x, y, f"M{x:.1f} {y + 5:.1f}l5-9h-10z")
    return Mark("ring", x, y, "")
