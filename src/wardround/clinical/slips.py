"""What was probably meant: the values from which one slip of the pen gives the one received, weighed in their chart."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from wardround.clinical.findings import ValueContext
from wardround.clinical.likelihood import Likelihood
from wardround.clinical.limits import plausible_for
from wardround.clinical.measurements import Limits, Measurement
from wardround.clinical.neighbours import OTHER_PRESSURE
from wardround.clinical.sentences import template
from wardround.clinical.standardise import Standard, conversion_for, in_standard_unit
from wardround.clinical.units import unit_for_people

# Odds of twenty to one, or of four to one where the patient's own chart was asked: below that readings are about equally
# likely, and nothing is suggested.
_STANDS_OUT_ALONE, _STANDS_OUT_IN_CHART = math.log(20), math.log(4)
# By how many places a point moves, and how rare that is.
_PLACES = (
    ("one place", 0.0, (10.0, 0.1)),
    ("two places", math.log(30), (100.0, 0.01)),
    ("three places", math.log(100), (1000.0, 0.001)),
)
_TRANSPOSED_ARE_RARE = math.log(8)
# A number finer than anybody reports it is less likely to have been there before the slip.
_TOO_FINE = math.log(15)
# Readings closer than this are one reading: they differ by rounding.
_SAME = 0.025
# The catalogue names the likeliest unit first.
_EACH_NEXT_UNIT = math.log(10)

Slip = Literal["decimal_slip", "unit_slip", "transposed_digits"]


@dataclass(frozen=True)
class Candidate:
    """A value that may have been meant, in the standard unit; `weight` is its log likelihood in the chart."""

    value: float
    kind: Slip
    why: str
    weight: float


_MOVED = template("the decimal point seems to have moved by %(places)s")
_OTHER_UNIT = template("the unit seems to be %(unit)s, not %(received)s")
_CHANGED_PLACES = template("two neighbouring digits seem to have changed places")


def readings(standard: Standard, *, likelihood: Likelihood, context: ValueContext) -> tuple[Candidate, ...]:
    """What may have been meant, likeliest first; with one reading alone, that one stands out."""
    ranked = sorted(
        candidates_for(standard, likelihood=likelihood, context=context), key=lambda c: c.weight, reverse=True
    )
    stands_out = _STANDS_OUT_IN_CHART if likelihood.has_chart else _STANDS_OUT_ALONE
    return tuple(c for c in ranked if ranked[0].weight - c.weight < stands_out)


def candidates_for(standard: Standard, *, likelihood: Likelihood, context: ValueContext) -> list[Candidate]:
    """Every plausible value that one slip turns into the one received, each once, with its likeliest slip.

    Without a chart to tell them apart, the rarer slips are thought of only where the commoner explain nothing.
    """
    m = standard.measurement
    limits = plausible_for(m, context=context)
    if not likelihood.knows or limits is None or (float(standard.value) < 0 <= limits[0]):
        return []
    found = _weighed(_other_units(standard), m, likelihood=likelihood, limits=limits, context=context)
    for places, rarity, factors in _PLACES:
        moved = _moved_points(standard, factors, places=places, rarity=rarity)
        shifted = _weighed(moved, m, likelihood=likelihood, limits=limits, context=context)
        found += shifted
        if shifted and not likelihood.has_chart:
            break
    if likelihood.has_chart or not found:
        found += _weighed(_transposed(standard), m, likelihood=likelihood, limits=limits, context=context)
    return _each_once(found)


def _each_once(found: list[Candidate]) -> list[Candidate]:
    """Nearly the same value can come from two slips (175 cm from 1.75: metres, or two places): the likelier counts."""
    kept: list[Candidate] = []
    for candidate in sorted(found, key=lambda c: c.weight, reverse=True):
        if not any(abs(candidate.value - other.value) <= _SAME * abs(other.value) for other in kept):
            kept.append(candidate)
    return kept


_Guess = tuple[float, Slip, str, float]  # value in the standard unit, kind, why, how rare the slip is


def _weighed(
    guesses: Iterator[_Guess], m: Measurement, *, likelihood: Likelihood, limits: Limits, context: ValueContext
) -> list[Candidate]:
    return [
        Candidate(value, kind, why, likelihood.weight(value) - rarity)
        for value, kind, why, rarity in guesses
        if limits[0] <= value <= limits[1] and _keeps_pressures_apart(m, value, context)
    ]


def _moved_points(standard: Standard, factors: tuple[float, float], *, places: str, rarity: float) -> Iterator[_Guess]:
    m = standard.measurement
    number, unit = _as_received(standard)
    is_standard_unit = conversion_for(m, unit).is_identity
    if number == 0:
        return
    for factor in factors:
        moved = round(number * factor, 9)
        value = in_standard_unit(m, moved, unit=unit)
        # Nobody reports a pressure of 60.3 mmHg, so it was hardly the value before the slip.
        fine = _TOO_FINE if is_standard_unit and not _is_reported(moved, m.resolution) else 0.0
        if not (m.whole and not value.is_integer()):
            yield value, "decimal_slip", _MOVED.say(places=places), rarity + fine


def _other_units(standard: Standard) -> Iterator[_Guess]:
    m = standard.measurement
    number, received_unit = _as_received(standard)
    # The standard unit itself is as likely as the first of the others.
    units = ((m.unit or "1", 0), *((unit, place) for place, unit in enumerate(m.mistaken_units)))
    for unit, place in units:
        if unit != received_unit:
            value = in_standard_unit(m, number, unit=unit)
            if value != float(standard.value):
                why = _OTHER_UNIT.say(unit=_named(unit), received=_named(received_unit))
                fine = _TOO_FINE if unit == m.unit and not _is_reported(number, m.resolution) else 0.0
                yield value, "unit_slip", why, place * _EACH_NEXT_UNIT + fine


def _transposed(standard: Standard) -> Iterator[_Guess]:
    """Two neighbouring digits in the other order: 142 for 412 or 124."""
    m = standard.measurement
    number, unit = _as_received(standard)
    text = format(Decimal(repr(number)), "f").removesuffix(".0")
    digits = [i for i, sign in enumerate(text) if sign.isdigit()]
    for i, j in pairwise(digits):
        leads = i == digits[0]  # nobody writes 042, and 0.43 was hardly 4.03
        if text[i] == text[j] or (leads and "0" in (text[i], text[j])):
            continue
        swapped = list(text)
        swapped[i], swapped[j] = text[j], text[i]
        value = in_standard_unit(m, float("".join(swapped)), unit=unit)
        yield value, "transposed_digits", _CHANGED_PLACES.say(), _TRANSPOSED_ARE_RARE


def _as_received(standard: Standard) -> tuple[float, str]:
    """From the number as received, since rounding after conversion has already lost digits."""
    if standard.received is not None and standard.received_unit is not None:
        return standard.received, standard.received_unit
    return float(standard.value), standard.measurement.unit or "1"


def _is_reported(value: float, resolution: float | None) -> bool:
    """Whether somebody would report this value; a source that gives many more digits reports anything."""
    if resolution is None or _is_multiple(value, resolution):
        return True
    return not _is_multiple(value, resolution / 100)


def _is_multiple(value: float, step: float) -> bool:
    steps = value / step
    return abs(steps - round(steps)) < 1e-6


def _keeps_pressures_apart(m: Measurement, value: float, context: ValueContext) -> bool:
    """A systolic pressure that was meant lies above the diastolic beside it."""
    other = context.others.get(OTHER_PRESSURE.get(m.key, ""))
    if other is None:
        return True
    return value > other if m.key == "systolic_pressure" else value < other


def _named(unit: str) -> str:
    return unit_for_people(unit) or "a fraction of 1"
