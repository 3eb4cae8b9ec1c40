"""Agreement by month as the server draws it: the share agreed with its interval, and under it how many answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.formats import date_format

MOST_MONTHS = 12
LEFT, RIGHT = 42, 10
TOP, SHARE_HEIGHT = 8, 110  # the upper part: 0 to 100 %
GAP, COUNT_HEIGHT, FOOT = 20, 56, 34  # the lower part: columns; then the months' names
_WIDTHS = (("wide", 620), ("narrow", 320))


class IsShare(Protocol):
    """What a share says of itself: 0 to 1."""

    @property
    def agreed(self) -> int: ...
    @property
    def judged(self) -> int: ...
    @property
    def interval(self) -> tuple[float, float]: ...


@dataclass(frozen=True)
class Column:
    """One month: its share, where it is said, and the counts that are said (agreed, disagreed, hidden)."""

    month: date
    share: IsShare | None
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Point:
    """A share with its interval."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Block:
    """One part of a month's column of answers."""

    choice: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Tick:
    """A month's name under its column; the year where it begins."""

    x: float
    month: str
    year: str


@dataclass(frozen=True)
class AgreementDrawing:
    """In user units, one for wide screens and one for narrow ones. `most`: the answers of the highest column."""

    kind: str
    width: int
    height: int
    points: tuple[Point, ...]
    blocks: tuple[Block, ...]
    ticks: tuple[Tick, ...]
    grid: tuple[tuple[float, str], ...]  # y, and what stands beside it
    overall: float | None  # y of the share over the whole time
    most: int
    most_y: float
    base_y: float
    months_y: float
    years_y: float
    end_x: float


def drawings_of(columns: Sequence[Column], *, overall: IsShare | None) -> tuple[AgreementDrawing, ...]:
    """The last twelve months; nothing where nothing could be drawn. What is not said is not drawn either."""
    shown = columns[-MOST_MONTHS:]
    if not any(column.share or any(column.counts) for column in shown):
        return ()
    return tuple(_drawing(kind, width, columns=shown, overall=overall) for kind, width in _WIDTHS)


def _drawing(kind: str, width: int, *, columns: Sequence[Column], overall: IsShare | None) -> AgreementDrawing:
    step = (width - LEFT - RIGHT) / max(len(columns), 3)
    base = TOP + SHARE_HEIGHT + GAP + COUNT_HEIGHT
    most = max((sum(column.counts) for column in columns), default=0)
    points: list[Point] = []
    blocks: list[Block] = []
    ticks: list[Tick] = []
    for place, column in enumerate(columns):
        middle = LEFT + (place + 0.5) * step
        if column.share is not None:
            low, high = column.share.interval
            points.append(Point(round(middle, 1), _y(_part(column.share)), low=_y(low), high=_y(high)))
        blocks += _blocks(column, middle=middle, width=min(0.6 * step, 34), base=base, most=most)
        if step > 24 or place % 2 == len(columns) % 2 - 1:
            year = str(column.month.year) if not ticks or column.month.month == 1 else ""
            ticks.append(Tick(round(middle, 1), date_format(column.month, "M"), year))
    return AgreementDrawing(
        kind=kind,
        width=width,
        height=base + FOOT,
        points=tuple(points),
        blocks=tuple(blocks),
        ticks=tuple(ticks),
        grid=tuple((_y(part), f"{round(100 * part)}%") for part in (0.0, 0.5, 1.0)),
        overall=None if overall is None else _y(_part(overall)),
        most=most,
        most_y=base - COUNT_HEIGHT,
        base_y=base,
        months_y=base + 14,
        years_y=base + 28,
        end_x=width - RIGHT,
    )


def _blocks(column: Column, *, middle: float, width: float, base: float, most: int) -> list[Block]:
    found, top = [], base
    for choice, count in zip(("agree", "disagree", "hide"), column.counts, strict=False):
        height = round(count / most * COUNT_HEIGHT, 1) if most else 0.0
        top = round(top - height, 1)
        if height:
            found.append(Block(choice, round(middle - width / 2, 1), top, round(width, 1), height))
    return found


def _part(share: IsShare) -> float:
    return share.agreed / share.judged


def _y(part: float) -> float:
    return round(TOP + (1 - part) * SHARE_HEIGHT, 1)
