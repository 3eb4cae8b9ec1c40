"""Slips that show only beside another value: swapped pressures, a sudden jump, a weight that does not fit the height."""

from wardround.clinical.catalogue import Limits, Measurement, load_catalogue
from wardround.clinical.findings import Finding, ValueContext
from wardround.clinical.slips import Candidate, candidates
from wardround.clinical.standardise import Standard
from wardround.clinical.units import unit_for_people

_OTHER_PRESSURE = {"systolic_pressure": "diastolic_pressure", "diastolic_pressure": "systolic_pressure"}
_SMALLEST_PULSE_PRESSURE = 15  # mmHg; closer pressures do not become believable by swapping them
_JUMP = 1.5  # an adult's weight or height does not change by half between two visits
_SAME = 1.15  # what was meant lies this close to the value before


def misfits(standard: Standard, *, context: ValueContext) -> tuple[Finding, ...]:
    """A slip in a value that is plausible alone, shown by the value before it or by weight and height together."""
    if not standard.measurement.steady or not _is_adult(context):
        return ()
    found = _jumped(standard, context) or _misfit(standard, context)
    return (found,) if found else ()


def swapped_pressures(standard: Standard, *, context: ValueContext) -> Finding | None:
    """A systolic pressure that is not above the diastolic beside it, seen from either of the two."""
    m, value = standard.measurement, float(standard.value)
    other_key = _OTHER_PRESSURE.get(m.key)
    other = context.others.get(other_key) if other_key else None
    if other_key is None or other is None:
        return None
    systolic, diastolic = (value, other) if m.key == "systolic_pressure" else (other, value)
    if systolic > diastolic:
        return None
    said = f"The systolic pressure of {systolic:g} mmHg is not above the diastolic pressure of {diastolic:g} mmHg"
    beside = load_catalogue().by_key(other_key)
    fits_swapped = _inside(other, m.plausible) and _inside(value, beside.plausible)
    if fits_swapped and diastolic - systolic >= _SMALLEST_PULSE_PRESSURE:
        sentence = f"{said}: they seem to be swapped, and {diastolic:g}/{systolic:g} mmHg was meant."
        return Finding("swapped_pressures", sentence, held=True, suggestion=float(other), suggestion_unit=m.unit)
    if _inside(value, m.plausible) and _inside(other, beside.plausible):
        return Finding("swapped_pressures", f"{said}; one of the two is wrong.", held=True)
    return None  # one of them is a slip by itself, and is reported there


def _jumped(standard: Standard, context: ValueContext) -> Finding | None:
    m, value = standard.measurement, float(standard.value)
    before = context.previous.get(m.key)
    if not before or 1 / _JUMP < value / before < _JUMP:
        return None
    fitting = [c for c in candidates(standard, context=context) if 1 / _SAME < c.value / before < _SAME]
    if len(fitting) != 1:
        return None
    return _slip(standard, fitting[0], beside=f"the value before was {_said(m, before)}")


def _misfit(standard: Standard, context: ValueContext) -> Finding | None:
    m, value = standard.measurement, float(standard.value)
    other = {"body_weight": "body_height", "body_height": "body_weight"}.get(m.key)
    beside = context.others.get(other) if other else None
    if beside is None:
        return None
    index = load_catalogue().by_key("body_mass_index")

    def body_mass(mine: float) -> float:
        weight, height = (mine, beside) if m.key == "body_weight" else (beside, mine)
        return weight / (height / 100) ** 2

    if _inside(body_mass(value), index.plausible):
        return None
    fitting = [c for c in candidates(standard, context=context) if _inside(body_mass(c.value), index.usual)]
    if len(fitting) != 1:
        return None
    return _slip(standard, fitting[0], beside=f"the body mass index would be {body_mass(value):.0f} kg/m²")


def _slip(standard: Standard, meant: Candidate, *, beside: str) -> Finding:
    m = standard.measurement
    sentence = (
        f"{m.title} {_said(m, float(standard.value))} does not fit the chart: {beside}. "
        f"{_said(m, meant.value)} was probably meant: {meant.why}."
    )
    return Finding(meant.kind, sentence, held=True, suggestion=meant.value, suggestion_unit=m.unit)


def _is_adult(context: ValueContext) -> bool:
    return context.age_years is not None and context.age_years >= 18


def _inside(value: float, limits: Limits | None) -> bool:
    return limits is None or limits[0] <= value <= limits[1]


def _said(m: Measurement, value: float) -> str:
    return f"{value:g} {unit_for_people(m.unit or '1')}".rstrip()
