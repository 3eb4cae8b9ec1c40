"""The sentences of findings: each a template with named places, so that a page can say it again in its reader's language.

A finding is stored as its English sentence. `parsed` finds the template that made it, and what stood in its places.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

_PLACE = re.compile(r"%\((\w+)\)s")
_ALL: dict[str, "Template"] = {}


@dataclass(frozen=True)
class Template:
    """A sentence, or a part of one, with places such as %(value)s."""

    text: str

    def say(self, **places: str) -> str:
        """The sentence with its places filled."""
        return self.text % places

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What every sentence of this template looks like."""
        parts = _PLACE.split(self.text)
        texts = [re.escape(part.replace("%%", "%")) for part in parts[::2]]
        places = [f"(?P<{name}>.+?)" for name in parts[1::2]]
        return re.compile("".join(a + b for a, b in zip(texts, [*places, ""], strict=True)), re.DOTALL)

    @cached_property
    def said_always(self) -> int:
        """How many letters are not in places: of two templates that fit, the one that says more made the sentence."""
        return len(_PLACE.sub("", self.text))


def template(text: str) -> Template:
    """A template that `parsed` knows from now on. Make it where the module begins."""
    return _ALL.setdefault(text, Template(text))


def templates() -> list[str]:
    """The texts of all templates that were made so far."""
    return sorted(_ALL)


def parsed(sentence: str, among: Iterable[Template] = ()) -> tuple[str, Mapping[str, str]] | None:
    """The text of the template that made this sentence and what stood in its places; None where none did.

    `among` are templates that were made elsewhere and may have made it too.
    """
    found = [(t, match) for t in (*_ALL.values(), *among) if (match := t.pattern.fullmatch(sentence))]
    if not found:
        return None
    made_by, match = max(found, key=lambda pair: pair[0].said_always)
    return made_by.text, match.groupdict()
