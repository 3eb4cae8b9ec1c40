"""A calibration plot as the server draws it: observed against predicted, one dot for each tenth with enough patients."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from wardround.learning.evaluate import CalibrationRow

SIDE, MARGIN, END = 240, 34, 14  # END: room for the last label


@dataclass(frozen=True)
class Dot:
    """One tenth of the estimates: all in user units of the drawing; the bar is one standard error to either side."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class CalibrationPlot:
    """A square with its diagonal, where estimates are right."""

    side: int
    left: int
    bottom: float
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[str, float, float], ...]  # text, x, y


def calibration_plot(rows: Sequence[CalibrationRow]) -> CalibrationPlot | None:
    """From rows of five patients or more; without any there is no drawing."""
    dots = []
    for row in rows:
        if row.predicted is None or row.observed is None:
            continue
        error = sqrt(max(row.observed * (1 - row.observed), 0.25 / row.patients) / row.patients)
        low, high = max(row.observed - error, 0.0), min(row.observed + error, 1.0)
        dots.append(Dot(x=_x(row.predicted), y=_y(row.observed), low=_y(low), high=_y(high)))
    if not dots:
        return None
    ticks = tuple((f"{round(100 * part)}", _x(part), _y(part)) for part in (0.0, 0.25, 0.5, 0.75, 1.0))
    return CalibrationPlot(side=SIDE, left=MARGIN, bottom=_y(0.0), dots=tuple(dots), ticks=ticks)


def _x(share: float) -> float:
    return round(MARGIN + share * (SIDE - MARGIN - END), 1)


def _y(share: float) -> float:
    return round(8 + (1 - share) * (SIDE - MARGIN - 8), 1)
