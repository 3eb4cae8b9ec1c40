"""The nouns of a site's navigation: an area, the pages that stand side by side in it, and what of both a page shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True)
class Tab:
    """One page of an area that has several side by side. `url` names its route; `pages` names those that lie below it."""

    url: str
    title: str | Promise
    ability: str
    pages: tuple[str, ...] = ()

    def holds(self, here: str) -> bool:
        return here == self.url or here in self.pages


@dataclass(frozen=True)
class Area:
    """One entry of the main navigation: the first of its tabs that a person may open is where it leads."""

    title: str | Promise
    tabs: tuple[Tab, ...]

    def holds(self, here: str) -> bool:
        return any(tab.holds(here) for tab in self.tabs)


@dataclass(frozen=True)
class Link:
    """One entry as a page shows it."""

    url: str
    title: str | Promise
    is_here: bool


def entries(areas: Sequence[Area], *, request: HttpRequest, allows: Callable[[str], bool]) -> Mapping[str, object]:
    """For every template: `areas` in the bar, and `area_tabs` of the area that this page belongs to (none where it has one).

    `allows(ability)`: whether the person who asks has it.
    """
    here = request.resolver_match.url_name or "" if request.resolver_match else ""
    links, tabs = [], []
    for area in areas:
        open_tabs = [tab for tab in area.tabs if allows(tab.ability)]
        if not open_tabs:
            continue
        links.append(Link(open_tabs[0].url, area.title, area.holds(here)))
        if area.holds(here) and len(open_tabs) > 1:
            tabs = [Link(tab.url, tab.title, tab.holds(here)) for tab in open_tabs]
    return {"areas": links, "area_tabs": tabs}
