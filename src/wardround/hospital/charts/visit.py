"""The days of the latest visit: what was done on day 0, day 1, day 2."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

# Measurements that lie further apart belong to another visit.
LONGEST_GAP = timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """One day of a visit. `number` counts from its first day, 0."""

    number: int
    date: date
    titles: tuple[str, ...]


def latest_visit(events: Iterable[tuple[datetime | None, str]]) -> tuple[Day, ...]:
    """From (time, what was done) to the days of the latest visit, each thing named once a day, in order of time."""
    timed = sorted((timezone.localtime(time), title) for time, title in events if time is not None)
    days: dict[date, list[str]] = {}
    for time, title in timed:
        if days and time.date() - max(days) > LONGEST_GAP:
            days.clear()
        titles = days.setdefault(time.date(), [])
        if title not in titles:
            titles.append(title)
    first = min(days, default=None)
    return tuple(
        Day(number=(day - first).days, date=day, titles=tuple(titles))
        for day, titles in sorted(days.items())
        if first is not None
    )
