"""What one value of a search parameter says: escapes, prefixes, systems, ranges."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from wardround.clinical.base_units import UCUM, reduction_of
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.records.search.query import (
    PREFIXES,
    Address,
    InBaseUnit,
    Measure,
    Moment,
    Prefix,
    Target,
    Text,
    Together,
    Token,
    Value,
)
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_parameters import SearchParameter, parameters_of

_NUMBER = re.compile(r"([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_MINUTES = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_EXAMPLES = {
    "date": "ge2026-01-31",
    "number": "lt0.8",
    "quantity": "gt5.4|http://unitsofmeasure.org|mmol/L",
    "reference": "Patient/123",
}


def split_at(text: str, separator: str) -> list[str]:
    """The parts between separators; one behind a backslash is meant itself (R4 "Search", escaping)."""
    parts, escaped = [""], False
    for character in text:
        if escaped or character != separator:
            parts[-1] += character
        else:
            parts.append("")
        escaped = character == "\\" and not escaped
    return parts


def unescaped(text: str) -> str:
    """With `\\,` `\\|` `\\$` and `\\\\` as the characters that they mean."""
    return re.sub(r"\\([,|$\\])", r"\1", text)


def value_of(parameter: SearchParameter, text: str, *, type_name: str, base: str) -> Value:
    """One value as the parameter's type reads it. `base` is this server's own address."""
    match parameter.type:
        case "token":
            return token_of(parameter.code, text)
        case "string":
            return Text(unescaped(text))
        case "date":
            return _moment(parameter.code, unescaped(text))
        case "number":
            return _measure(parameter, [text])
        case "quantity":
            return _measure(parameter, split_at(text, "|"))
        case "reference":
            return target_of(parameter, unescaped(text), type_name="", base=base)
        case "uri":
            return Address(unescaped(text))
        case "composite":
            return _together(parameter, split_at(text, "$"), type_name=type_name, base=base)


def token_of(code: str, text: str) -> Token:
    """`code`, `system|code`, `system|` or `|code`."""
    system, *rest = split_at(text, "|")
    if not rest:
        return Token(None, unescaped(system))
    value = unescaped("|".join(rest))
    if not system and not value:
        raise FhirError(f"{code} needs a code, for example {code}=system|code.", path=code)
    return Token(unescaped(system), value)


def target_of(parameter: SearchParameter, text: str, *, type_name: str, base: str) -> Target:
    """`Type/id`, an id alone, or a whole address; `type_name` is that of the modifier."""
    if text.startswith(f"{base}/"):
        text = text[len(base) + 1 :]
    elif ":" in text:
        return Target("", "", url=text)
    parts = text.split("/")
    if len(parts) == 4 and parts[2] == "_history":
        parts = parts[:2]
    given, logical_id = ("", parts[0]) if len(parts) == 1 else (parts[0], parts[1]) if len(parts) == 2 else ("", "")
    wrong_type = bool(given) and (given not in resource_types() or given != (type_name or given))
    if not _ID.fullmatch(logical_id) or wrong_type:
        raise FhirError(
            f"{parameter.code} is a reference, for example {parameter.code}={_EXAMPLES['reference']}.",
            path=parameter.code,
        )
    only = next(iter(parameter.targets)) if len(parameter.targets) == 1 else ""
    return Target(given or type_name or only, logical_id)


def _moment(code: str, text: str) -> Moment:
    prefix, written = _prefix_of(text)
    written = written.replace(" ", "+")  # a plus sign in an address arrives as a blank
    try:
        if clock := _MINUTES.fullmatch(written):
            # R4 lets a search leave out the seconds, and the zone, which is then the index's: UTC.
            minute, seconds, zone = clock.groups()
            stretch = interval(f"{minute}{seconds or ':00'}{zone or 'Z'}")
            if not seconds:
                stretch = replace(stretch, high=stretch.low + timedelta(minutes=1))
        else:
            stretch = interval(written)
    except NotADate as error:
        raise FhirError(f"{error} For example {code}={_EXAMPLES['date']}.", path=code) from None
    except OverflowError:
        raise FhirError("The date lies outside the years 0001 to 9999.", path=code) from None
    return Moment(prefix, stretch.low, stretch.high, written)


def _measure(parameter: SearchParameter, parts: Sequence[str]) -> Measure:
    code = parameter.code
    prefix, written = _prefix_of(parts[0].replace(" ", "+"))
    match = _NUMBER.fullmatch(written)
    if match is None or len(parts) not in ((1, 3) if parameter.type == "quantity" else (1,)):
        raise FhirError(
            f"{code} is a number{'' if parameter.type == 'number' else ', with its unit or without'}, "
            f"for example {code}={_EXAMPLES[parameter.type]}.",
            path=code,
        )
    number, half = Decimal(written), _half_width(match)
    measure = Measure(prefix, number, number - half, number + half)
    if len(parts) == 1:
        return measure
    return _in_unit(measure, system=unescaped(parts[1]), unit=unescaped(parts[2]))


def _half_width(match: re.Match[str]) -> Decimal:
    """Half of what the last digit stands for: 5.4 is from 5.35 up to 5.45.

    The specification reads 1e2 as from 95 up to 105: with an exponent the digit after the last one counts.
    """
    _sign, _whole, decimals, exponent = match.groups()
    if exponent is None:
        return Decimal(5).scaleb(-len(decimals or "") - 1)
    return Decimal(5).scaleb(int(exponent) - len(decimals or "") - 2)


def _in_unit(measure: Measure, *, system: str, unit: str) -> Measure:
    reduction = reduction_of(unit) if system == UCUM else None
    base = None
    if reduction is not None:
        low, number, high = (reduction.apply(float(one)) for one in (measure.low, measure.number, measure.high))
        base = InBaseUnit(reduction.base_unit, low, number, high)
    return replace(measure, system=system, unit=unit, base=base)


def _together(parameter: SearchParameter, parts: Sequence[str], *, type_name: str, base: str) -> Together:
    own = parameters_of(type_name)
    if len(parts) != len(parameter.components) or not all(parts):
        shape = "$".join(parameter.components)
        raise FhirError(
            f"{parameter.code} is {len(parameter.components)} values joined by $: {shape}.", path=parameter.code
        )
    return Together(
        tuple(
            value_of(own[code], part, type_name=type_name, base=base)
            for code, part in zip(parameter.components, parts, strict=True)
        )
    )


def _prefix_of(text: str) -> tuple[Prefix, str]:
    for prefix in PREFIXES:
        if text.startswith(prefix):
            return prefix, text[2:]
    return "eq", text
