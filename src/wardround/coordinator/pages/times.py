"""Moments as the pages say them: a time of day, and how long ago, in steps so coarse that a live page stays calm."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

_STEP = 5


def at(moment: datetime) -> str:
    """14:05:10; on another day with its date."""
    here = localtime(moment)
    return date_format(here, "H:i:s" if here.date() == localtime().date() else "d-M-Y H:i:s")


def ago(moment: datetime, *, now: datetime) -> str:
    """40 s ago, 6 minutes ago, 3 hours ago, 2 days ago."""
    seconds = max((now - moment).total_seconds(), 0)
    if seconds < 2 * _STEP:
        return gettext("just now")
    if seconds < 90:
        return gettext("%(count)d s ago") % {"count": int(seconds // _STEP * _STEP)}
    if seconds < 90 * 60:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", round(seconds / 60)) % {
            "count": round(seconds / 60)
        }
    if seconds < 36 * 3600:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", round(seconds / 3600)) % {
            "count": round(seconds / 3600)
        }
    return ngettext("%(count)d day ago", "%(count)d days ago", round(seconds / 86400)) % {
        "count": round(seconds / 86400)
    }
