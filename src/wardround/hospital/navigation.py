"""The areas of the hospital's site: what each is called, whose role includes it, and the pages that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wardround.hospital.records.access import Ability, may


@dataclass(frozen=True)
class Tab:
    """One page of an area that has several side by side. `url` names its route; `pages` names those that lie below it."""

    url: str
    title: str | Promise
    ability: Ability
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


AREAS = (
    Area(_("Patients"), (Tab("patients", _("Patients"), "charts"),)),
    Area(
        _("Data quality"),
        (
            Tab("quality", _("Report"), "quality", ("quality-records",)),
            Tab("quality-queue", _("Fix queue"), "quality", ("quality-accept",)),
            Tab("duplicates", _("Duplicates"), "quality", ("duplicate",)),
        ),
    ),
    Area(
        _("Imports"),
        (
            Tab("imports", _("Imports"), "quality", ("import", "import-undo", "import-new", "upload")),
            Tab("quarantine", _("Quarantine"), "quality", ("quarantine-message",)),
        ),
    ),
)


@dataclass(frozen=True)
class Link:
    """One entry as a page shows it."""

    url: str
    title: str | Promise
    is_here: bool


def navigation(request: HttpRequest) -> Mapping[str, object]:
    """For every template: `areas` in the bar, and `area_tabs` of the area that this page belongs to (none where it has one)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    here = request.resolver_match.url_name or "" if request.resolver_match else ""
    areas, tabs = [], []
    for area in AREAS:
        open_tabs = [tab for tab in area.tabs if may(user, tab.ability)]
        if not open_tabs:
            continue
        areas.append(Link(open_tabs[0].url, area.title, area.holds(here)))
        if area.holds(here) and len(open_tabs) > 1:
            tabs = [Link(tab.url, tab.title, tab.holds(here)) for tab in open_tabs]
    return {"areas": areas, "area_tabs": tabs}
