"""Dates that cannot be: before birth, after death, in the future, ends before starts, day and month swapped, the wrong century.

Every date of the record moves with it, as when a visit is dated wrongly: what gives it away is the rest of the chart.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from wardround.bench.accuracy.charts import Chart, Resource, birth_of, day_of, death_of
from wardround.bench.accuracy.plants import Kind, Surroundings, Written

_ELEMENTS = ("effectiveDateTime", "issued", "onsetDateTime", "recordedDate", "occurrenceDateTime", "authoredOn")
_PERIODS = ("period", "performedPeriod")
# Not Encounters: with a visit's dates everything recorded in it would look wrong, and it is right.
_DATED = frozenset({"Observation", "Condition", "Procedure", "Immunization", "MedicationRequest"})


def before_birth(resource: Resource, chart: Chart, _around: Surroundings, dice: Random) -> Written | None:
    """Some days to ten years before the patient was born."""
    birth = _day(birth_of(chart.patient))
    if birth is None:
        return None
    return _moved_to(resource, birth - timedelta(days=dice.randrange(2, 3650)))


def after_death(resource: Resource, chart: Chart, around: Surroundings, dice: Random) -> Written | None:
    """Some days to a year after the patient died."""
    death = _day(death_of(chart.patient))
    if death is None:
        return None
    moved = death + timedelta(days=dice.randrange(3, 365))
    return _moved_to(resource, moved) if moved.isoformat() < around.today else None


def future(resource: Resource, _chart: Chart, around: Surroundings, dice: Random) -> Written | None:
    """A month to ten years from now."""
    return _moved_to(resource, date.fromisoformat(around.today) + timedelta(days=dice.randrange(30, 3650)))


def day_month_swapped(resource: Resource, _chart: Chart, around: Surroundings, _dice: Random) -> Written | None:
    """The 3rd of July for the 7th of March, in a record of a visit that was in March."""
    day = _day(day_of(resource))
    start, end = around.periods.get(str(resource.get("encounter", {}).get("reference", "")), ("", ""))
    if day is None or day.day > 12 or day.day == day.month or not start or not end:
        return None
    swapped = date(day.year, day.day, day.month)
    if start[:10] <= swapped.isoformat() <= end[:10]:
        return None
    return _moved_to(resource, swapped)


def wrong_century(resource: Resource, _chart: Chart, _around: Surroundings, dice: Random) -> Written | None:
    """2009 as 1909, or as 2109."""
    years = dice.choice((-100, 100))
    return _rewritten(resource, lambda text: _in_year(text, years=years))


def birth_in_wrong_century(resource: Resource, chart: Chart, _around: Surroundings, dice: Random) -> Written | None:
    """The patient's birth date a hundred years off; which of the chart's dates is wrong, nobody can know."""
    birth = birth_of(chart.patient)
    if len(birth) < 4:
        return None
    wrong = _in_year(birth, years=dice.choice((-100, 100)))
    return Written(
        {**resource, "birthDate": wrong}, wrong, path="Patient.birthDate", also=frozenset({f"chart:{chart.id}"})
    )


def end_before_start(resource: Resource, _chart: Chart, _around: Surroundings, dice: Random) -> Written | None:
    """The end of a period a day to two years before its start."""
    name = next((name for name in _PERIODS if {"start", "end"} <= resource.get(name, {}).keys()), None)
    abated = resource.get("abatementDateTime")
    if name is None and not (abated and resource.get("onsetDateTime")):
        return None
    start = _day(day_of(resource))
    if start is None:
        return None
    end = start - timedelta(days=dice.randrange(1, 730))
    changed = copy.deepcopy(resource)
    if name is None:
        changed["abatementDateTime"] = f"{end.isoformat()}{str(abated)[10:]}"
    else:
        changed[name]["end"] = f"{end.isoformat()}{changed[name]['end'][10:]}"
    return Written(changed, end.isoformat())


def _moved_to(resource: Resource, day: date) -> Written | None:
    before = _day(day_of(resource))
    if before is None:
        return None
    step = day - before
    return _rewritten(resource, lambda text: _shifted(text, step))


def _rewritten(resource: Resource, rewrite: Callable[[str], str]) -> Written | None:
    if resource["resourceType"] not in _DATED:
        return None
    changed = copy.deepcopy(resource)
    for holder, name in _dates(changed):
        holder[name] = rewrite(holder[name])
    return Written(changed, day_of(changed))


def _dates(resource: Resource) -> Iterator[tuple[Resource, str]]:
    """Where its dates stand; an end of a condition years later is another visit's and stays."""
    for name in _ELEMENTS:
        if isinstance(resource.get(name), str):
            yield resource, name
    for name in _PERIODS:
        for edge in ("start", "end"):
            if isinstance(resource.get(name, {}).get(edge), str):
                yield resource[name], edge


def _shifted(text: str, step: timedelta) -> str:
    day = _day(text)
    return text if day is None else f"{(day + step).isoformat()}{text[10:]}"


def _in_year(text: str, *, years: int) -> str:
    moved = f"{int(text[:4]) + years:04d}{text[4:]}"
    return moved if _day(moved) or len(text) < 10 else f"{moved[:8]}28{moved[10:]}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


KINDS = (
    Kind("before_birth", "date", to_record=before_birth),
    Kind("after_death", "date", to_record=after_death),
    Kind("future", "date", to_record=future),
    Kind("end_before_start", "date", to_record=end_before_start),
    Kind("day_month_swapped", "date", to_record=day_month_swapped),
    Kind("wrong_century", "date", to_record=wrong_century),
    Kind("birth_in_wrong_century", "date", to_patient=birth_in_wrong_century),
)
