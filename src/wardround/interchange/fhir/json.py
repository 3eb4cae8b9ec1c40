"""JSON as FHIR needs it: every number keeps its text (1.50 stays 1.50) and elements keep their order."""

import json
import math
from decimal import Decimal, InvalidOperation
from typing import Any, Self

import orjson

from wardround.interchange.errors import NotJSON

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
MAX_NUMBER_LENGTH = 200
_SAFE_INTEGER_LENGTH = 18  # fewer digits than 64 bits hold


class Number(Decimal):
    """A JSON number: a Decimal that remembers how it was written (`text`). Arithmetic gives plain Decimals."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        try:
            number = super().__new__(cls, text)
        except InvalidOperation:
            raise NotJSON("A number's exponent is too large to be held; write it with fewer digits.") from None
        number.text = text
        return number

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def loads(text: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Parse one JSON document (bytes are UTF-8, a byte order mark is tolerated).

    Integers of up to 18 characters come back as int, every other number as Number. Raises NotJSON for what is no JSON,
    a repeated element, NaN or Infinity, an unpaired surrogate, and for what is too large or too deep.
    """
    if len(text) > max_bytes:
        raise NotJSON(f"The document is larger than {max_bytes} bytes; send it in smaller parts.")
    if isinstance(text, bytes | bytearray | memoryview):
        text = _decoded(bytes(text))
    try:
        value = _DECODER.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise NotJSON(
            f"This is not JSON: {error.msg.lower().removesuffix(' at')} at line {error.lineno}, column {error.colno}.",
            line=error.lineno,
            column=error.colno,
        ) from None
    except RecursionError:
        raise _too_deep(max_depth) from None
    _check_depth(value, max_depth=max_depth)
    if "\\u" in text:
        _check_characters(value)
    return value


def dumps(value: Any, *, indent: bool = False) -> bytes:
    """The UTF-8 JSON of a value: a Number as it was written, a Decimal as its digits, in the order given.

    Raises NotJSON for NaN, Infinity and whatever has no JSON form.
    """
    options = orjson.OPT_INDENT_2 if indent else 0
    try:
        text = orjson.dumps(value, default=_fragment, option=options)
    except TypeError as error:
        cause = error.__cause__
        raise cause if isinstance(cause, NotJSON) else NotJSON(f"This has no JSON form: {error}.") from None
    if b"null" in text:  # orjson writes a float that is not a number as null
        _check_floats(value)
    return text


def number_text(value: Decimal | float) -> str:
    """How a number was written, or its shortest exact digits."""
    return value.text if isinstance(value, Number) else str(value)


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJSON(f"Byte {error.start + 1} is not UTF-8; FHIR JSON is written in UTF-8.") from None


def _integer(text: str) -> int | Number:
    if len(text) <= _SAFE_INTEGER_LENGTH and text != "-0":
        return int(text)
    return _number(text)


def _number(text: str) -> Number:
    if len(text) > MAX_NUMBER_LENGTH:
        raise NotJSON(f"A number has more than {MAX_NUMBER_LENGTH} characters; write it with fewer digits.")
    return Number(text)


def _no_constant(text: str) -> None:
    raise NotJSON(f"{text} is not a JSON number; leave the element out and say why in an extension.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotJSON("An element stands twice in one object; each may stand once.")
    return result


_DECODER = json.JSONDecoder(
    parse_float=_number,
    parse_int=_integer,
    parse_constant=_no_constant,
    object_pairs_hook=_object,
)


def _fragment(value: Any) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotJSON(f"{value} is not a JSON number.")
        return orjson.Fragment(str(value))
    raise NotJSON(f"A {type(value).__name__} has no JSON form.")


def _too_deep(max_depth: int) -> NotJSON:
    return NotJSON(f"The document is nested more than {max_depth} levels deep; FHIR resources are flatter than that.")


def _check_depth(value: Any, *, max_depth: int) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(max_depth):
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return
    raise _too_deep(max_depth)


def _check_characters(value: Any) -> None:
    try:
        orjson.dumps(value, default=_fragment)
    except TypeError:
        raise NotJSON("A \\u escape stands for half a character (an unpaired surrogate).") from None


def _check_floats(value: Any) -> None:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, float) and not math.isfinite(item):
            raise NotJSON(f"{item} is not a JSON number.")
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)
