"""A time that a record states, in the boxes of a form: by day and time, or as a date where less than a day is known."""

from collections.abc import Sequence
from itertools import pairwise

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from wardround.hospital.entry.boxes import Box, Words
from wardround.hospital.entry.reading import Reading
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import interval

_DAY = 10  # letters of a whole date


def time_box(name: str, label: Words, *, stands: str, hint: Words = "", is_required: bool = False) -> Box:
    """The box for a time; of a month or a year alone a browser's box for days could show nothing."""
    kind = "date" if 0 < len(stands) < _DAY else "moment"
    return Box(name, label, kind, hint=hint, is_required=is_required)  # type: ignore[arg-type]


def typed_time(name: str, text: str) -> dict[str, str]:
    """What the box holds for this time, as FHIR writes it."""
    moment = parse_datetime(text) if len(text) > _DAY else None
    if moment is not None:
        local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
        return {name: "", f"{name}_date": f"{local:%Y-%m-%d}", f"{name}_time": f"{local:%H:%M}"}
    is_day = len(text) == _DAY
    return {name: "" if is_day else text, f"{name}_date": text if is_day else "", f"{name}_time": ""}


def read_time(reading: Reading, box: Box, *, missing: str = "") -> str:
    """The time as FHIR writes it; "" for none. What the source never said need not be said now."""
    if box.kind == "date":
        return reading.date(box.name, missing=missing)
    stood = reading.stood(f"{box.name}_date")
    return reading.moment(box.name, missing=missing if stood is None or stood else "")


def is_before(one: str, other: str) -> bool:
    """Does all of one time lie before the other, as far as both are known? Midnight is not meant where a day is."""
    try:
        first, second = (interval(text, zone=timezone.get_current_timezone()) for text in (one, other))
    except NotADate:
        return False
    return first.high <= second.low


def are_in_order(times: Sequence[str]) -> bool:
    """Can these happen one after the other? Times that are not known are passed over."""
    known = [time for time in times if time]
    return not any(is_before(later, first) for first, later in pairwise(known))
