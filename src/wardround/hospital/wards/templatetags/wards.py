"""How spans of time are printed on a board."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext

register = template.Library()

_MINUTES, _DAY = 60, 24


@register.filter
def span(late: timedelta) -> str:
    """ "20 min", "4 h 20 min", "3 days": rounded to what somebody at a bed thinks in."""
    minutes = int(abs(late).total_seconds()) // 60
    hours, rest = divmod(minutes, _MINUTES)
    if hours >= 2 * _DAY:
        return gettext("%(days)s days") % {"days": hours // _DAY}
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
