"""Quantities: a value and a unit, equal or ordered also in other units of the same kind."""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any

UCUM = "http://unitsofmeasure.org"
# Calendar durations and the UCUM units that are equal to them (N1 section 6.1: above the second only equivalent).
CALENDAR = {
    "year": "a", "month": "mo", "week": "wk", "day": "d",
    "hour": "h", "minute": "min", "second": "s", "millisecond": "ms",
}  # fmt: skip
_EXACT = frozenset({"second", "millisecond"})
# Calendar durations in one another: how many of the least of their family (a month has no fixed number of days).
_FAMILIES: tuple[dict[str, int], ...] = (
    {"year": 12, "month": 1},
    {
        "week": 604_800_000,
        "day": 86_400_000,
        "hour": 3_600_000,
        "minute": 60_000,
        "second": 1000,
        "millisecond": 1,
    },
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """`unit` is UCUM, or a calendar word (year ... millisecond)."""

    value: Decimal
    unit: str


def quantity_value(value: Decimal, unit: str) -> dict[str, Any]:
    """A computed quantity as the JSON value of a node of type System.Quantity."""
    if unit in CALENDAR:
        return {"value": value, "unit": unit}
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def quantity(value: Any) -> Quantity | None:
    """A FHIR Quantity's JSON as a quantity; None without a value or with a comparator (it is then no one value)."""
    if not isinstance(value, dict):
        return None
    number = value.get("value")
    if number is None or isinstance(number, bool | str | dict | list) or value.get("comparator"):
        return None
    unit = value.get("code") or value.get("unit") or "1"
    return Quantity(Decimal(str(number)) if isinstance(number, float) else Decimal(number), str(unit))


def compare(left: Quantity, right: Quantity) -> int | None:
    """-1, 0 or 1; None where the units are of different kinds or not known."""
    pair = in_one_unit(left, right)
    if pair is None:
        return None
    a, b = pair
    return (a > b) - (a < b)


def in_one_unit(left: Quantity, right: Quantity) -> tuple[Decimal, Decimal] | None:
    """Both values in the unit of the right one."""
    if left.unit == right.unit:
        return left.value, right.value
    for family in _FAMILIES:
        if left.unit in family and right.unit in family:
            with localcontext() as context:
                context.prec = 28
                converted = left.value * family[left.unit] / family[right.unit]
            return _rounded(converted), _rounded(right.value)
    from_unit, to_unit = _ucum(left.unit), _ucum(right.unit)
    if from_unit is None or to_unit is None:
        return None
    found = _factor(from_unit, to_unit)
    if found is None:
        return None
    factor, offset = found
    with localcontext() as context:
        context.prec = 28
        # A factor is a float: beyond 12 digits it says nothing.
        return _rounded(left.value * factor + offset), _rounded(right.value)


def _rounded(value: Decimal) -> Decimal:
    with localcontext() as context:
        context.prec = 12
        return +value


def _ucum(unit: str) -> str | None:
    if unit in CALENDAR:
        return CALENDAR[unit] if unit in _EXACT else None
    return unit


@lru_cache(maxsize=1024)
def _factor(from_unit: str, to_unit: str) -> tuple[Decimal, Decimal] | None:
    if from_unit == to_unit:
        return Decimal(1), Decimal(0)
    # The unit registry takes a second to load: only an expression that compares across units pays it.
    from wardround.clinical.errors import ClinicalError
    from wardround.clinical.units import conversion

    try:
        found = conversion(from_unit, to_unit)
    except ClinicalError:
        return None
    return Decimal(repr(found.factor)), Decimal(repr(found.offset))
