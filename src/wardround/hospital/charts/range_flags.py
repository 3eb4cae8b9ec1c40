"""Whether a value is outside its usual range."""

from typing import Literal

Flag = Literal["", "high", "low"]


def flag_of(value: float, *, reference: tuple[float, float] | None) -> Flag:
    """Is a number outside its usual range? The limits themselves are inside."""
    if reference is None:
        return ""
    return "high" if value > reference[1] else "low" if value < reference[0] else ""
