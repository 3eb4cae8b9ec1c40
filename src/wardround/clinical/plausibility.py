"""Is this value possible, plausible, or a slip: the findings on one value in its chart."""

from wardround.clinical.catalogue import Limits, Measurement
from wardround.clinical.findings import Finding, FindingKind, ValueContext
from wardround.clinical.neighbours import misfits, swapped_pressures
from wardround.clinical.slips import (
    Candidate,
    adult_figures_apply,
    is_likelier_than_received,
    plausible_limits,
    readings,
)
from wardround.clinical.standardise import Standard
from wardround.clinical.units import unit_for_people

__all__ = ["Finding", "FindingKind", "ValueContext", "check"]

_ALONE = ValueContext()


def check(standard: Standard, *, context: ValueContext = _ALONE) -> tuple[Finding, ...]:
    """What is odd about this value; nothing for a boolean, a category or a plausible quantity that fits its chart.

    An impossible value, a likely slip and a swap are held. A value that is only unusual is a finding that is not held:
    abnormal is not invalid. A suggestion is made only where one intended value stands out.
    """
    measurement = standard.measurement
    if measurement.kind != "quantity" or isinstance(standard.value, str):
        return ()
    value = float(standard.value)
    if measurement.whole and not value.is_integer():
        return (Finding("impossible", f"{measurement.title} is a count; {value:g} is not a whole number.", held=True),)
    swapped = swapped_pressures(standard, context=context)
    if swapped is not None:
        return (swapped,)
    limits = plausible_limits(measurement, context)
    is_possible = _inside(value, measurement.possible)
    if is_possible and _inside(value, limits):
        return misfits(standard, context=context)
    meant = readings(standard, context=context)
    if is_possible and not _is_slip(standard, meant, context=context):
        return (_unusual(standard, limits),)
    if len(meant) == 1:
        return (_slip(standard, meant[0], is_possible=is_possible),)
    return (_held(standard, meant, limits=limits if is_possible else measurement.possible, is_possible=is_possible),)


def _is_slip(standard: Standard, meant: tuple[Candidate, ...], *, context: ValueContext) -> bool:
    """Whether a value that an extreme patient could have is still far more likely a slip."""
    return (
        bool(meant)
        and adult_figures_apply(standard.measurement, context)
        and is_likelier_than_received(meant[0], standard)
    )


def _inside(value: float, limits: Limits | None) -> bool:
    return limits is None or limits[0] <= value <= limits[1]


def _held(standard: Standard, meant: tuple[Candidate, ...], *, limits: Limits | None, is_possible: bool) -> Finding:
    """Held without a suggestion: nothing, or more than one thing, may have been meant."""
    m = standard.measurement
    sentence = f"{_said(standard)} is not {_believed(is_possible)}; {_range(m, limits)} is."
    if meant:
        sentence += f" {' or '.join(_with_unit(m, c.value) for c in meant)} may have been meant."
    return Finding("implausible" if is_possible else "impossible", sentence, held=True)


def _unusual(standard: Standard, limits: Limits | None) -> Finding:
    sentence = f"{_said(standard)} is unusual: {_range(standard.measurement, limits)} is expected. It is used as it is."
    return Finding("implausible", sentence, held=False)


def _slip(standard: Standard, meant: Candidate, *, is_possible: bool) -> Finding:
    m = standard.measurement
    sentence = (
        f"{_said(standard)} is not {_believed(is_possible)}. "
        f"{_with_unit(m, meant.value)} was probably meant: {meant.why}."
    )
    return Finding(meant.kind, sentence, held=True, suggestion=meant.value, suggestion_unit=m.unit)


def _believed(is_possible: bool) -> str:  # noqa: FBT001
    return "plausible" if is_possible else "possible"


def _said(standard: Standard) -> str:
    """The value as received, and in the standard unit where that differs."""
    m = standard.measurement
    number, unit = standard.received, standard.received_unit
    if number is None or unit is None or unit == m.unit:
        return f"{m.title} {_with_unit(m, float(standard.value))}"
    shown = f"{number:g} {unit_for_people(unit)}".rstrip()
    return f"{m.title} {shown} ({_with_unit(m, float(standard.value))})"


def _with_unit(m: Measurement, value: float) -> str:
    return f"{value:g} {unit_for_people(m.unit or '1')}".rstrip()


def _range(m: Measurement, limits: Limits | None) -> str:
    low, high = limits or (0.0, 0.0)
    return f"{low:g} to {_with_unit(m, high)}"
