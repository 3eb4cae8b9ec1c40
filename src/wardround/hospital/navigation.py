"""The areas of the hospital's site: what each is called, whose role includes it, and the pages that belong to it."""

from collections.abc import Mapping, Sequence
from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wardround.hospital.records.access import Ability, may
from wardround.web.navigation import Area, Link, Tab, entries

AREAS = (
    Area(
        _("Patients"),
        (
            Tab("patients", _("Patients"), "charts"),
            Tab("emergency-access", _("Emergency access"), "write"),
        ),
    ),
    Area(_("Worklist"), (Tab("worklist", _("Worklist"), "write"),)),
    Area(_("Wards"), (Tab("wards", _("Wards"), "charts", ("ward",)),)),
    Area(
        _("Data quality"),
        (
            Tab("quality", _("Report"), "quality", ("quality-records",)),
            Tab("quality-queue", _("Fix queue"), "quality", ("quality-accept",)),
            Tab("duplicates", _("Duplicates"), "quality", ("duplicate",)),
            Tab("agreement", _("Agreement"), "quality", ("agreement-records",)),
        ),
    ),
    Area(
        _("Imports"),
        (
            Tab("imports", _("Imports"), "imports", ("import", "import-undo", "import-new", "upload")),
            Tab("quarantine", _("Quarantine"), "imports", ("quarantine-message",)),
        ),
    ),
    Area(
        _("Administration"),
        (
            Tab("people", _("People"), "users", ("person",)),
            Tab("care-teams", _("Care teams"), "users", ("care-team",)),
            Tab("audit", _("Audit trail"), "audit"),
            Tab("emergency-reviews", _("Emergency accesses"), "audit"),
            Tab("health-page", _("Keys, backups, health"), "operate"),
        ),
    ),
    Area(
        _("Federation"),
        (
            Tab("federation", _("Federation"), "training", ("federation-invitation", "federation-join")),
            Tab("studies", _("Studies"), "training", ("study",)),
            Tab("runs", _("Runs"), "training"),
            Tab("models", _("Models"), "training", ("model-facts",)),
            Tab("what-left", _("What left"), "training"),
        ),
    ),
)


def entries_of(request: HttpRequest) -> Sequence[Link]:
    """The areas that the role of whoever asks includes."""
    return cast("Sequence[Link]", navigation(request).get("areas", ()))


def navigation(request: HttpRequest) -> Mapping[str, object]:
    """For every template: `areas` and `area_tabs`, as far as the role of whoever asks goes."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return entries(AREAS, request=request, allows=lambda ability: may(user, cast("Ability", ability)))
