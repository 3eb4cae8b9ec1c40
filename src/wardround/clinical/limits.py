"""Which limits of a measurement hold for this patient: by age as far as it is known, and by sex."""

import math

from wardround.clinical.findings import ValueContext
from wardround.clinical.measurements import Change, LimitName, Limits, Measurement

ADULT_YEARS = 18


def limits_for(m: Measurement, which: LimitName, *, context: ValueContext) -> Limits | None:
    """The limits of this kind; the widest of the groups the patient may be in, those for everybody when none fits."""
    everybody: Limits | None = getattr(m, which)
    if context.age_years is None or not m.bands:
        return everybody
    youngest, oldest = _ages(context)
    low, high = math.inf, -math.inf
    for name, bands in m.bands:
        if name == which:
            for band in bands:
                if band.group.may_hold(youngest=youngest, oldest=oldest, sex=context.sex):
                    low, high = min(low, band.limits[0]), max(high, band.limits[1])
    return (low, high) if low < high else everybody


def plausible_for(m: Measurement, *, context: ValueContext) -> Limits | None:
    """The plausible limits, and where the catalogue has none the possible ones."""
    return limits_for(m, "plausible", context=context) or limits_for(m, "possible", context=context)


def change_for(m: Measurement, *, context: ValueContext) -> Change | None:
    """How far a value truly moves in this patient: the quickest of the groups the patient may be in."""
    if not m.changes:
        return None
    youngest, oldest = _ages(context)
    fitting = [c for c in m.changes if c.group.may_hold(youngest=youngest, oldest=oldest, sex=context.sex)]
    return max(fitting, key=lambda c: c.year, default=None)


def _ages(context: ValueContext) -> tuple[float, float]:
    if context.age_years is None:
        return 0.0, math.inf
    return max(context.age_years - context.age_within, 0.0), context.age_years + context.age_within
