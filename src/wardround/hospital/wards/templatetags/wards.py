"""How spans of time are printed on a board, and whose values were saved a moment ago."""

from collections.abc import Mapping
from datetime import timedelta

from django import template
from django.utils.translation import gettext

register = template.Library()

_MINUTES, _DAY = 60, 24
_HOURS_ALONE_FROM = 12


@register.filter
def span(late: timedelta) -> str:
    """ "20 min", "4 h 20 min", "13 h", "3 days": rounded to what somebody at a bed thinks in."""
    minutes = int(abs(late).total_seconds()) // 60
    hours, rest = divmod(minutes, _MINUTES)
    if hours >= 2 * _DAY:
        return gettext("%(days)s days") % {"days": hours // _DAY}
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": rest}
    if not rest or hours >= _HOURS_ALONE_FROM:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


@register.filter
def named_in(patient_id: str, names: Mapping[str, str]) -> str:
    """The name of this patient, as far as this person sees it on this page anyway."""
    return names.get(patient_id, "")
