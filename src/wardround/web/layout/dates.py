"""Dates and times as pages print them, after the NHS Common User Interface, and as people type them: read back as FHIR writes them."""

import re
from datetime import date, datetime
from typing import Any

from django.utils import formats, timezone

from wardround.clinical.plain_text import without_accents

# The beginnings of the months' names in the languages of the screens, without accents: English, German, Hungarian.
_MONTHS = (
    ("jan",),
    ("feb",),
    ("mar", "maerz"),
    ("apr",),
    ("may", "mai", "maj"),
    ("jun",),
    ("jul",),
    ("aug",),
    ("sep", "sze"),
    ("oct", "okt"),
    ("nov",),
    ("dec", "dez"),
)
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-.](\d{1,2})(?:[-.](\d{1,2}))?)?\.?")
_DAY_FIRST = re.compile(r"(?:(\d{1,2})[-. ]+)?(\d{1,2}|[^\W\d_]{3,12})[-. ]+(\d{4})")
_CLOCK = re.compile(r"(.+?)[T ]+(\d{1,2}:\d{2})")
_DAY, _MONTH = 10, 7  # letters of a whole date, and of a month


def when_text(text: Any) -> str:
    """A FHIR date as far as it is known: 2011, Mar-2011, 14-Mar-2011, 14-Mar-2011 08:30."""
    if not isinstance(text, str) or not text[:4].isdecimal():
        return ""
    try:
        if "T" in text:
            moment = datetime.fromisoformat(text)
            return printed_time(moment)
        if len(text) == _DAY:
            return formats.date_format(date.fromisoformat(text), "d-M-Y")
        if len(text) == _MONTH:
            return formats.date_format(date.fromisoformat(f"{text}-01"), "M-Y")
    except ValueError:
        return text
    return text


def day_text(text: Any) -> str:
    """The same without the time of day."""
    return when_text(text).partition(" ")[0]


def printed_time(moment: datetime | None) -> str:
    """14-Mar-2011 08:30 in the site's time; empty where no time is known."""
    if moment is None:
        return ""
    return formats.date_format(timezone.localtime(moment) if timezone.is_aware(moment) else moment, "d-M-Y H:i")


def fhir_date(text: str) -> str:
    """The FHIR form of a date as people write it and as pages print it; "" for what is none."""
    year_first = _YEAR_FIRST.fullmatch(text.strip())
    day_first = _DAY_FIRST.fullmatch(text.strip())
    if year_first:
        year, month, day = year_first.groups()
    elif day_first:
        day, month, year = day_first.groups()
    else:
        return ""
    if month and not (number := month_in(month)):
        return ""
    try:
        whole = date(int(year), number if month else 1, int(day or 1)).isoformat()
    except ValueError:
        return ""
    return whole if day else whole[:_MONTH] if month else whole[:4]


def fhir_time(text: str) -> str:
    """The same with a time of day, which is an instant of the site's zone; FHIR's own form stays as it is."""
    try:
        return text.strip() if timezone.is_aware(datetime.fromisoformat(text.strip())) else _local(text)
    except ValueError:
        return _local(text)


def _local(text: str) -> str:
    with_clock = _CLOCK.fullmatch(text.strip())
    if with_clock is None:
        return fhir_date(text)
    day = fhir_date(with_clock[1])
    try:
        moment = datetime.fromisoformat(f"{day}T{with_clock[2].zfill(5)}")
    except ValueError:
        return ""
    return timezone.make_aware(moment).isoformat(timespec="seconds") if len(day) == _DAY else ""


def month_in(text: str) -> int:
    """Which month a number or a name means, in any of these languages; 0 for none."""
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else 0
    word = without_accents(text)
    return next((n for n, starts in enumerate(_MONTHS, 1) if word.startswith(starts)), 0)
