"""A share with its interval."""

from typing import Any

from wardround.learning.proportion import wilson


def share(part: int, whole: int) -> dict[str, Any]:
    """`part` of `whole` with Wilson's 95 % interval; nothing is said of none."""
    if not whole:
        return {"n": 0, "found": 0, "share": None, "low": None, "high": None}
    low, high = wilson(part, whole=whole)
    return {"n": whole, "found": part, "share": round(part / whole, 4), "low": round(low, 4), "high": round(high, 4)}
