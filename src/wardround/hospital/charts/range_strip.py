"""Where a value lies beside its usual range: the geometry of a small strip that the server draws as SVG."""

from dataclasses import dataclass
from typing import Literal

WIDTH = 120
MARGIN = 7  # room for the mark at either end

Flag = Literal["", "high", "low"]


@dataclass(frozen=True)
class Strip:
    """All in user units of an SVG of 120 x 16."""

    band_x: float
    band_width: float
    mark_x: float
    flag: Flag
    triangle: str  # the path of the mark where the value is high or low


def flag_of(value: float, *, reference: tuple[float, float] | None) -> Flag:
    """Is a number outside its usual range? The limits themselves are inside."""
    if reference is None:
        return ""
    return "high" if value > reference[1] else "low" if value < reference[0] else ""


def strip(value: float, *, reference: tuple[float, float]) -> Strip:
    """The usual range fills the middle 40 %; a value far outside stands at the end of the strip."""
    low, high = reference
    room = (high - low) * 0.75
    scale = (WIDTH - 2 * MARGIN) / (high - low + 2 * room)
    mark = MARGIN + (min(max(value, low - room), high + room) - low + room) * scale
    flag = flag_of(value, reference=reference)
    up = f"M{mark:.1f} 3l5 9h-10z"
    down = f"M{mark:.1f} 13l5-9h-10z"
    return Strip(
        band_x=round(MARGIN + room * scale, 1),
        band_width=round((high - low) * scale, 1),
        mark_x=round(mark, 1),
        flag=flag,
        triangle={"high": up, "low": down, "": ""}[flag],
    )
