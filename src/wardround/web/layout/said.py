"""Findings in the reader's language: the English sentence that is stored, taken apart and said again."""

import re

from django.utils.translation import get_language, gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.sentences import parsed
from wardround.web.layout.printed import printed_number

_NUMBER = re.compile(r"(?<![\w.-])(\d+\.\d+)(?![\w.-])")
_DEPTH = 3  # a sentence, its reason, and what stands in that


def said(sentence: str) -> str:
    """A finding's sentence in the language of the page; what no template made stays as it is."""
    if not sentence or (get_language() or "en").startswith("en"):
        return sentence
    return _said(sentence, depth=_DEPTH)


def _said(text: str, *, depth: int) -> str:
    found = parsed(text) if depth else None
    if found is not None:
        template, places = found
        return gettext(template) % {name: _said(value, depth=depth - 1) for name, value in places.items()}
    return _NUMBER.sub(lambda number: printed_number(float(number[1])), _in_words(text))


def _in_words(text: str) -> str:
    """A place that holds no sentence: a measurement's title at its beginning, or one word of a vocabulary."""
    whole = gettext(text)
    if whole != text:
        return whole
    titles = (m.title for m in load_catalogue() if text.startswith(f"{m.title} "))
    title = max(titles, key=len, default="")
    return f"{gettext(title)}{text[len(title) :]}" if title else text
