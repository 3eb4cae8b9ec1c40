"""What the code refuses and why, as the catalogues know it: sentences, and templates with places.

The code raises them in English; `scripts/refusals.py` reads them there and files them in the catalogues under the
context `CONTEXT`, so that a new refusal needs nothing but its translation.
"""

import re
from functools import cache

from django.utils.translation import gettext, pgettext
from django.utils.translation.trans_real import translation

from wardround.clinical.sentences import Template

CONTEXT = "refusal"
_BETWEEN = "\x04"  # gettext's sign between a context and its text
# The problems of a resource are one text, each behind its place: "Condition.code: It … Condition.onset: It …"
_PLACE = re.compile(r"(?:^|(?<=[.!?] ))([A-Za-z][\w.\[\]-]*): (?=[A-Z])")


def translated(text: str) -> str:
    """A text of the catalogue in the language of the page: a refusal, or a word or sentence of another kind."""
    said = pgettext(CONTEXT, text)
    return said if said != text else gettext(text)


@cache
def refusals_with_places(language: str) -> tuple[Template, ...]:
    """The refusals of a language's catalogue in which something is filled in."""
    catalogue = translation(language)._catalog  # type: ignore[attr-defined]  # noqa: SLF001 - as Django's own views read it
    keys = (key for key in catalogue.keys() if isinstance(key, str))  # noqa: SIM118 - Django's catalogue is no mapping
    texts = (key.partition(_BETWEEN)[2] for key in keys if key.startswith(CONTEXT + _BETWEEN))
    return tuple(Template(text) for text in sorted(texts) if "%(" in text)


def by_place(text: str) -> list[tuple[str, str]]:
    """The problems of a resource one by one: the place and what is wrong there. Any other text is one without a place."""
    first, *parts = _PLACE.split(text)
    if first or not parts:
        return [("", text)]
    return [(place, sentence.strip()) for place, sentence in zip(parts[::2], parts[1::2], strict=True)]
