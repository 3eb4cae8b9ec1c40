"""UCUM units reduced to base units, so that quantities in commensurable units can be compared as numbers."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wardround.clinical.units import _APART, _parsing, _quantity

UCUM = "http://unitsofmeasure.org"
_LONGEST = 80


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
    with _parsing:
        quantity = _quantity(ucum) if ucum and ucum.isascii() else None
        # A mere annotation such as {score} comes back as its text: it has nothing to be reduced to.
        found = _reduced(quantity) if hasattr(quantity, "to_base_units") else None
    if found is None:
        return None
    name = "|".join([found.base_unit, *sorted(set(_APART.findall(ucum)))])
    return Reduction(name, found.factor, found.offset) if len(name) <= _LONGEST else None


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
