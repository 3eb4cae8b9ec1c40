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
        context = ValueContext(age_years=age, age_within=_WITHIN, sex=self.sex)
        is_child = age is not None and age + _WITHIN < ADULT_YEARS
        if is_child and measurement.key in _for_adults() and not _has_own_range(measurement, context=context):
            return None
        return limits_for(measurement, "reference", context=context)


def _has_own_range(measurement: Measurement, *, context: ValueContext) -> bool:
    """Does the catalogue state a usual range for a group of ages that this patient may be in?"""
    age = context.age_years or 0.0
    youngest, oldest = max(age - context.age_within, 0.0), age + context.age_within
    groups = (band.group for name, bands in measurement.bands if name == "reference" for band in bands)
    return any(group.may_hold(youngest=youngest, oldest=oldest, sex=context.sex) for group in groups)


@cache
def _for_adults() -> frozenset[str]:
    """The measurements whose usual range for everybody says itself that it is an adult's; it is stated before those of groups."""
    first: dict[str, str] = {}
    for key, which, source in load_catalogue().limit_sources:
        if which == "reference":
            first.setdefault(key, source)
    return frozenset(key for key, source in first.items() if "adult" in source)
