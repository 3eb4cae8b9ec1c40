"""Dates in a chart: real days only, in an order that a life allows. A year or a year and month is a date too."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from wardround.clinical.errors import UnreadableDate
from wardround.clinical.findings import Finding

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?")
_LONGEST_LIFE_YEARS = 130


@dataclass(frozen=True)
class PartialDate:
    """A date as precise as it was given: all days from `first` to `last`."""

    first: date
    last: date


def read_date(text: str) -> PartialDate:
    """The days that a FHIR date or dateTime (1963, 1963-05, 1963-05-14, 1963-05-14T08:30:00Z) can mean.

    Raises UnreadableDate with a sentence that says what would be right. The clock time is not looked at.
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise UnreadableDate("The date is not written as year, year-month or year-month-day, such as 1963-05-14.")
    year = int(match[1])
    month, day = (int(part) if part else None for part in match.groups()[1:])
    problem = calendar_problem(year, month=month, day=day)
    if problem is not None:
        raise UnreadableDate(problem)
    last_month = month or 12
    last_day = day or calendar.monthrange(year, last_month)[1]
    return PartialDate(date(year, month or 1, day or 1), date(year, last_month, last_day))


def calendar_problem(year: int, *, month: int | None = None, day: int | None = None) -> str | None:
    """Why the calendar has no such day, in a sentence; None when it has."""
    if not 1 <= year <= date.max.year:
        return f"There is no year {year}; a year has four digits, such as 1963."
    if month is None:
        return None
    if not 1 <= month <= 12:
        return f"There is no month {month}; months run from 1 to 12."
    if day is None:
        return None
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        name = calendar.month_name[month]
        return f"There is no {day} {name} {year}; {name} {year} has {days} days."
    return None


def check_dates(
    event: str | None = None, *, today: date, birth: str | None = None, end: str | None = None, death: str | None = None
) -> tuple[Finding, ...]:
    """What cannot be true about the dates of one record; every finding is held.

    `event`, `end`: when it was measured or began, and ended; `birth`, `death`: of the patient. Partial dates are judged
    by the days they leave open: someone born in 1963 may have been measured in 1963.
    """
    given = {"event": event, "end": end, "birth": birth, "death": death}
    dates: dict[str, PartialDate] = {}
    found: list[str] = []
    for name, text in given.items():
        if not text:
            continue
        try:
            dates[name] = read_date(text)
        except UnreadableDate as error:
            found.append(f"{_NAMES[name]} is not a date. {error}")
    found += _against_today(dates, today=today)
    found += _order(dates)
    return tuple(Finding("date", sentence, held=True) for sentence in found)


_NAMES = {
    "event": "The date of the record",
    "end": "The end date",
    "birth": "The birth date",
    "death": "The date of death",
}
_ORDERS = (
    ("birth", "event", "it should be on or after the day of birth"),
    ("birth", "end", "it should be on or after the day of birth"),
    ("birth", "death", "it should be on or after the day of birth"),
    ("event", "end", "an end comes on or after its beginning"),
    ("event", "death", "a measurement is made in life"),
)


def _against_today(dates: dict[str, PartialDate], *, today: date) -> list[str]:
    found = [
        f"{_NAMES[name]} lies in the future; it should be {today.isoformat()} or earlier."
        for name, given in dates.items()
        if given.first > today
    ]
    birth = dates.get("birth")
    if birth is not None and birth.last.year < today.year - _LONGEST_LIFE_YEARS:
        earliest = today.year - _LONGEST_LIFE_YEARS
        found.append(
            f"The birth date is more than {_LONGEST_LIFE_YEARS} years ago; it should be in {earliest} or later."
        )
    return found


def _order(dates: dict[str, PartialDate]) -> list[str]:
    return [
        f"{_NAMES[later]} lies before {_lowered(_NAMES[earlier])}: {right}."
        if later != "death" or earlier == "birth"
        else f"{_NAMES[earlier]} lies after {_lowered(_NAMES[later])}: {right}."
        for earlier, later, right in _ORDERS
        if earlier in dates and later in dates and dates[later].last < dates[earlier].first
    ]


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
