"""Reads plain values into the study's nouns, and says in sentences what does not fit."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Choice = TypeVar("Choice", bound=str)
Value = TypeVar("Value")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Section:
    """One mapping of the document. Each getter notes a problem and goes on, so that all are found at once."""

    def __init__(self, value: Any, *, place: str, problems: list[str]) -> None:
        self._place = place
        self._problems = problems
        self._known: list[str] = []
        self._values: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            self.problem(f"{self._name or 'The study document'} must be a mapping of fields.")

    @property
    def _name(self) -> str:
        return self._place

    def problem(self, sentence: str) -> None:
        """Notes what does not fit."""
        self._problems.append(sentence)

    def path(self, field: str) -> str:
        """The field's full name, as ``training.rounds``."""
        return f"{self._place}.{field}" if self._place else field

    def text(self, field: str, *, longest: int, default: str | None = None, pattern: str | None = None) -> str:
        value = self._take(field, default)
        if not isinstance(value, str):
            return self._wrong(field, value, f"text of at most {longest} characters{_quotes(value)}", "")
        if (not value.strip() and default is None) or len(value) > longest or _CONTROL.search(value):
            return self._wrong(field, value, f"text of 1 to {longest} characters without control characters", "")
        if pattern is not None and re.fullmatch(pattern, value) is None:
            return self._wrong(field, value, "lower-case letters, digits, hyphens and underscores, a letter first", "")
        return value

    def whole(self, field: str, *, least: int, most: int, default: int | None = None) -> int:
        value = self._take(field, default)
        fits = type(value) is int or (type(value) is float and value.is_integer())
        if not fits or not least <= value <= most:
            return self._wrong(field, value, f"a whole number from {least} to {most}", least)
        return int(value)

    def number(self, field: str, *, least: float, most: float, default: float | None = None) -> float:
        value = self._take(field, default)
        if type(value) not in (int, float) or not least <= value <= most:
            return self._wrong(field, value, f"a number from {least:g} to {most:g}", least)
        return float(value)

    def flag(self, field: str, *, default: bool) -> bool:
        value = self._take(field, default)
        return value if isinstance(value, bool) else self._wrong(field, value, "true or false", default)

    def choice(self, field: str, choices: Sequence[Choice], *, default: Choice | None = None) -> Choice:
        value = self._take(field, default)
        for choice in choices:
            if value == choice:
                return choice
        return self._wrong(field, value, "one of " + ", ".join(choices), choices[0])

    def texts(self, field: str, *, longest: int, most: int, needed: bool = False) -> tuple[str, ...]:
        value = self._take(field, None if needed else [])
        fits = isinstance(value, (list, tuple)) and len(value) <= most and (len(value) > 0 or not needed)
        if not fits or not all(
            isinstance(v, str) and v.strip() and len(v) <= longest and not _CONTROL.search(v) for v in value
        ):
            return self._wrong(
                field, value, f"a list of at most {most} texts, each of at most {longest} characters", ()
            )
        return tuple(value)

    def numbers(self, field: str, *, most: int, default: tuple[float, ...]) -> tuple[float, ...]:
        value = self._take(field, default)
        if not isinstance(value, (list, tuple)) or len(value) > most or any(type(v) not in (int, float) for v in value):
            return self._wrong(field, value, f"a list of at most {most} numbers", ())
        return tuple(float(v) for v in value)

    def section(self, field: str, *, needed: bool = True) -> "Section":
        value = self._take(field, None if needed else {})
        return Section({} if value is _MISSING else value, place=self.path(field), problems=self._problems)

    def sections(self, field: str, *, most: int) -> "list[Section]":
        value = self._take(field, None)
        if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= most:
            self._wrong(field, value, f"a list of 1 to {most} entries", None)
            return []
        return [
            Section(entry, place=f"{self.path(field)}[{number}]", problems=self._problems)
            for number, entry in enumerate(value, 1)
        ]

    def mapping(self, field: str) -> Mapping[str, Any]:
        value = self._take(field, None)
        return value if isinstance(value, Mapping) else self._wrong(field, value, "a mapping", {})

    def done(self) -> None:
        """Notes every field that nobody asked for, with the fields that are known here."""
        for field in self._values:
            if field not in self._known:
                close = difflib.get_close_matches(str(field), self._known, n=1)
                hint = f" Did you mean {close[0]!r}?" if close else ""
                where = f" in {self._place}" if self._place else ""
                self.problem(f"{field!r} is not a field{where}.{hint} Known fields are {', '.join(self._known)}.")

    def _take(self, field: str, default: Any) -> Any:
        self._known.append(field)
        if field in self._values:
            return self._values[field]
        return _MISSING if default is None else default

    def _wrong(self, field: str, value: Any, right: str, instead: Value) -> Value:
        if value is _MISSING:
            self.problem(f"{self.path(field)} is missing; it is {right}.")
        else:
            shown = repr(value)
            self.problem(f"{self.path(field)} is {shown[:60]}{'...' if len(shown) > 60 else ''}; it must be {right}.")
        return instead


def _quotes(value: Any) -> str:
    return "" if value is _MISSING else "; put it in quotes"


class _Missing:
    def __repr__(self) -> str:
        return "missing"


_MISSING = _Missing()
