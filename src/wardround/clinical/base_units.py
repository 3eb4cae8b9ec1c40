"""UCUM units reduced to base units, so that quantities in commensurable units can be compared as numbers."""

import json
import math
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from wardround.clinical.units import _APART, _parsing, _quantity

UCUM = "http://unitsofmeasure.org"
_LONGEST = 80
_MEANT = {"g%": "g/dL"}  # UCUM's gram percent, which would be read as a gram times a hundredth


@dataclass(frozen=True, slots=True)
class Reduction:
    """A number in the unit is the number x `factor` + `offset` in `base_unit`, which two commensurable units share."""

    base_unit: str
    factor: float
    offset: float

    def apply(self, number: float) -> float:
        """The number in the base unit."""
        return number * self.factor + self.offset


@lru_cache(maxsize=4096)
def reduction_of(ucum: str) -> Reduction | None:
    """How a UCUM unit, as UCUM writes it, reduces to base units; None for what is no UCUM unit.

    What counts different things stays apart: equivalents and moles, arbitrary units, and {1.73_m2} from nothing.
    """
    common = _common()
    return common[ucum] if ucum in common else computed_reduction(ucum)


def computed_reduction(ucum: str) -> Reduction | None:
    """The same by the unit registry, which takes a second or two to make."""
    read = _MEANT.get(ucum, ucum)
    with _parsing:
        quantity = _quantity(read) if read and read.isascii() else None
        # A mere annotation such as {score} comes back as its text: it has nothing to be reduced to.
        found = _reduced(quantity) if hasattr(quantity, "to_base_units") else None
    if found is None or found.factor == 0 or not math.isfinite(found.factor):
        return None
    name = "|".join([found.base_unit, *sorted(set(_APART.findall(read)))])
    return Reduction(name, found.factor, found.offset) if len(name) <= _LONGEST else None


@cache
def _common() -> dict[str, Reduction | None]:
    """Units in common use (scripts/distil_unit_bases.py)."""
    text = resources.files("wardround.clinical").joinpath("unit_bases.json").read_text("utf-8")
    found: dict[str, Reduction | None] = {}
    for base, units in json.loads(text).items():
        for unit, numbers in units.items():
            factor, offset = numbers if isinstance(numbers, list) else (numbers, 0.0)
            found[unit] = Reduction(base, factor, offset) if base else None
    return found


def _reduced(quantity: Any) -> Reduction | None:
    import pint

    try:
        if quantity._is_multiplicative:  # noqa: SLF001 - degrees Celsius and Fahrenheit are not
            base = quantity.to_base_units()
            return Reduction(str(base.units), _rounded(base.magnitude), 0.0)
        make = type(quantity)
        zero, one, two = (float(make(number, quantity.units).to_base_units().magnitude) for number in (0, 1, 2))
        if abs((two - one) - (one - zero)) > 1e-9 * abs(two):
            return None  # a logarithm, such as the bel
        return Reduction(str(quantity.to_base_units().units), _rounded(one - zero), _rounded(zero))
    except (pint.errors.PintError, ValueError, OverflowError, ZeroDivisionError):
        return None


def _rounded(number: float) -> float:
    # More digits than any measurement has; without the dust of binary fractions equal quantities have equal numbers.
    return float(f"{float(number):.12g}")
