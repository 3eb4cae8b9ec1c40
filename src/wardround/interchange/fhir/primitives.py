"""FHIR's primitive types: what a value of each must look like. Sentences never repeat the value."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.json import number_text
from wardround.interchange.fhir.narrative import narrative_fault

Check = Callable[[Any], str | None]
MAX_STRING = 1024 * 1024
_MAX_INTEGER = 2**31 - 1

_CODE = re.compile(r"[^\s]+(\s[^\s]+)*")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_NO_SPACE = re.compile(r"\S+")
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_BASE64 = re.compile(r"[0-9a-zA-Z+/=\s]+")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ACTIVE = re.compile(
    r"<\s*(?:script|iframe|object|embed|form|base|link|!DOCTYPE|!ENTITY)\b|<[^<>]*(?:\son\w+\s*=|javascript:)",
    re.IGNORECASE,
)


def primitive_problem(value: Any, *, type_name: str) -> str | None:
    """The sentence that says what is wrong with a value of a primitive type, or None."""
    return CHECKS[type_name](value)


def _string(value: Any) -> str | None:
    if not isinstance(value, str):
        return "is a text in quotes"
    if not value.strip():
        return "may not be empty; leave the element out instead"
    if len(value) > MAX_STRING:
        return f"may have at most {MAX_STRING} characters"
    if _CONTROL.search(value):
        return "may not hold control characters other than tab and line ends"
    return None


def _matching(pattern: re.Pattern[str], sentence: str) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            return sentence
        return None

    return check


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "is true or false, without quotes"


def _whole(*, minimum: int) -> Check:
    kind = {0: "zero or a positive whole number", 1: "a positive whole number"}.get(minimum, "a whole number")

    def check(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return f"is {kind}, without quotes"
        if _INTEGER.fullmatch(number_text(value)) is None or not minimum <= int(value) <= _MAX_INTEGER:
            return f"is {kind} of at most 32 bits"
        return None

    return check


def _decimal(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "is a number, without quotes"
    if isinstance(value, int):
        return None
    return None if _DECIMAL.fullmatch(number_text(value)) or _is_finite(value) else "is a number"


def _is_finite(value: float | Decimal) -> bool:
    return Decimal(value).is_finite()


def _date(*, shortest: int, longest: int, sentence: str) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            return sentence
        try:
            interval(value)
        except NotADate as error:
            reason = str(error)
            return sentence if "written" in reason else f"is not usable: {reason[0].lower()}{reason[1:].rstrip('.')}"
        return None

    return check


def _base64(value: Any) -> str | None:
    if not isinstance(value, str) or _BASE64.fullmatch(value) is None or len("".join(value.split())) % 4:
        return "is base64 text"
    return None


def _xhtml(value: Any) -> str | None:
    if not isinstance(value, str):
        return "is one XHTML div"
    if len(value) > MAX_STRING:
        return f"may have at most {MAX_STRING} characters"
    if _ACTIVE.search(value):
        return "may not hold scripts, forms, frames or event handlers"
    return narrative_fault(value)


_DAY = "is a date: YYYY, YYYY-MM or YYYY-MM-DD"
_DAY_TIME = "is a date YYYY, YYYY-MM, YYYY-MM-DD or a time YYYY-MM-DDThh:mm:ss with a zone such as +01:00"
_INSTANT = "is a time to the second with its zone: YYYY-MM-DDThh:mm:ss+hh:mm"

CHECKS: dict[str, Check] = {
    "base64Binary": _base64,
    "boolean": _boolean,
    "canonical": _matching(_NO_SPACE, "is an address without spaces"),
    "code": _matching(_CODE, "is a code: no spaces at its ends, none doubled"),
    "date": _date(shortest=4, longest=10, sentence=_DAY),
    "dateTime": _date(shortest=4, longest=64, sentence=_DAY_TIME),
    "decimal": _decimal,
    "id": _matching(_ID, "is 1 to 64 letters, digits, hyphens and dots"),
    "instant": _date(shortest=20, longest=64, sentence=_INSTANT),
    "integer": _whole(minimum=-(2**31)),
    "markdown": _string,
    "oid": _matching(_OID, "is urn:oid: with dotted numbers"),
    "positiveInt": _whole(minimum=1),
    "string": _string,
    "time": _matching(_TIME, "is a time of day hh:mm:ss"),
    "unsignedInt": _whole(minimum=0),
    "uri": _matching(_NO_SPACE, "is an address without spaces"),
    "url": _matching(_NO_SPACE, "is an address without spaces"),
    "uuid": _matching(_UUID, "is urn:uuid: with a lower-case UUID"),
    "xhtml": _xhtml,
}
