"""Which units a box offers, and numbers of the standard unit in the unit that somebody types in."""

from wardround.clinical.catalogue import Limits, Measurement
from wardround.clinical.standardise import conversion_for
from wardround.web.layout.printed import printed_number, printed_range, printed_unit

_DIGITS = 4  # of a limit that was converted
# Mistaken for the standard unit often, and never what a box is filled in.
_NEVER_TYPED = frozenset({"1", "mm", "[ft_i]"})


def units_of(measurement: Measurement) -> tuple[str, ...]:
    """The standard unit first, then what is used beside it (UCUM)."""
    others = (*measurement.mistaken_units, *(unit for unit, _factor, _offset in measurement.own_units))
    offered = dict.fromkeys([measurement.unit or "1", *(unit for unit in others if unit not in _NEVER_TYPED)])
    return tuple(offered)


def from_standard(value: float, measurement: Measurement, *, unit: str) -> float:
    """A value in the standard unit as it is in this one, without the dust of binary fractions."""
    step = conversion_for(measurement, unit)
    if step.is_identity:
        return value
    return float(f"{(value - step.offset) / step.factor:.{_DIGITS}g}")


def with_unit(value: float, *, unit: str) -> str:
    return f"{printed_number(value)} {printed_unit(unit)}".strip()


def range_in(limits: Limits | None, measurement: Measurement, *, unit: str) -> str:
    """ "60–100"; nothing without limits."""
    if limits is None:
        return ""
    low, high = (from_standard(limit, measurement, unit=unit) for limit in limits)
    return printed_range((min(low, high), max(low, high)))
