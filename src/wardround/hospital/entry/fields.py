"""One box of a form for measured values, and what is said about what was typed into it: the nouns that the template prints."""

import json
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext

from wardround.web.layout.printed import printed_unit

Weight = Literal["hard", "soft", "remark"]  # cannot be saved; asks to be confirmed; is only said


@dataclass(frozen=True)
class Use:
    """One click that fills boxes: "Use 38.6 °C (if the decimal point slipped)". `fills`: the boxes, by name."""

    label: str
    why: str
    fills: dict[str, str]

    @property
    def as_json(self) -> str:
        return json.dumps(self.fills, ensure_ascii=False)


@dataclass(frozen=True)
class Message:
    """What is said beside a box. `confirms`: the value that a tick in the box vouches for, as it was typed."""

    weight: Weight
    text: str
    uses: tuple[Use, ...] = ()
    confirms: str = ""
    confirm_title: str = ""


@dataclass(frozen=True)
class Field:
    """One box with its unit, and what stands beside it. `name` is the catalogue key, and the box's id and name."""

    name: str
    label: str
    typed: str
    unit: str
    units: tuple[str, ...]
    usual: str
    last: str
    last_time: str
    quick: Use | None = None
    message: Message | None = None
    is_confirmed: bool = False
    reason: str = ""
    autofocus: bool = False

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """(UCUM, as people write it, is it the chosen one)."""
        return [(unit, printed_unit(unit) or "–", unit == self.unit) for unit in self.units]

    @property
    def shown_unit(self) -> str:
        return printed_unit(self.unit)

    @property
    def needs_attention(self) -> bool:
        """Does it keep the form from being saved?"""
        if self.message is None:
            return False
        return self.message.weight == "hard" or (self.message.weight == "soft" and not self.is_confirmed)


@dataclass(frozen=True)
class Problem:
    """One line at the head of a form that was not saved. `field`: the id of the box it leads to."""

    field: str
    sentence: str


def summary_of(field: Field) -> Problem:
    """The line of the error summary for a box."""
    text = field.message.text if field.message else ""
    said = gettext("%(label)s: %(text)s") % {"label": field.label, "text": text}
    return Problem(field=field.name, sentence=said)
