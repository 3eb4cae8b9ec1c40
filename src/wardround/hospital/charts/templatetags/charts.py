"""How people and dates are printed in lists, the same as in the banner; the pages of a chart, and what may be entered in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts import person
from wardround.hospital.charts.pages import LISTINGS
from wardround.hospital.records import access
from wardround.hospital.records.access import Ability
from wardround.web.layout.fhir_words import title_of_kind
from wardround.web.layout.said import said

register = template.Library()

register.filter("printed_name", person.printed_name)
register.filter("printed_sex", person.printed_sex)
register.filter("printed_birth", person.printed_birth)
register.filter("age_today", person.age_today)
register.filter("said", said)
register.filter("kind_title", title_of_kind)

_KEYS = 9
_PAGES: tuple[tuple[str, Promise], ...] = (
    ("chart", gettext_lazy("Summary")),
    ("chart-vital-signs", gettext_lazy("Vital signs")),
    ("chart-laboratory", gettext_lazy("Laboratory")),
    *((f"chart-{name}", listing.title) for name, listing in LISTINGS.items()),
    ("chart-encounters", gettext_lazy("Stays and visits")),
    ("chart-everything", gettext_lazy("Whole record")),
    ("chart-history", gettext_lazy("Change history")),
    ("chart-print", gettext_lazy("Print")),
)
# What may be entered from the summary; the first that is there is the page's one primary button of this card.
_ENTRIES: tuple[tuple[str, Promise], ...] = (
    ("enter-vital-signs", gettext_lazy("Record vital signs")),
    ("enter-laboratory", gettext_lazy("Laboratory results")),
    ("enter-problem", gettext_lazy("Problem")),
    ("enter-medicine", gettext_lazy("Medicine")),
    ("enter-allergy", gettext_lazy("Allergy")),
    ("enter-procedure", gettext_lazy("Procedure")),
    ("enter-note", gettext_lazy("Note")),
)
_CARDS = frozenset({"enter-vital-signs", "enter-laboratory"})


_ANOTHER = re.compile(r"\b[A-Z][A-Za-z]{3,}/[A-Za-z0-9.-]{0,63}[A-Za-z0-9]")


@register.filter
def said_at_the_bedside(sentence: object) -> str:
    """A finding's sentence for whoever reads a chart: nobody there knows a record by its id."""
    return _ANOTHER.sub(gettext("another record"), said(sentence))


@dataclass(frozen=True)
class Entry:
    """A link; `key` is the number that opens it. `is_card`: what it leads to can also open beside the chart."""

    url: str
    title: Promise
    key: str = ""
    is_card: bool = False


@register.filter
def may(somebody: object, ability: Ability) -> bool:
    """Does this person's role include an ability? For what a page offers; the door is asked again."""
    return access.may(somebody, ability)


@register.simple_tag
def route(name: str, *args: str) -> str:
    """The address of a route; empty where the site has none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag
def chart_pages(patient_id: str) -> list[Entry]:
    """The pages of a chart; the number keys open the first nine."""
    return [
        Entry(reverse(name, args=(patient_id,)), title, str(number) if number <= _KEYS else "")
        for number, (name, title) in enumerate(_PAGES, 1)
    ]


@register.simple_tag
def entry_links(patient_id: str) -> list[Entry]:
    """What can be entered in this chart."""
    return list(_entries(patient_id))


def _entries(patient_id: str) -> Iterator[Entry]:
    for name, title in _ENTRIES:
        url = route(name, patient_id)
        if url:
            yield Entry(url, title, is_card=name in _CARDS)
