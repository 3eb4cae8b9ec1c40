"""Dates as forms, systems and people get them wrong; each is denied by the chart: birth, death, today, or the visit it is of."""

import copy
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from wardround.bench.accuracy.charts import Chart, Resource, birth_of, day_of, death_of
from wardround.bench.accuracy.plants import Kind, RecordSlip, Surroundings, Written

_MAIN = ("effectiveDateTime", "onsetDateTime", "occurrenceDateTime", "authoredOn")
_BESIDE = ("issued", "recordedDate")
_PERIODS = ("period", "performedPeriod")
_DATED = frozenset({"Observation", "Condition", "Procedure", "Immunization", "MedicationRequest"})
_AROUND_VISIT = timedelta(days=7)
Redate = Callable[[date, Chart, Random], date | None]


def day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def on(year: int, month: int, day: int) -> date:
    """That day, or the last of the month before it."""
    for last in (day, 30, 29, 28):
        found = day_in(f"{year:04d}-{month:02d}-{last:02d}")
        if found is not None and last <= day:
            return found
    return date(year, month, 28)


def is_denied(resource: Resource, day: date, chart: Chart, around: Surroundings) -> bool:
    """Whether the rest of the chart says that this record cannot be of that day."""
    birth, death = day_in(birth_of(chart.patient)), day_in(death_of(chart.patient))
    if (birth and day < birth) or (death and day > death + _AROUND_VISIT) or day.isoformat() > around.today:
        return True
    visit = around.periods.get(str(resource.get("encounter", {}).get("reference", "")), ("", ""))
    start, end = (day_in(text) for text in visit)
    return bool(start and end and not start - _AROUND_VISIT <= day <= end + _AROUND_VISIT)


def _moved(redate: Redate, *, whole: bool = True) -> RecordSlip:
    """The record on another day; `whole`: with all its dates, otherwise only that of the event, at midnight, as defaults are."""

    def slip(resource: Resource, chart: Chart, around: Surroundings, dice: Random) -> Written | None:
        before = day_in(day_of(resource))
        if before is None or resource["resourceType"] not in _DATED:
            return None
        day = redate(before, chart, dice)
        if day is None or day == before or not is_denied(resource, day, chart, around):
            return None
        changed = copy.deepcopy(resource)
        for holder, name in _dates(changed, whole=whole):
            text = holder[name]
            own = day_in(text)
            if own is not None:
                moved = day + (own - before) if whole else day
                rest = text[10:] if whole or len(text) < 19 else f"T00:00:00{text[19:]}"
                holder[name] = f"{moved.isoformat()}{rest}"
        return Written(changed, day.isoformat()) if changed != resource else None

    return slip


def _dates(resource: Resource, *, whole: bool) -> Iterator[tuple[Resource, str]]:
    for name in (*_MAIN, *_BESIDE) if whole else _MAIN:
        if isinstance(resource.get(name), str):
            yield resource, name
    for name in _PERIODS:
        for edge in ("start", "end"):
            if isinstance(resource.get(name, {}).get(edge), str):
                yield resource[name], edge


def last_years_january(day: date, _chart: Chart, _dice: Random) -> date | None:
    """In January one still writes last year's number."""
    return on(day.year - 1, 1, day.day) if day.month == 1 else None


def month_beside(day: date, _chart: Chart, dice: Random) -> date | None:
    """June for July."""
    month = day.month + dice.choice((-1, 1))
    return on(day.year, month, day.day) if 1 <= month <= 12 else None


def decade_beside(day: date, _chart: Chart, dice: Random) -> date | None:
    """2003 for 2013."""
    return on(day.year + dice.choice((-10, 10)), day.month, day.day)


def year_digits_swapped(day: date, _chart: Chart, _dice: Random) -> date | None:
    """2021 for 2012."""
    year = f"{day.year:04d}"
    return on(int(f"{year[:2]}{year[3]}{year[2]}"), day.month, day.day)


def two_digit_year(day: date, _chart: Chart, _dice: Random) -> date | None:
    """The year 12 for 2012."""
    return on(day.year % 100, day.month, day.day) if day.year % 100 else None


def birth_date(_day: date, chart: Chart, _dice: Random) -> date | None:
    """The patient's date of birth in the field beside its own."""
    return day_in(birth_of(chart.patient))


def discharged_the_year_before(
    resource: Resource, _chart: Chart, _around: Surroundings, _dice: Random
) -> Written | None:
    """A stay that ends a year before it began."""
    end = day_in(str(resource.get("period", {}).get("end", "")))
    start = day_in(day_of(resource))
    if resource["resourceType"] != "Encounter" or end is None or start is None:
        return None
    earlier = on(end.year - 1, end.month, end.day)
    if earlier >= start:
        return None
    changed = copy.deepcopy(resource)
    changed["period"]["end"] = f"{earlier.isoformat()}{changed['period']['end'][10:]}"
    return Written(changed, earlier.isoformat())


def onset_after_end(resource: Resource, _chart: Chart, around: Surroundings, dice: Random) -> Written | None:
    """The year in which an illness began, typed one to nine too high: after it ended."""
    onset, end = (day_in(str(resource.get(name, ""))) for name in ("onsetDateTime", "abatementDateTime"))
    if onset is None or end is None:
        return None
    later = [on(onset.year + years, onset.month, onset.day) for years in range(1, 10)]
    later = [day for day in later if day > end and day.isoformat() < around.today]
    if not later:
        return None
    changed = copy.deepcopy(resource)
    day = dice.choice(later)
    changed["onsetDateTime"] = f"{day.isoformat()}{resource['onsetDateTime'][10:]}"
    return Written(changed, day.isoformat())


def issued_before_taken(resource: Resource, _chart: Chart, _around: Surroundings, dice: Random) -> Written | None:
    """A result that was given out days before the specimen was taken."""
    taken, issued = day_in(str(resource.get("effectiveDateTime", ""))), str(resource.get("issued", ""))
    if taken is None or not issued:
        return None
    day = taken - timedelta(days=dice.randrange(2, 30))
    return Written(copy.deepcopy(resource) | {"issued": f"{day.isoformat()}{issued[10:]}"}, day.isoformat())


def month_above_twelve(resource: Resource, _chart: Chart, _around: Surroundings, _dice: Random) -> Written | None:
    """The 25th of March as month 25 and day 3."""
    day = day_in(day_of(resource))
    name = next((name for name in _MAIN if isinstance(resource.get(name), str)), None)
    if day is None or day.day <= 12 or name is None or resource["resourceType"] not in _DATED:
        return None
    wrong = f"{day.year:04d}-{day.day:02d}-{day.month:02d}"
    return Written(copy.deepcopy(resource) | {name: f"{wrong}{resource[name][10:]}"}, wrong)


KINDS = (
    Kind("default_1900", "date", to_record=_moved(lambda _day, _chart, _dice: date(1900, 1, 1), whole=False)),
    Kind("default_1970", "date", to_record=_moved(lambda _day, _chart, _dice: date(1970, 1, 1), whole=False)),
    Kind("birth_date_as_day_of_service", "date", to_record=_moved(birth_date, whole=False)),
    Kind("last_years_january", "date", to_record=_moved(last_years_january)),
    Kind("month_beside", "date", to_record=_moved(month_beside)),
    Kind("decade_beside", "date", to_record=_moved(decade_beside)),
    Kind("year_digits_swapped", "date", to_record=_moved(year_digits_swapped)),
    Kind("two_digit_year", "date", to_record=_moved(two_digit_year)),
    Kind("discharged_the_year_before", "date", to_record=discharged_the_year_before),
    Kind("onset_after_end", "date", to_record=onset_after_end),
    Kind("issued_before_taken", "date", to_record=issued_before_taken),
    Kind("month_above_twelve", "date", to_record=month_above_twelve),
)
