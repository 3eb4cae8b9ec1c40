"""Two pressures in the wrong order: a slip that shows only beside the other value."""

from wardround.clinical.catalogue import Limits, load_catalogue
from wardround.clinical.findings import Finding, ValueContext
from wardround.clinical.limits import limits_for
from wardround.clinical.sentences import template
from wardround.clinical.standardise import Standard

OTHER_PRESSURE = {"systolic_pressure": "diastolic_pressure", "diastolic_pressure": "systolic_pressure"}
_SMALLEST_PULSE_PRESSURE = 15  # mmHg; closer pressures do not become believable by swapping them


_SWAPPED = template(
    "The systolic pressure of %(systolic)s mmHg is not above the diastolic pressure of %(diastolic)s mmHg: "
    "they seem to be swapped, and %(meant)s mmHg was meant."
)
_ONE_IS_WRONG = template(
    "The systolic pressure of %(systolic)s mmHg is not above the diastolic pressure of %(diastolic)s mmHg; "
    "one of the two is wrong."
)


def swapped_pressures(standard: Standard, *, context: ValueContext) -> Finding | None:
    """A systolic pressure that is not above the diastolic beside it, seen from either of the two."""
    m, value = standard.measurement, float(standard.value)
    other_key = OTHER_PRESSURE.get(m.key)
    other = context.others.get(other_key) if other_key else None
    if other_key is None or other is None:
        return None
    systolic, diastolic = (value, other) if m.key == "systolic_pressure" else (other, value)
    if systolic > diastolic:
        return None
    places = {"systolic": f"{systolic:g}", "diastolic": f"{diastolic:g}"}
    mine = limits_for(m, "plausible", context=context)
    its = limits_for(load_catalogue().by_key(other_key), "plausible", context=context)
    fits_swapped = _inside(other, mine) and _inside(value, its)
    if fits_swapped and diastolic - systolic >= _SMALLEST_PULSE_PRESSURE:
        sentence = _SWAPPED.say(**places, meant=f"{diastolic:g}/{systolic:g}")
        return Finding("swapped_pressures", sentence, held=True, suggestion=float(other), suggestion_unit=m.unit)
    if _inside(value, mine) and _inside(other, its):
        return Finding("swapped_pressures", _ONE_IS_WRONG.say(**places), held=True)
    return None  # one of them is a slip by itself, and is reported there


def _inside(value: float, limits: Limits | None) -> bool:
    return limits is None or limits[0] <= value <= limits[1]
