"""What is said about a value while it is typed, from what the rules of the write path find: stop, ask, or remark.

The finding decides; here it is only put into the words and the unit of the person who types.
"""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from wardround.clinical.catalogue import Measurement
from wardround.clinical.findings import Finding, ValueContext
from wardround.clinical.limits import limits_for
from wardround.clinical.neighbours import OTHER_PRESSURE
from wardround.clinical.standardise import Standard, in_standard_unit
from wardround.hospital.entry.fields import Message, Use
from wardround.hospital.entry.last_values import LastValue
from wardround.hospital.entry.sheets import Sheet
from wardround.hospital.entry.typed import Reading
from wardround.hospital.entry.units_offered import from_standard, range_in, units_of, with_unit
from wardround.hospital.records.judgement import Foreseen
from wardround.web.layout.printed import printed_number, printed_unit
from wardround.web.layout.said import said

_FAR = 0.15  # a change below that is not what is odd about a value


def message_of(
    foreseen: Foreseen, *, reading: Reading, typed: str, last: LastValue | None, sheet: Sheet
) -> Message | None:
    """What is said about this reading; None where nothing is odd."""
    finding, standard = foreseen.finding, foreseen.standard
    if standard is None:
        return Message("hard", said(foreseen.row.not_standard)) if foreseen.row.not_standard else None
    if finding is None:
        return None
    uses = _uses(finding, standard=standard, reading=reading, context=foreseen.context, sheet=sheet)
    text = _sentence(finding, standard=standard, reading=reading, context=foreseen.context, last=last)
    if not finding.is_possible:
        return Message("hard", text, uses)
    if not finding.held:
        return Message("remark", text)
    shown = with_unit(float(reading.number), unit=reading.unit)
    title = gettext("%(value)s is right, %(checked)s") % {"value": shown, "checked": sheet.checked_again}
    return Message("soft", text, uses, confirms=f"{typed.strip()} {reading.unit}", confirm_title=title)


def _sentence(
    finding: Finding, *, standard: Standard, reading: Reading, context: ValueContext, last: LastValue | None
) -> str:
    m, value = reading.measurement, float(standard.value)
    said = {"value": with_unit(float(reading.number), unit=reading.unit)}
    possible = limits_for(m, "possible", context=context)
    plausible = limits_for(m, "plausible", context=context) or possible
    if finding.kind == "swapped_pressures":
        return _swapped(value, m, context=context)
    if not finding.is_possible and m.whole and not value.is_integer():
        return gettext("This is a count; %(value)s is not a whole number.") % said
    if not finding.is_possible:
        said["range"] = f"{range_in(possible, m, unit=reading.unit)} {printed_unit(reading.unit)}".strip()
        return gettext("%(value)s is outside the possible range %(range)s.") % said
    if last is not None and _is_far(value, last):
        return _beside_the_last(value, last=last, reading=reading, said=said)
    if plausible is not None and not plausible[0] <= value <= plausible[1]:
        said["range"] = f"{range_in(plausible, m, unit=reading.unit)} {printed_unit(reading.unit)}".strip()
        if not finding.held:
            return gettext("%(value)s is unusual; %(range)s is expected. It is stored as it is.") % said
        return gettext("%(value)s is outside the expected range %(range)s.") % said
    if context.history:
        return gettext("%(value)s does not fit this patient's other values.") % said
    return gettext("%(value)s does not fit the other values of the same time.") % said


def _is_far(value: float, last: LastValue) -> bool:
    return last.value != 0 and abs(value - last.value) > _FAR * abs(last.value)


def _beside_the_last(value: float, *, last: LastValue, reading: Reading, said: dict[str, str]) -> str:
    m, unit = reading.measurement, reading.unit
    before = from_standard(last.value, m, unit=unit)
    said |= {
        "last": with_unit(before, unit=unit),
        "day": date_format(localtime(last.time), "d-M-Y"),
        "by": with_unit(float(f"{abs(float(reading.number) - before):.3g}"), unit=unit),
        "percent": printed_number(round(abs(value / last.value - 1) * 100)),
    }
    if m.scale == "linear" or last.value < 0:
        above = gettext("%(value)s is %(by)s above the last value, %(last)s on %(day)s.")
        below = gettext("%(value)s is %(by)s below the last value, %(last)s on %(day)s.")
    else:
        above = gettext("%(value)s is %(percent)s %% above the last value, %(last)s on %(day)s.")
        below = gettext("%(value)s is %(percent)s %% below the last value, %(last)s on %(day)s.")
    return (above if value > last.value else below) % said


def _swapped(value: float, m: Measurement, *, context: ValueContext) -> str:
    other = context.others[OTHER_PRESSURE[m.key]]
    systolic, diastolic = (value, other) if m.key == "systolic_pressure" else (other, value)
    said = {"systolic": printed_number(systolic), "diastolic": printed_number(diastolic)}
    return gettext("The systolic pressure, %(systolic)s, is not above the diastolic, %(diastolic)s.") % said


def _uses(
    finding: Finding, *, standard: Standard, reading: Reading, context: ValueContext, sheet: Sheet
) -> tuple[Use, ...]:
    if finding.suggestion is None:
        return ()
    m, meant = reading.measurement, finding.suggestion
    if finding.kind == "swapped_pressures":
        return (_swap(m, systolic_or_not=float(standard.value), context=context),)
    if finding.kind == "unit_slip" and sheet.category == "laboratory":
        # A laboratory's number stays as it was reported; only its unit was wrong.
        unit = _meant_unit(finding, reading=reading)
        if unit in units_of(m):
            label = gettext("Use %(value)s") % {"value": with_unit(float(reading.number), unit=unit)}
            return (Use(label, "", {m.key: printed_number(float(reading.number)), f"unit-{m.key}": unit}),)
    in_typed_unit = from_standard(meant, m, unit=reading.unit)
    unit, value = (m.unit or "1", meant) if finding.kind == "unit_slip" else (reading.unit, in_typed_unit)
    fills = {m.key: printed_number(value), f"unit-{m.key}": unit}
    label = gettext("Use %(value)s") % {"value": with_unit(value, unit=unit)}
    return (Use(label, _why(finding, reading=reading), fills),)


def _swap(m: Measurement, *, systolic_or_not: float, context: ValueContext) -> Use:
    mine, other = m.key, OTHER_PRESSURE[m.key]
    fills = {mine: context.others[other], other: systolic_or_not}
    said = {"systolic": fills["systolic_pressure"], "diastolic": fills["diastolic_pressure"]}
    printed = {name: printed_number(value) for name, value in said.items()}
    label = gettext("Use %(systolic)s over %(diastolic)s") % printed
    boxes = {key: printed_number(value) for key, value in fills.items()}
    units = {f"unit-{key}": m.unit or "1" for key in fills}
    return Use(label, gettext("if they were swapped"), boxes | units)


def _why(finding: Finding, *, reading: Reading) -> str:
    match finding.kind:
        case "decimal_slip":
            return gettext("if the decimal point slipped")
        case "transposed_digits":
            return gettext("if two digits changed places")
        case "unit_slip":
            return _which_unit(finding, reading=reading)
    return ""


def _which_unit(finding: Finding, *, reading: Reading) -> str:
    unit = _meant_unit(finding, reading=reading)
    if unit == "[lb_av]":
        return gettext("if the scale showed pounds")
    if unit:
        return gettext("if it was measured in %(unit)s") % {"unit": printed_unit(unit) or unit}
    return gettext("if it was measured in another unit")


def _meant_unit(finding: Finding, *, reading: Reading) -> str:
    """The unit in which the number that was typed is the value that was probably meant; "" where none is."""
    m = reading.measurement
    for unit in (*units_of(m), *m.mistaken_units):
        if unit != reading.unit and in_standard_unit(m, float(reading.number), unit=unit) == finding.suggestion:
            return unit
    return ""
