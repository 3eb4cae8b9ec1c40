"""Is this value possible, plausible, or a slip: the findings on one value in its chart."""

import math
from dataclasses import replace

from wardround.clinical.findings import Finding, FindingKind, ValueContext
from wardround.clinical.likelihood import Likelihood
from wardround.clinical.limits import limits_for
from wardround.clinical.measurements import Limits, Measurement
from wardround.clinical.neighbours import swapped_pressures
from wardround.clinical.sentences import Template, template
from wardround.clinical.slips import Candidate, readings
from wardround.clinical.standardise import Standard
from wardround.clinical.units import unit_for_people

__all__ = ["Finding", "FindingKind", "ValueContext", "check"]

_ALONE = ValueContext()
# Of values that are possible at all, about one in so many is taken to be a slip; an extreme patient is the rarer, the
# more the chart beside the value says.
_FAR_LIKELIER = math.log(150)
# So many standard deviations of a true change; 99 of 100 true changes are smaller than 2.4. A value that leaves and comes
# back is held from _THERE_AND_BACK on, or from _WITH_SIBLINGS on where other values of its moment speak against it too.
_THERE_AND_BACK, _WITH_SIBLINGS, _ONE_WAY, _REMARKABLE = 3.0, 2.0, 5.0, 6.0
_SIBLINGS_DOUBT = 4.0
_NINES = 3  # digits: 99 is a value of many measurements

_NO_COUNT = template("%(title)s is a count; %(value)s is not a whole number.")
_NINES_IMPOSSIBLE = template("%(value)s is not possible; many systems write nines for a value that was not measured.")
_NINES_IMPLAUSIBLE = template("%(value)s is not plausible; many systems write nines for a value that was not measured.")
_WRONG_SEX = template("%(title)s is measured in %(sexes)s patients; this patient is recorded as %(sex)s.")
_IMPOSSIBLE = template("%(value)s is not possible; %(range)s is.")
_IMPOSSIBLE_MAYBE = template("%(value)s is not possible; %(range)s is. %(meant)s may have been meant.")
_IMPLAUSIBLE = template("%(value)s is not plausible; %(range)s is.")
_IMPLAUSIBLE_MAYBE = template("%(value)s is not plausible; %(range)s is. %(meant)s may have been meant.")
_UNFITTING = template("%(value)s does not fit the chart: %(beside)s; %(meant)s may have been meant.")
_UNUSUAL = template("%(value)s is unusual: %(range)s is expected. It is used as it is.")
_DELTA = template(
    "%(value)s is further from this patient's other values (%(others)s) than values move. It is used as it is."
)
_DELTA_HELD = template(
    "%(value)s is further from this patient's other values (%(others)s) than values move. "
    "It is kept out until somebody decides."
)
_SLIP_IMPOSSIBLE = template("%(value)s is not possible. %(meant)s was probably meant: %(why)s.")
_SLIP_IMPLAUSIBLE = template("%(value)s is not plausible. %(meant)s was probably meant: %(why)s.")
_SLIP_UNFITTING = template("%(value)s does not fit the chart: %(beside)s. %(meant)s was probably meant: %(why)s.")
_BESIDE_OTHERS = template("this patient has %(others)s")
_BESIDE_SIBLING = template("%(value)s would fit %(why)s")
_BESIDE_OTHER_TESTS = template("other values of that moment differ")


def check(standard: Standard, *, context: ValueContext = _ALONE) -> tuple[Finding, ...]:
    """What is odd about this value; nothing for an answer or a plausible quantity that fits its chart.

    An impossible value, a likely slip, a swap and a finding of the other sex are held. A value that is only unusual is
    a finding that is not held: abnormal is not invalid. A suggestion is made only where one intended value stands out.
    """
    measurement = standard.measurement
    if measurement.sexes and context.sex is not None and context.sex not in measurement.sexes:
        return (_wrong_sex(measurement, context.sex),)
    if measurement.kind != "quantity" or isinstance(standard.value, str):
        return ()
    value = float(standard.value)
    if measurement.whole and not value.is_integer():
        sentence = _NO_COUNT.say(title=measurement.title, value=f"{value:g}")
        return (Finding("impossible", sentence, held=True, is_possible=False),)
    swapped = swapped_pressures(standard, context=context)
    if swapped is not None:
        return (swapped,)
    possible = limits_for(measurement, "possible", context=context)
    plausible = limits_for(measurement, "plausible", context=context) or possible
    is_possible = _inside(value, possible)
    likelihood = Likelihood(measurement, context=context)
    if is_possible and _inside(value, plausible):
        return _in_the_chart(standard, likelihood=likelihood, context=context)
    if _is_all_nines(standard):
        return (_not_measured(standard, is_possible=is_possible),)
    meant = readings(standard, likelihood=likelihood, context=context)
    if is_possible and not _is_slip(meant, value, likelihood=likelihood):
        return (_unusual(standard, plausible),)
    if len(meant) == 1:
        slip = _slip(standard, meant[0], said=_SLIP_IMPLAUSIBLE if is_possible else _SLIP_IMPOSSIBLE)
        return (replace(slip, is_possible=is_possible),)
    return (_held(standard, meant, limits=plausible if is_possible else possible, is_possible=is_possible),)


def _in_the_chart(standard: Standard, *, likelihood: Likelihood, context: ValueContext) -> tuple[Finding, ...]:
    """A value that is plausible alone: held where a slip explains it far better than the patient's other values do."""
    value = float(standard.value)
    if not likelihood.knows or not (context.history or context.others) or not likelihood.is_surprising(value):
        return ()
    meant = readings(standard, likelihood=likelihood, context=context)
    if not likelihood.is_agreed(value) and _is_slip(meant, value, likelihood=likelihood):
        if len(meant) == 1:
            beside = _beside(standard.measurement, likelihood, value, context)
            return (_slip(standard, meant[0], said=_SLIP_UNFITTING, beside=beside),)
        return (_unfitting(standard, meant, likelihood=likelihood, context=context),)
    return _delta(standard, likelihood=likelihood, context=context)


def _is_slip(meant: tuple[Candidate, ...], value: float, *, likelihood: Likelihood) -> bool:
    """A possible value is held only if a slip explains it far better than an extreme patient does."""
    return bool(meant) and meant[0].weight - likelihood.weight(value) >= _FAR_LIKELIER


def _is_all_nines(standard: Standard) -> bool:
    """999, 9999: what many systems and registries write for "not measured"."""
    number = standard.received if standard.received is not None else float(standard.value)
    digits = f"{number:.0f}"
    return number == int(number) and len(digits) >= _NINES and set(digits) == {"9"}


def _not_measured(standard: Standard, *, is_possible: bool) -> Finding:
    """Held without a suggestion: no slip of a true value is likelier than that there was none."""
    sentence = (_NINES_IMPLAUSIBLE if is_possible else _NINES_IMPOSSIBLE).say(value=_said(standard))
    kind: FindingKind = "implausible" if is_possible else "impossible"
    return Finding(kind, sentence, held=True, is_possible=is_possible)


def _wrong_sex(m: Measurement, sex: str) -> Finding:
    sentence = _WRONG_SEX.say(title=m.title, sexes=" and ".join(m.sexes), sex=sex)
    return Finding("wrong_sex", sentence, held=True)


def _inside(value: float, limits: Limits | None) -> bool:
    return limits is None or limits[0] <= value <= limits[1]


def _held(standard: Standard, meant: tuple[Candidate, ...], *, limits: Limits | None, is_possible: bool) -> Finding:
    """Held without a suggestion: nothing, or more than one thing, may have been meant."""
    m = standard.measurement
    places = {"value": _said(standard), "range": _range(m, limits)}
    if meant:
        maybe = _IMPLAUSIBLE_MAYBE if is_possible else _IMPOSSIBLE_MAYBE
        sentence = maybe.say(**places, meant=_one_of(m, meant))
    else:
        sentence = (_IMPLAUSIBLE if is_possible else _IMPOSSIBLE).say(**places)
    kind: FindingKind = "implausible" if is_possible else "impossible"
    return Finding(kind, sentence, held=True, is_possible=is_possible)


def _unfitting(
    standard: Standard, meant: tuple[Candidate, ...], *, likelihood: Likelihood, context: ValueContext
) -> Finding:
    """Held without a suggestion: it does not fit the chart, and more than one thing may have been meant."""
    m = standard.measurement
    beside = _beside(m, likelihood, float(standard.value), context)
    sentence = _UNFITTING.say(value=_said(standard), beside=beside, meant=_one_of(m, meant))
    return Finding(meant[0].kind, sentence, held=True)


def _unusual(standard: Standard, limits: Limits | None) -> Finding:
    sentence = _UNUSUAL.say(value=_said(standard), range=_range(standard.measurement, limits))
    return Finding("implausible", sentence, held=False)


def _delta(standard: Standard, *, likelihood: Likelihood, context: ValueContext) -> tuple[Finding, ...]:
    """A value that no slip explains and that lies further from the patient's others than values truly move."""
    m, value = standard.measurement, float(standard.value)
    moves = likelihood.moves(value)
    if not moves:
        return ()
    doubted = likelihood.against(value) >= _SIBLINGS_DOUBT
    if likelihood.is_agreed(value):
        is_held = False
    elif len(moves) > 1:
        is_held = min(moves) > (_WITH_SIBLINGS if doubted else _THERE_AND_BACK)
    else:
        is_held = doubted and moves[0] > _ONE_WAY
    if not is_held and min(moves) < _REMARKABLE:
        return ()
    others = ", ".join(_with_unit(m, other) for other in _nearest(context))
    sentence = (_DELTA_HELD if is_held else _DELTA).say(value=_said(standard), others=others)
    return (Finding("delta", sentence, held=is_held),)


def _slip(standard: Standard, meant: Candidate, *, said: Template, **places: str) -> Finding:
    m = standard.measurement
    sentence = said.say(value=_said(standard), meant=_with_unit(m, meant.value), why=meant.why, **places)
    return Finding(meant.kind, sentence, held=True, suggestion=meant.value, suggestion_unit=m.unit)


def _beside(m: Measurement, likelihood: Likelihood, value: float, context: ValueContext) -> str:
    """What in the chart the value does not fit."""
    sibling = likelihood.disagreeing(value)
    if sibling is not None:
        return _BESIDE_SIBLING.say(value=_with_unit(m, round(sibling.value, 2)), why=sibling.why)
    others = ", ".join(_with_unit(m, other) for other in _nearest(context))
    return _BESIDE_OTHERS.say(others=others) if others else _BESIDE_OTHER_TESTS.say()


def _nearest(context: ValueContext) -> list[float]:
    """Up to two values before this one and one after it, oldest first."""
    before = [value for days, value in context.history if days < 0]
    return [*before[-2:], *[value for days, value in context.history if days >= 0][:1]]


def _one_of(m: Measurement, meant: tuple[Candidate, ...]) -> str:
    return " or ".join(_with_unit(m, candidate.value) for candidate in meant)


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
