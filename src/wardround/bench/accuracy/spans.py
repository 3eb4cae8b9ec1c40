"""Which values really occur in a set of records, and how far a value really moves from one time to the next."""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from wardround.bench.accuracy.charts import Chart, Value, values_of

Series = dict[tuple[str, str], list[Value]]
EARLIER = 3  # a history is made of at least so many values
_NATURAL = 0.99  # of all real steps from one value to the next, so many are smaller than a step that shows
_FEWEST_STEPS = 30


@dataclass(frozen=True)
class Spans:
    """`range_of`: the least and greatest real value of a code and unit. `step_of`: the 99th percentile of |ln(value / before)|."""

    range_of: Mapping[tuple[str, str], tuple[Decimal, Decimal]]
    step_of: Mapping[str, float]

    def is_among(self, value: Value, wrong: Decimal) -> bool:
        """Whether somebody in these records really has such a value."""
        low, high = self.range_of.get((value.code, value.unit), (value.number, value.number))
        return low <= wrong <= high

    def shows_in(self, before: Decimal, wrong: Decimal, *, code: str) -> bool:
        """Whether the step is larger than 99 of 100 real ones."""
        step = self.step_of.get(code)
        if step is None or before <= 0 or wrong <= 0:
            return False
        return abs(math.log(wrong / before)) > step


def series_of(charts: Iterable[Chart]) -> Series:
    """The values of each patient and code in the order of time."""
    series: Series = defaultdict(list)
    for chart in charts:
        for resource in chart.records:
            for value in values_of(resource, patient_id=chart.id):
                series[chart.id, value.code].append(value)
    for values in series.values():
        values.sort(key=lambda value: value.time)
    return series


def spans_of(series: Series) -> Spans:
    """Measured in the records themselves, as they came."""
    seen: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    steps: dict[str, list[float]] = defaultdict(list)
    for (_patient, code), values in series.items():
        for value in values:
            low, high = seen.get((code, value.unit), (value.number, value.number))
            seen[code, value.unit] = (min(low, value.number), max(high, value.number))
        for before, value in itertools.pairwise(values):
            if before.number > 0 and value.number > 0 and before.unit == value.unit:
                steps[code].append(abs(math.log(value.number / before.number)))
    return Spans(
        range_of=seen,
        step_of={
            code: sorted(found)[min(len(found) - 1, int(len(found) * _NATURAL))]
            for code, found in steps.items()
            if len(found) >= _FEWEST_STEPS
        },
    )
