"""Findings and refusals in the reader's language: the English sentence, taken apart and said again."""

import re

from django.utils.translation import get_language

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.sentences import parsed
from wardround.web.layout.printed import printed_number
from wardround.web.layout.refusals import by_place, refusals_with_places, translated

_NUMBER = re.compile(r"(?<![\w.-])(\d+\.\d+)(?![\w.-])")
_DEPTH = 3  # a sentence, its reason, and what stands in that


def said(sentence: object) -> str:
    """A finding's or an error's sentence in the language of the page; what no template made stays as it is."""
    text = str(sentence)
    if not text or (get_language() or "en").startswith("en"):
        return text
    problems = [(place, _said(wrong, depth=_DEPTH)) for place, wrong in by_place(text)]
    return " ".join(f"{translated(place)}: {wrong}" if place else wrong for place, wrong in problems)


def _said(text: str, *, depth: int) -> str:
    whole = translated(text)
    if whole != text or not depth:
        return whole
    found = parsed(text, refusals_with_places(get_language() or "en")) if " " in text else None
    if found is not None:
        template, places = found
        return translated(template) % {name: _said(value, depth=depth - 1) for name, value in places.items()}
    return _NUMBER.sub(lambda number: printed_number(float(number[1])), _listed(text) or _titled(text))


def _listed(text: str) -> str:
    """A list of titles or words, such as "Age, Sex": each translated; empty where this is no such list."""
    words = text.split(", ")
    found = [translated(word) for word in words]
    return ", ".join(found) if len(words) > 1 and all(a != b for a, b in zip(words, found, strict=True)) else ""


def _titled(text: str) -> str:
    """What no template made, with the title of a measurement at its beginning translated."""
    titles = (m.title for m in load_catalogue() if text.startswith(f"{m.title} "))
    title = max(titles, key=len, default="")
    return f"{translated(title)}{text[len(title) :]}" if title else text
