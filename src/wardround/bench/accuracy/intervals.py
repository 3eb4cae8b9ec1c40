"""A share with its interval."""

import math
from typing import Any

_Z = 1.959964  # of a two-sided 95 % interval


def share(part: int, whole: int) -> dict[str, Any]:
    """`part` of `whole` with Wilson's 95 % interval (Wilson 1927, JASA 22:209); nothing is said of none."""
    if not whole:
        return {"n": 0, "found": 0, "share": None, "low": None, "high": None}
    p = part / whole
    middle = (p + _Z**2 / (2 * whole)) / (1 + _Z**2 / whole)
    half = _Z * math.sqrt(p * (1 - p) / whole + _Z**2 / (4 * whole**2)) / (1 + _Z**2 / whole)
    low, high = (0.0 if part == 0 else middle - half), (1.0 if part == whole else middle + half)
    return {"n": whole, "found": part, "share": round(p, 4), "low": round(low, 4), "high": round(high, 4)}
