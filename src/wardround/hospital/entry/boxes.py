"""The boxes of a form for what is no measured value: what each is called, what may stand in it, and what is said about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wardround.hospital.entry.terms import Term

BoxKind = Literal["line", "text", "choice", "date", "moment", "code"]
Words = Any  # a text, or one that is translated when it is printed


@dataclass(frozen=True)
class Box:
    """One box. `choices`: (value, words); `of`: the kind of record whose codes are searched; `suggests`: words to pick from."""

    name: str
    label: Words
    kind: BoxKind = "line"
    choices: tuple[tuple[str, Words], ...] = ()
    hint: Words = ""
    is_required: bool = False
    is_half: bool = False
    most: int = 200
    of: str = ""
    suggests: tuple[str, ...] = ()
    start: str = ""  # what stands in it before anybody types


@dataclass(frozen=True)
class ShownBox:
    """A box with what was typed, and what is said about that. `terms`: what a search for codes found."""

    box: Box
    typed: str = ""
    day: str = ""  # of a moment
    time: str = ""
    text: str = ""  # what was searched
    terms: Sequence[Term] = ()
    problem: str = ""
    warnings: tuple[str, ...] = ()
    autofocus: bool = False

    @property
    def name(self) -> str:
        return self.box.name

    @property
    def focus_id(self) -> str:
        """The element that the summary of errors leads to."""
        return {"moment": f"{self.name}_date", "code": f"{self.name}_text"}.get(self.box.kind, self.name)

    @property
    def choices(self) -> list[tuple[str, Words, bool]]:
        return [(value, words, value == self.typed) for value, words in self.box.choices]
