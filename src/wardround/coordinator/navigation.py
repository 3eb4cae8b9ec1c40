"""The areas of the coordinator's site: what each is called, whose role includes it, and the pages that belong to it."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wardround.coordinator.pages.access import may
from wardround.web.navigation import Area, Tab, entries

AREAS = (
    Area(_("Overview"), (Tab("home", _("Overview"), "watch"),)),
    Area(_("Runs"), (Tab("runs", _("Runs"), "watch", ("run",)),)),
    Area(_("Studies"), (Tab("studies", _("Studies"), "watch", ("study", "publish-study")),)),
    Area(_("Members"), (Tab("members", _("Members"), "watch", ("member", "invite-member")),)),
    Area(_("Models"), (Tab("models", _("Models"), "watch", ("model-facts",)),)),
    Area(_("Audit"), (Tab("audit", _("Audit trail"), "audit"),)),
    Area(_("People"), (Tab("people", _("People"), "people", ("person",)),)),
)


def navigation(request: HttpRequest) -> Mapping[str, object]:
    """For every template: `areas` and `area_tabs`, as far as the role of whoever asks goes."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    found = entries(AREAS, request=request, allows=lambda ability: may(user, ability))
    return {**found, "may_operate": may(user, "operate")}
