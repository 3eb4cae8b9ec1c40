"""FHIRPath's functions of strings (N1 section 5.6). Patterns run in linear time: none of them can hang."""

import base64
import binascii
import html
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.path.nodes import EMPTY, TRUE, Node, Nodes, integer, string, truth
from wardround.interchange.fhir.path.scope import MAX_TEXT, Scope, short, text, whole
from wardround.interchange.fhir.primitives import primitive_problem

MAX_PATTERN = 1000
_MAX_PATTERN_MEMORY = 8 << 20
_ESCAPES: dict[str, Callable[[str], str]] = {
    "html": lambda value: html.escape(value, quote=True),
    "json": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
}


def index_of(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    return EMPTY if pair is None else integer(pair[0].find(pair[1]))


def last_index_of(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    return EMPTY if pair is None else integer(pair[0].rfind(pair[1]))


def substring(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    value, start = text(focus), whole(arguments[0])
    if value is None or start is None or not 0 <= start < len(value):
        return EMPTY
    length = whole(arguments[1]) if len(arguments) > 1 else None
    return string(value[start:] if length is None else value[start : start + max(length, 0)])


def starts_with(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    return EMPTY if pair is None else truth(pair[0].startswith(pair[1]))


def ends_with(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    return EMPTY if pair is None else truth(pair[0].endswith(pair[1]))


def contains(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    return EMPTY if pair is None else truth(pair[1] in pair[0])


def upper(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _changed(focus, str.upper)


def lower(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _changed(focus, str.lower)


def trim(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    return _changed(focus, str.strip)


def replace(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    value, before, after = text(focus), text(arguments[0]), text(arguments[1])
    if value is None or before is None or after is None:
        return EMPTY
    # The product of two long texts is refused before it is made.
    _check_size(value.count(before) * len(after) + len(value))
    return string(value.replace(before, after))


def matches(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    """Does the pattern occur? It need not cover the whole text."""
    pair = _two(focus, arguments[0])
    return EMPTY if pair is None else truth(_pattern(pair[1]).search(pair[0]) is not None)


def matches_full(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    return EMPTY if pair is None else truth(_pattern(pair[1]).fullmatch(pair[0]) is not None)


def replace_matches(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    """Substitutions name groups as $1 or ${name}."""
    value, pattern, after = text(focus), text(arguments[0]), text(arguments[1])
    if value is None or pattern is None or after is None:
        return EMPTY
    if not pattern:
        return string(value)
    found = _pattern(pattern)
    pieces, at, size = [], 0, 0
    for match in found.finditer(value):
        piece = value[at : match.start()] + _substituted(after, match)
        size += len(piece)
        _check_size(size)
        pieces.append(piece)
        at = match.end()
    return string(short("".join(pieces) + value[at:]))


def length(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    value = text(focus)
    return EMPTY if value is None else integer(len(value))


def characters(focus: Nodes, _arguments: list[Nodes], scope: Scope) -> Nodes:
    value = text(focus) or ""
    scope.run.spend(len(value))
    return [Node(character, "System.String") for character in value]


def split(focus: Nodes, arguments: list[Nodes], scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    if pair is None:
        return EMPTY
    parts = pair[0].split(pair[1]) if pair[1] else list(pair[0])
    scope.run.spend(len(parts))
    return [Node(part, "System.String") for part in parts]


def join(focus: Nodes, arguments: list[Nodes], scope: Scope) -> Nodes:
    """All strings of a collection as one; of none, an empty one (as SQL on FHIR's tests have it)."""
    separator = text(arguments[0]) if arguments else ""
    scope.run.spend(len(focus))
    values = [value for node in focus if (value := text([node])) is not None]
    _check_size(sum(map(len, values)) + len(values) * len(separator or ""))
    return string((separator or "").join(values))


def escape(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    if pair is None:
        return EMPTY
    if pair[1] not in _ESCAPES:
        raise PathFailed("escape() takes 'html' or 'json'.")
    return string(short(_ESCAPES[pair[1]](pair[0])))


def unescape(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    if pair is None:
        return EMPTY
    if pair[1] == "html":
        return string(html.unescape(pair[0]))
    if pair[1] != "json":
        raise PathFailed("unescape() takes 'html' or 'json'.")
    try:
        found = json.loads(f'"{pair[0]}"')
        found.encode()  # half a character, an unpaired \u escape, is no text
    except ValueError:
        return EMPTY
    return string(found)


def encode(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    if pair is None:
        return EMPTY
    data = pair[0].encode()
    match pair[1]:
        case "hex":
            return string(short(data.hex()))
        case "base64":
            return string(short(base64.b64encode(data).decode()))
        case "urlbase64":
            return string(short(base64.urlsafe_b64encode(data).decode()))
    raise PathFailed("encode() takes 'hex', 'base64' or 'urlbase64'.")


def decode(focus: Nodes, arguments: list[Nodes], _scope: Scope) -> Nodes:
    pair = _two(focus, arguments[0])
    if pair is None:
        return EMPTY
    readers: dict[str, Callable[[str], bytes]] = {
        "hex": bytes.fromhex,
        "base64": lambda value: base64.b64decode(value, validate=True),
        "urlbase64": lambda value: base64.b64decode(value, altchars=b"-_", validate=True),
    }
    if pair[1] not in readers:
        raise PathFailed("decode() takes 'hex', 'base64' or 'urlbase64'.")
    try:
        return string(readers[pair[1]](pair[0]).decode())
    except (ValueError, binascii.Error):
        return EMPTY


def html_checks(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    """FHIR R4's own: a narrative holds only the HTML that FHIR allows."""
    for node in focus:
        if node.value is not None and primitive_problem(node.value, type_name="xhtml") is not None:
            return truth(False)  # noqa: FBT003
    return TRUE


def _two(focus: Nodes, argument: Nodes) -> tuple[str, str] | None:
    value, other = text(focus), text(argument)
    return None if value is None or other is None else (value, other)


def _check_size(size: int) -> None:
    if size > MAX_TEXT:
        raise PathFailed(f"A computed string is longer than {MAX_TEXT} characters.")


def _changed(focus: Nodes, change: Callable[[str], str]) -> Nodes:
    value = text(focus)
    return EMPTY if value is None else string(short(change(value)))


@lru_cache(maxsize=512)
def _pattern(source: str) -> Any:
    """A pattern, compiled; a dot takes a line break too (N1 section 5.6.8: single line mode)."""
    if len(source) > MAX_PATTERN:
        raise PathFailed(f"A pattern has at most {MAX_PATTERN} characters.")
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    options.max_mem = _MAX_PATTERN_MEMORY
    try:
        return re2.compile(source, options)
    except re2.error as error:
        raise PathFailed("This is no regular expression that can be run in linear time (RE2 syntax).") from error


def _substituted(template: str, match: Any) -> str:
    pieces, at = [], 0
    for place in _PLACES.finditer(template):
        pieces.append(template[at : place.start()])
        name = place.group(1) or place.group(2)
        if name is None:
            pieces.append("$")
        else:
            try:
                pieces.append(match.group(int(name) if name.isdigit() else name) or "")
            except (IndexError, KeyError, re2.error):
                raise PathFailed("The substitution names a group that the pattern does not have.") from None
        at = place.end()
    return "".join(pieces) + template[at:]


_PLACES = re2.compile(r"\$(?:(\d)|\{([0-9]{1,3}|[A-Za-z_][A-Za-z0-9_]*)\}|\$)")
