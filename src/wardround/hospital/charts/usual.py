"""The usual range of a measurement for one patient, as far as the catalogue gives one for their age and sex."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from wardround.clinical.catalogue import Limits, Measurement, load_catalogue
from wardround.clinical.findings import ValueContext
from wardround.clinical.limits import ADULT_YEARS, limits_for

_WITHIN = 1.0  # a year of birth alone leaves the age a year uncertain


@dataclass(frozen=True)
class Whose:
    """Whose values are judged."""

    birth_year: int | None = None
    sex: Literal["male", "female"] | None = None

    def usual(self, measurement: Measurement, *, time: datetime | None) -> Limits | None:
        """The usual range at this time. A range that the catalogue states for adults judges no child."""
        age = None if self.birth_year is None or time is None else float(time.year - self.birth_year)
        is_child = age is not None and age + _WITHIN < ADULT_YEARS
        if is_child and measurement.key in _for_adults():
            return None
        return limits_for(
            measurement, "reference", context=ValueContext(age_years=age, age_within=_WITHIN, sex=self.sex)
        )


@cache
def _for_adults() -> frozenset[str]:
    """The measurements whose only usual range says itself that it is an adult's."""
    ranges: dict[str, list[str]] = {}
    for key, which, source in load_catalogue().limit_sources:
        if which == "reference":
            ranges.setdefault(key, []).append(source)
    return frozenset(key for key, sources in ranges.items() if all("adult" in source for source in sources))
