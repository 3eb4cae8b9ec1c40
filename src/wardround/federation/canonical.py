"""One way to write a JSON value as bytes: RFC 8785 (JSON Canonicalization Scheme), so that a hash names a value.

Sorted keys (by UTF-16 code units), no white space, UTF-8, numbers as ECMAScript writes them. Whole numbers beyond
2^53 and numbers that are not finite have no canonical form and are refused.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

LARGEST_WHOLE = 2**53


class NotCanonical(ValueError):
    """The value has no canonical form, or the bytes are not in it."""


def canonical(value: Any) -> bytes:
    """The canonical bytes of a JSON value (mappings with text keys, lists or tuples, text, numbers, booleans, None)."""
    try:
        return _text(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("A text holds half a character (a lone surrogate), which has no canonical form.") from error


def read_canonical(data: bytes) -> Any:
    """The JSON value of canonical bytes; raises NotCanonical when they differ in even one byte from the canonical form."""
    try:
        value = json.loads(data.decode("utf-8"), parse_int=_whole)
        again = canonical(value)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical("The bytes are not JSON, or are nested too deeply.") from error
    if again != data:
        raise NotCanonical("The bytes are JSON, but not in the canonical form of RFC 8785.")
    return value


def _whole(text: str) -> int | float:
    # RFC 8785 writes numbers up to 1e21 without an exponent, so a large one without a point is a floating one.
    number = float(text)
    return int(text) if abs(number) <= LARGEST_WHOLE else number


def _text(value: Any) -> str:
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > LARGEST_WHOLE:
            raise NotCanonical("A whole number is larger than 2^53.")
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise NotCanonical("A key is not text.")
        ordered = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_text(key)}:{_text(value[key])}" for key in ordered) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(entry) for entry in value) + "]"
    raise NotCanonical(f"A {type(value).__name__} is not a JSON value.")


def _number(value: float) -> str:
    """ECMAScript's Number::toString: the shortest digits that read back as the same number."""
    if not math.isfinite(value):
        raise NotCanonical("A number is not finite.")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = int(exponent or 0) + len(whole) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"
