"""The words of a FHIRPath text: names, numbers, strings, dates, symbols, each with its place."""

import re
from dataclasses import dataclass
from typing import Literal

from wardround.interchange.errors import NotFHIRPath

MAX_LENGTH = 20_000
Kind = Literal[
    "name", "quoted", "number", "string", "date", "dateTime", "time", "external", "variable", "symbol", "end"
]

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<dateTime>@\d{4}(?:-\d\d(?:-\d\d)?)?T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<date>@\d{4}(?:-\d\d(?:-\d\d)?)?)"
    r"|(?P<time>@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<string>'(?:[^'\\]|\\.)*')"
    r"|(?P<quoted>`(?:[^`\\]|\\.)*`)"
    r"|(?P<external>%(?:[A-Za-z_][A-Za-z0-9_-]*|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`))"
    r"|(?P<variable>\$(?:this|index|total)\b)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<symbol><=|>=|!=|!~|[-+*/&|<>=~.,()\[\]{}])",
    re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `text` is without quotes, escapes and the sign that marks its kind; `position` counts from 1."""

    kind: Kind
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """The words of an expression, closed by an "end"; raises NotFHIRPath."""
    if len(text) > MAX_LENGTH:
        raise NotFHIRPath(f"The expression is longer than {MAX_LENGTH} characters; split it.")
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotFHIRPath(
                f"Character {place + 1} of the expression starts no word of FHIRPath; "
                "names, 'strings', numbers, @dates and operators do.",
                position=place + 1,
            )
        if match.lastgroup != "space":
            found.append(_token(match))
        place = match.end()
    found.append(Token("end", "", len(text) + 1))
    return found


def _token(match: re.Match[str]) -> Token:
    kind: Kind = match.lastgroup  # type: ignore[assignment]
    text = match.group()
    if kind in ("string", "quoted"):
        text = _unescaped(text[1:-1], position=match.start() + 1)
    elif kind == "external":
        text = text[1:] if text[1] not in "'`" else _unescaped(text[2:-1], position=match.start() + 1)
    elif kind in ("date", "dateTime"):
        text = text[1:]
    elif kind == "time":
        text = text[2:]
    return Token(kind, text, match.start() + 1)


def _unescaped(text: str, *, position: int) -> str:
    if "\\" in text:
        text = _ESCAPE.sub(lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 5 else _ESCAPED.get(m[1], m[1]), text)
    try:
        # Two \u escapes may be the halves of one character; half a character alone can be written nowhere.
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise NotFHIRPath(
            f"The text at character {position} holds half a character (an unpaired surrogate); write both \\u escapes.",
            position=position,
        ) from None
