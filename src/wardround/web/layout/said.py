"""Findings and refusals in the reader's language: the English sentence, taken apart and said again."""

import re
from collections.abc import Mapping

from django.utils.translation import get_language

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.sentences import parsed
from wardround.web.layout.dates import when_text
from wardround.web.layout.fhir_words import element_words
from wardround.web.layout.printed import printed_number
from wardround.web.layout.refusals import by_place, refusals_with_places, translated

_NUMBER = re.compile(r"(?<![\w.-])(\d+\.\d+)(?![\w.-])")
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?)?")
_FOR_MACHINES = re.compile(rf"(?<![\w-]){_DATE.pattern}(?![\w-])|[A-Z][A-Za-z]+\.[a-z]")  # a date, or a path
_ELEMENTS = frozenset({"element", "first", "later", "path"})  # places that name one
_DEPTH = 3  # a sentence, its reason, and what stands in that


def said(sentence: object) -> str:
    """A finding's or an error's sentence in the language of the page; what no template made stays as it is."""
    text = str(sentence)
    if not text:
        return text
    if (get_language() or "en").startswith("en"):
        return _for_people(text)
    problems = [(place, _said(wrong, depth=_DEPTH)) for place, wrong in by_place(text)]
    return " ".join(f"{translated(place)}: {wrong}" if place else wrong for place, wrong in problems)


def _for_people(text: str) -> str:
    """A finding in English is the stored sentence, with dates and elements as people write them."""
    found = parsed(text) if _FOR_MACHINES.search(text) else None
    if found is None:
        return text
    template, places = found
    return _filled(template, {name: _place(name, value) or value for name, value in places.items()})


def _filled(template: str, places: Mapping[str, str]) -> str:
    """A sentence begins with a capital, also where its first word fills a place."""
    sentence = template % places
    return sentence[:1].upper() + sentence[1:] if template.startswith("%(") else sentence


def _place(name: str, value: str) -> str:
    """An element, a date or a measurement's title that stands in a place, in words; empty for what is none."""
    if name in _ELEMENTS and (words := element_words(value)) != value:
        return words
    if name == "title" and value[:1].islower():  # within an English sentence a title begins small
        title = f"{value[:1].upper()}{value[1:]}"
        return found if (found := translated(title)) != title else ""
    return when_text(value) if _DATE.fullmatch(value) else ""


def _said(text: str, *, depth: int) -> str:
    whole = translated(text)
    if whole != text or not depth:
        return whole
    found = parsed(text, refusals_with_places(get_language() or "en")) if " " in text else None
    if found is not None:
        template, places = found
        said_at = {name: _place(name, value) or _said(value, depth=depth - 1) for name, value in places.items()}
        return _filled(translated(template), said_at)
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
