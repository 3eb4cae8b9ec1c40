"""From a value as received to the standard code, unit and value, with the rule that made it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Literal

from wardround.clinical.catalogue import WARDROUND, Coding, Measurement
from wardround.clinical.codes import Answer, CodeMap
from wardround.clinical.errors import ConflictingCodes, IncommensurableUnits, UnknownUnit, UnreadableNumber
from wardround.clinical.numbers import read_quantity
from wardround.clinical.sentences import template
from wardround.clinical.units import Conversion, canonical_unit, conversion

Received = Decimal | float | bool | str | Coding | Sequence[Coding]
Unfit = Literal[
    "unknown_code",
    "conflicting_codes",
    "unreadable",
    "zero_is_missing",
    "unknown_unit",
    "missing_unit",
    "unknown_answer",
]


# Nobody writes the unit of a ratio, a pH or a score; without one, the number is in it.
_UNSAID = frozenset({"1", "[pH]", "{score}"})


_NO_NUMBER = template("%(title)s is a number; what was received is not.")
_ZERO = template("%(title)s: 0 stands for not measured.")
_NO_UNIT = template("%(title)s has no unit; %(unit)s or another unit of the same kind would be right.")
_UNKNOWN_UNIT = template("%(title)s: %(why)s Its standard unit is %(unit)s.")
_UNREADABLE = template("%(title)s: %(why)s")
_NOT_A_UNIT = template("%(title)s: what stands behind the number is not a unit.")
_TWO_UNITS = template("%(title)s has one unit behind its number and another beside it.")
_NOT_BY_YES_OR_NO = template("%(title)s is answered by %(choices)s, not by true or false.")
_UNKNOWN_CODE = template("%(title)s: the code %(code)s is not a known answer; %(choices)s would be right.")
_UNKNOWN_TEXT = template("%(title)s: the text is not a known answer; %(choices)s would be right.")
_NO_CODE = template("The value has no code; a LOINC code or a mapped local code would be right.")
_NOT_IN_THE_CATALOGUE = template(
    "No measurement in the catalogue has the code %(code)s; map it in the mapping file to use it."
)


@dataclass(frozen=True)
class Standard:
    """A value in the catalogue's terms, kept beside the original and never instead of it.

    `value`: float for a quantity (in `unit`, the catalogue's UCUM unit), bool for a boolean, the answer's code for a
    category. `rule` says how it came from what was received. `received`, `received_unit`: the number before conversion.
    """

    measurement: Measurement
    value: float | bool | str
    unit: str | None
    rule: str
    received: float | None = None
    received_unit: str | None = None


@dataclass(frozen=True)
class NotStandard:
    """Why there is no standard value: a sentence for the steward, without the patient's value."""

    reason: str
    kind: Unfit
    measurement: Measurement | None = None


def standardise(
    codings: Sequence[Coding], *, value: Received, unit: str | None = None, code_map: CodeMap | None = None
) -> Standard | NotStandard:
    """The value that these codings name, in the catalogue's terms, or the reason why it stays out of learning.

    `value`: a number or its text for a quantity; a bool, coding, codings, number or text for an answer. `unit`: as
    received, any spelling. The original is the caller's to keep; nothing is rounded unless it is converted.
    """
    code_map = code_map or _standard_codes()
    try:
        measurement = code_map.measurement(codings)
        if measurement is None:
            return NotStandard(_no_such_code(codings), "unknown_code")
        if measurement.kind == "quantity":
            result = _quantity(measurement, value, unit, codings=codings, code_map=code_map)
        else:
            result = _answer(measurement, value, code_map=code_map)
    except ConflictingCodes as error:
        return NotStandard(str(error), "conflicting_codes")
    if isinstance(result, NotStandard):
        return result
    value, unit, rule, received, received_unit = result
    translated = _translated_code(measurement, codings, code_map)
    return Standard(measurement, value, unit, translated + rule, received, received_unit)


def in_standard_unit(measurement: Measurement, value: float, *, unit: str) -> float:
    """This number of this unit as the catalogue reports it: converted and, if anything changed, rounded.

    Raises UnknownUnit, IncommensurableUnits.
    """
    step = conversion_for(measurement, unit)
    return value if step.is_identity else round_to(step.apply(value), resolution=measurement.resolution)


def conversion_for(measurement: Measurement, unit: str) -> Conversion:
    """How this unit becomes the standard one, by what it means for this measurement; raises as `conversion` does."""
    for own, factor, offset in measurement.own_units:
        if canonical_unit(unit) == own:
            return Conversion(own, measurement.unit or "1", factor, offset)
    same = dict(measurement.same_units)
    meant = same.get(unit.strip()) if same else None
    if meant is None:
        meant = same.get(canonical_unit(unit), unit) if same else unit
    return conversion(meant, measurement.unit or "1", measurement.molar_mass)


def round_to(value: float, *, resolution: float | None) -> float:
    """The nearest multiple of the resolution, without the dust of binary fractions (38.6, not 38.6000000001)."""
    if resolution is None:
        return value
    step = _decimal_step(resolution)
    return float((Decimal(repr(value)) / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * step)


_Result = tuple[float | bool | str, str | None, str, float | None, str | None]


def _quantity(
    m: Measurement, value: Received, unit: str | None, *, codings: Sequence[Coding], code_map: CodeMap
) -> _Result | NotStandard:
    notes = ""
    if isinstance(value, str):
        read = _read(m, value, unit, code_map=code_map)
        if isinstance(read, NotStandard):
            return read
        value, unit = read
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not math.isfinite(value):
        return NotStandard(_NO_NUMBER.say(title=m.title), "unreadable", m)
    number = float(value)
    if m.zero_is_missing and number == 0:
        return NotStandard(_ZERO.say(title=m.title), "zero_is_missing", m)
    if not unit:
        unit = code_map.unit(m, codings) or (m.unit if m.unit in _UNSAID else None)
        if unit is None:
            return NotStandard(_NO_UNIT.say(title=m.title, unit=m.unit or "1"), "missing_unit", m)
        notes = "" if unit in _UNSAID else f"unit {unit} from the mapping; "
    try:
        step = conversion_for(m, unit)
    except (UnknownUnit, IncommensurableUnits) as error:
        return NotStandard(_UNKNOWN_UNIT.say(title=m.title, why=str(error), unit=m.unit or "1"), "unknown_unit", m)
    if step.is_identity:
        return number, m.unit, f"{notes}as received", number, step.from_unit
    rounded = f", rounded to {m.resolution:g}" if m.resolution else ""
    converted = round_to(step.apply(number), resolution=m.resolution)
    return converted, m.unit, f"{notes}{step.rule}{rounded}", number, step.from_unit


def _read(
    m: Measurement, text: str, unit: str | None, *, code_map: CodeMap
) -> tuple[Decimal, str | None] | NotStandard:
    """The number and the unit of a text, where the unit may stand behind the number or beside it, or both."""
    try:
        value, written = read_quantity(text, decimal=code_map.decimal)
    except UnreadableNumber as error:
        return NotStandard(_UNREADABLE.say(title=m.title, why=_lowered(str(error))), "unreadable", m)
    if written and not _is_unit(written):  # a text may hold anything and is not repeated
        return NotStandard(_NOT_A_UNIT.say(title=m.title), "unreadable", m)
    if written and unit and not _is_same_unit(written, unit):
        return NotStandard(_TWO_UNITS.say(title=m.title), "unknown_unit", m)
    return value, written or unit


def _is_unit(text: str) -> bool:
    try:
        return bool(canonical_unit(text))
    except UnknownUnit:
        return False


def _is_same_unit(one: str, other: str) -> bool:
    try:
        return conversion(one, other).is_identity
    except (UnknownUnit, IncommensurableUnits):
        return False


def _answer(m: Measurement, value: Received, *, code_map: CodeMap) -> _Result | NotStandard:
    if isinstance(value, bool):
        if m.kind == "boolean":
            return value, None, "as received", None, None
        return NotStandard(_NOT_BY_YES_OR_NO.say(title=m.title, choices=_choices(m)), "unknown_answer", m)
    if isinstance(value, (int, float, Decimal)):
        # Codes such as 4 come as numbers from tables: 4.0 is the code 4.
        value = Coding("", str(int(value)) if math.isfinite(value) and value == int(value) else str(value))
    answer = code_map.answer(m, value)
    if answer is None:
        # A code is named so that it can be mapped; a text may hold anything and is not repeated.
        coded = () if isinstance(value, str) else (value,) if isinstance(value, Coding) else tuple(value)
        places = {"title": m.title, "choices": _choices(m)}
        said = _UNKNOWN_CODE.say(**places, code=coded[0].code) if coded else _UNKNOWN_TEXT.say(**places)
        return NotStandard(said, "unknown_answer", m)
    return answer, None, _answer_rule(answer, value=value), None, None


def _answer_rule(answer: Answer, *, value: str | Coding | Sequence[Coding]) -> str:
    name = str(answer).lower() if isinstance(answer, bool) else answer
    if isinstance(value, str):
        return "as received" if value.strip() == name else f"text {value.strip()} -> {name}"
    codings = (value,) if isinstance(value, Coding) else tuple(value)
    if any(c.system == WARDROUND and c.code == name for c in codings):
        return "as received"
    return f"code {codings[0].code} -> {name}"


def _translated_code(m: Measurement, codings: Sequence[Coding], code_map: CodeMap) -> str:
    """The code that named the measurement and the measurement, or nothing when its standard code did."""
    if any(coding == m.coding for coding in codings):
        return ""
    named = next(coding for coding in codings if code_map.measurement((coding,)) == m)
    return f"code {named.code} -> {m.key}; "


def _choices(m: Measurement) -> str:
    return "true or false" if m.kind == "boolean" else ", ".join(answer.code for answer in m.answers)


def _no_such_code(codings: Sequence[Coding]) -> str:
    if not codings:
        return _NO_CODE.say()
    named = ", ".join(f"{c.code} ({c.system or 'no system'})" for c in codings)
    return _NOT_IN_THE_CATALOGUE.say(code=named)


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


@cache
def _standard_codes() -> CodeMap:
    return CodeMap()


@cache
def _decimal_step(resolution: float) -> Decimal:
    return Decimal(repr(resolution))
