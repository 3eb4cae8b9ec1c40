"""How the federation's pages write fingerprints, standings, kinds of messages and figures."""

from collections.abc import Mapping
from typing import Any

from django import template

from wardround.hospital.training import drift_told
from wardround.hospital.training.pages import words

register = template.Library()


@register.filter
def groups(fingerprint: str) -> list[str]:
    """The groups in which people read a fingerprint to each other."""
    return fingerprint.split()


@register.filter
def in_words(value: object, which: str) -> str:
    """A term of the protocol in a reader's words: {{ kind|in_words:"KINDS" }}; itself where no word is known."""
    known: words.Words = getattr(words, which)
    return str(known.get(str(value), value))


@register.filter
def figure(value: object) -> str:
    """A share between 0 and 1 with three decimals; a dash where there is none."""
    return f"{value:.3f}" if isinstance(value, int | float) else "–"


@register.filter
def interval(figures: Mapping[str, Any]) -> str:
    """The interval of an AUROC: 0.822–0.946; empty where there is none."""
    low, high = figures.get("auroc_low"), figures.get("auroc_high")
    return f"{low:.3f}–{high:.3f}" if low is not None and high is not None else ""


@register.filter
def grouped(number: object) -> str:
    """A whole number in groups of three: 34 871, with a space that does not break."""
    return f"{number:,}".replace(",", "\u202f") if isinstance(number, int) else str(number)


@register.simple_tag
def drift(figures: Mapping[str, Any]) -> drift_told.DriftTold | None:
    """A model's drift in words: {% drift model.figures as told %}."""
    return drift_told.drift_told(figures)
