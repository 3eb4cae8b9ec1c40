"""What was probably meant: the values from which a slip of the pen would give the one received, weighed."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from wardround.clinical.catalogue import Limits, Measurement
from wardround.clinical.findings import ValueContext
from wardround.clinical.standardise import Standard, conversion_for, in_standard_unit
from wardround.clinical.units import unit_for_people

# Odds of twenty to one: below that two readings are about equally likely, and nothing is suggested.
_STANDS_OUT = math.log(20)
# Of values that are possible at all, about one in a thousand is taken to be a slip.
_SLIPS_ARE_RARE = math.log(1000)
# A point moved by two places is thought of only where one place explains nothing, and is taken to be thirty times rarer.
_ONE_PLACE = (10.0, 0.1)
_TWO_PLACES = (100.0, 0.01)
_TWO_PLACES_ARE_RARE = math.log(30)
_ADULT_YEARS = 18
_PRESSURES = {"systolic_pressure": "diastolic_pressure", "diastolic_pressure": "systolic_pressure"}


@dataclass(frozen=True)
class Candidate:
    """A value that may have been meant, in the standard unit; `weight` is its log likelihood up to a constant."""

    value: float
    kind: Literal["decimal_slip", "unit_slip"]
    why: str
    weight: float


def readings(standard: Standard, *, context: ValueContext) -> tuple[Candidate, ...]:
    """What may have been meant, likeliest first; with one reading alone, that one stands out.

    A reading is a plausible value that one slip turns into what was received, weighed by how typical it is and how
    common the slip is; readings far less likely than the first are left out.
    """
    ranked = sorted(candidates(standard, context=context), key=lambda c: c.weight, reverse=True)
    if not adult_figures_apply(standard.measurement, context):
        return tuple(ranked)
    return tuple(c for c in ranked if ranked[0].weight - c.weight < _STANDS_OUT)


def is_likelier_than_received(meant: Candidate, standard: Standard) -> bool:
    """A possible value is held only if a slip explains it far better than an extreme patient does."""
    received = typicality(standard.measurement, float(standard.value))
    return meant.weight - _SLIPS_ARE_RARE - received >= _STANDS_OUT


def candidates(standard: Standard, *, context: ValueContext) -> list[Candidate]:
    """Every plausible value that one slip turns into the one received, each once, with its likeliest slip."""
    m = standard.measurement
    limits = plausible_limits(m, context)
    if m.usual is None or limits is None:
        return []
    plausible = [
        candidate
        for candidate in (*_other_units(standard), *_moved_points(standard, by=_ONE_PLACE))
        if _fits(m, candidate, limits=limits, context=context)
    ]
    if not any(candidate.kind == "decimal_slip" for candidate in plausible):
        moved = _moved_points(standard, by=_TWO_PLACES)
        plausible += [candidate for candidate in moved if _fits(m, candidate, limits=limits, context=context)]
    # The same value can come from two slips (175 cm from 1.75: metres, or two places); it counts once, as the likelier.
    return list({c.value: c for c in sorted(plausible, key=lambda c: c.weight)}.values())


def plausible_limits(m: Measurement, context: ValueContext) -> Limits | None:
    """The plausible limits at this age; the wider ones when the age is not known."""
    is_adult = context.age_years is not None and context.age_years >= _ADULT_YEARS
    return (m.plausible_adult if is_adult else None) or m.plausible or m.possible


def typicality(m: Measurement, value: float) -> float:
    """Log likelihood, up to a constant, of this value among adults in care: normal, with `usual` its central 95 %."""
    if m.usual is None:
        return 0.0
    if m.scale == "log":
        if value <= 0:
            return -math.inf
        low, high, value = math.log(m.usual[0]), math.log(m.usual[1]), math.log(value)
    else:
        low, high = m.usual
    return -0.5 * ((value - (low + high) / 2) / ((high - low) / 4)) ** 2


def _moved_points(standard: Standard, *, by: tuple[float, float]) -> Iterator[Candidate]:
    m = standard.measurement
    number, unit = _as_received(standard)
    is_standard_unit = conversion_for(m, unit).is_identity
    places, rarity = ("two places", _TWO_PLACES_ARE_RARE) if by == _TWO_PLACES else ("one place", 0.0)
    for factor in by:
        moved = round(number * factor, 9)
        if is_standard_unit and not _is_reported(moved, m.resolution):
            continue  # nobody reports a pressure of 60.3 mmHg, so it was not the value before the slip
        value = in_standard_unit(m, moved, unit=unit)
        why = f"the decimal point seems to have moved by {places}"
        yield Candidate(value, "decimal_slip", why, typicality(m, value) - rarity)


def _other_units(standard: Standard) -> Iterator[Candidate]:
    m = standard.measurement
    number, received_unit = _as_received(standard)
    for unit in (m.unit or "1", *m.mistaken_units):
        if unit == received_unit:
            continue
        value = in_standard_unit(m, number, unit=unit)
        why = f"the unit seems to be {_named(unit)}, not {_named(received_unit)}"
        yield Candidate(value, "unit_slip", why, typicality(m, value))


def _as_received(standard: Standard) -> tuple[float, str]:
    """From the number as received, since rounding after conversion has already lost digits."""
    if standard.received is not None and standard.received_unit is not None:
        return standard.received, standard.received_unit
    return float(standard.value), standard.measurement.unit or "1"


def _is_reported(value: float, resolution: float | None) -> bool:
    if resolution is None:
        return True
    steps = value / resolution
    return abs(steps - round(steps)) < 1e-6


def adult_figures_apply(m: Measurement, context: ValueContext) -> bool:
    """Usual values are those of adults; where age matters (weight, height) an unknown age is not taken for an adult's."""
    if context.age_years is None:
        return m.plausible_adult is None
    return context.age_years >= _ADULT_YEARS


def _fits(m: Measurement, candidate: Candidate, *, limits: Limits, context: ValueContext) -> bool:
    return limits[0] <= candidate.value <= limits[1] and _keeps_pressures_apart(m, candidate.value, context)


def _keeps_pressures_apart(m: Measurement, value: float, context: ValueContext) -> bool:
    """A systolic pressure that was meant lies above the diastolic beside it."""
    other = context.others.get(_PRESSURES.get(m.key, ""))
    if other is None:
        return True
    return value > other if m.key == "systolic_pressure" else value < other


def _named(unit: str) -> str:
    return unit_for_people(unit) or "a fraction of 1"
