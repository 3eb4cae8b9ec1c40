"""The site's name and notice, and small signs drawn as SVG, so that they look the same with every font."""

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from wardround.web.audit.words import in_words, role_in_words
from wardround.web.layout.fhir_words import path_words, title_of_kind
from wardround.web.layout.notice import notice_of
from wardround.web.layout.said import said

register = template.Library()
register.filter("said", said)
register.filter("kind_title", title_of_kind)
register.filter("path_words", path_words)
register.filter("deed_in_words", in_words)
register.filter("role_in_words", role_in_words)

_SIGNS = {
    "up": "M5 .8 9.6 9.2H.4z",
    "down": "M5 9.2.4.8h9.2z",
    "pause": "M1.5 .8h2.6v8.4H1.5zM5.9.8h2.6v8.4H5.9z",
    "alike": "M.8 4.3C2 1.9 3.6 1.9 5 2.8s2.6.9 3.6-.9l.6 1.6C8 5.3 6.4 5.3 5 4.4S2.4 3.5 1.4 5.9zM.8 8.1C2 5.7 3.6 5.7 5 6.6"
    "s2.6.9 3.6-.9l.6 1.6C8 9.1 6.4 9.1 5 8.2s-2.6-.9-3.6 1.5z",
    "unequal": "M1 2.5h8v1.7H1zM1 5.8h8v1.7H1zM6.5.3l1.5.8-4.5 8.6-1.5-.8z",
    "check": "M1 5.4 2.5 3.9 4.2 5.6 7.9 1.6 9.4 3 4.3 8.6z",
}


@register.simple_tag
def site_name() -> str:
    """The name of this hospital or coordinator."""
    return str(settings.HOME.name)


@register.simple_tag
def site_id() -> str:
    """The id of this home: what the browser keeps of one site is not another's."""
    return str(settings.HOME.id)


@register.simple_tag
def idle_seconds() -> int:
    """After so many seconds without a request a person is logged off."""
    return int(settings.SESSION_COOKIE_AGE)


@register.simple_tag
def site_notice() -> str:
    """What a demonstration says on every page; empty on a real site. It is translated where a catalogue has it."""
    notice = notice_of(settings.HOME)
    return gettext(notice) if notice else ""


@register.simple_tag
def sign(name: str) -> SafeString:
    """A small sign before a word that says the same; decoration only."""
    return format_html('<svg class="glyph" viewBox="0 0 10 10" aria-hidden="true"><path d="{}"/></svg>', _SIGNS[name])


@register.filter
def initials(user: object) -> str:
    """Up to two initials of a person's name, without a title: "Dr Ilona Kovács" -> "IK"."""
    words = [w for w in str(user).replace(".", " ").split() if w[0].isalpha() and w.lower() not in {"dr", "prof"}]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
