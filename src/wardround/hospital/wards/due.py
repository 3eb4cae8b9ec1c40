"""When observations are due: so many hours after the last ones, or from the admission on where there are none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DEFAULT_HOURS = 4
CHOICES = (1, 2, 4, 6, 8, 12, 24)
_SOON = timedelta(minutes=30)


@dataclass(frozen=True)
class Due:
    """`at`: when they are due. `late`: how long ago that was, below zero while it is to come."""

    at: datetime
    late: timedelta

    @property
    def is_overdue(self) -> bool:
        return self.late > timedelta(0)

    @property
    def is_soon(self) -> bool:
        return not self.is_overdue and self.late >= -_SOON


def due(last: datetime | None, *, admitted: datetime | None, every_hours: int, now: datetime) -> Due:
    """`last`: of the vital signs that the patient has. Nobody who was admitted is left out for having none."""
    at = last + timedelta(hours=every_hours) if last is not None else admitted or now
    return Due(at, now - at)
