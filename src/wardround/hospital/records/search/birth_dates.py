"""Whole birth dates as people type them into a search box: 14-Mar-1958, 14.03.1958, 14/3/1958, 1958-03-14, 14 March 1958."""

import re
from collections.abc import Iterator
from datetime import date

from wardround.web.layout.dates import month_in

_SEPARATED = r"[\s./-]+"
_FORMS = re.compile(
    rf"(?<!\w)(?:(?P<y>\d{{4}}){_SEPARATED}(?P<m>\d{{1,2}}|[^\W\d_]{{3,12}}){_SEPARATED}(?P<d>\d{{1,2}})\.?"
    rf"|(?P<first>\d{{1,2}}){_SEPARATED}(?P<second>\d{{1,2}}|[^\W\d_]{{3,12}}){_SEPARATED}(?P<year>\d{{4}})"
    r"|(?P<packed>\d{8}))(?!\w)"
)


def birth_dates_in(text: str) -> tuple[frozenset[str], str]:
    """The day that stands in the text, as FHIR writes it, and the text without it.

    Two days where day and month may stand either way round (04/03/1958); none where no day of the calendar is meant: then the
    text stays whole.
    """
    for match in _FORMS.finditer(text):
        days = frozenset(day.isoformat() for day in _days(match.groupdict()))
        if days:
            return days, f"{text[: match.start()]} {text[match.end() :]}".strip()
    return frozenset(), text


def _days(part: dict[str, str | None]) -> Iterator[date]:
    if packed := part["packed"]:
        orders = [(packed[:4], packed[4:6], packed[6:])]
    elif part["y"]:
        orders = [(part["y"], part["m"] or "", part["d"] or "")]
    else:
        first, second, year = part["first"] or "", part["second"] or "", part["year"] or ""
        orders = [(year, second, first), (year, first, second)]
    for year, month, day in orders:
        number = month_in(month)
        if number and day.isdecimal() and int(year) > 1800:
            try:
                yield date(int(year), number, int(day))
            except ValueError:
                continue
