"""What the chart says around a value, for the plausibility rules: the same moment, the values before and after, age, sex."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from wardround.clinical.plausibility import ValueContext
from wardround.hospital.records.models import Fact, StandardValue

_Moment = tuple[str, int]  # (patient, microseconds since _EPOCH): a chart is sorted and searched by them
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND
_NEAREST = 10  # values on each side; a chart of years of monitoring costs no more to judge in than a short one
# Only the year of birth stands beside the records, so the age may be a year more or less.
_AGE_WITHIN = 1.0


class Charts:
    """The charts of several patients as far as the rules look at them: what is stored, and what is on its way."""

    def __init__(self) -> None:
        self._together: dict[_Moment, dict[str, float]] = defaultdict(dict)
        self._series: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
        self._birth_year: dict[str, int] = {}
        self._sex: dict[str, str] = {}

    def read(
        self,
        patient_ids: Iterable[str],
        *,
        measurements: Iterable[str],
        times: Iterable[datetime],
        without: Iterable[int],
    ) -> None:
        """Read what is stored of these patients around these times; rows of resources `without` are to be replaced."""
        patients, replaced = set(patient_ids), set(without)
        if not patients:
            return
        of_patients = StandardValue.objects.filter(patient_id__in=patients, is_current=True)
        persons = of_patients.filter(fact__in=[Fact.GENDER, Fact.BIRTH_YEAR])
        for row in persons:
            if row.resource_id not in replaced:
                self.add(row)
        moments = sorted(set(times))
        if not moments:
            return
        values = _around(of_patients.filter(measurement__in=set(measurements)), first=moments[0], last=moments[-1])
        columns = ("resource_id", "patient_id", "measurement", "time", "value_number", "is_held")
        for resource_id, patient_id, measurement, time, value, is_held in values.values_list(*columns):
            if resource_id not in replaced:
                at = _microseconds(time)
                self._together[(patient_id, at)][measurement] = value
                if not is_held:
                    insort(self._series[(patient_id, measurement)], (at, value))

    def add(self, row: StandardValue) -> None:
        """Let the chart know a value before any of its moment is judged."""
        if row.fact == Fact.BIRTH_YEAR and row.value_number is not None:
            self._birth_year[row.patient_id] = int(row.value_number)
        elif row.fact == Fact.GENDER:
            self._sex[row.patient_id] = row.value_text
        elif row.time is not None and row.value_number is not None:
            at = _microseconds(row.time)
            self._together[(row.patient_id, at)][row.measurement] = row.value_number
            insort(self._series[(row.patient_id, row.measurement)], (at, row.value_number))

    def settle(self, row: StandardValue) -> None:
        """A value that turned out to be held says nothing about the others any more, but for its swapped partner."""
        if row.time is None or row.value_number is None or not row.is_held:
            return
        series = self._series[(row.patient_id, row.measurement)]
        at = _microseconds(row.time)
        entry = (at, row.value_number)
        if entry in series:
            series.remove(entry)
        if row.finding != "swapped_pressures":
            self._together[(row.patient_id, at)].pop(row.measurement, None)

    def around(self, row: StandardValue) -> ValueContext:
        """The context of one value."""
        if row.time is None:
            return ValueContext(sex=self._sex_of(row.patient_id))
        at = _microseconds(row.time)
        others = self._together.get((row.patient_id, at), {})
        birth_year = self._birth_year.get(row.patient_id)
        return ValueContext(
            others={key: value for key, value in others.items() if key != row.measurement},
            history=self._history(row.patient_id, row.measurement, at),
            age_years=row.time.year - birth_year if birth_year is not None else None,
            age_within=_AGE_WITHIN,
            sex=self._sex_of(row.patient_id),
        )

    def _history(self, patient_id: str, measurement: str, at: int) -> tuple[tuple[float, float], ...]:
        """The nearest values on both sides as (days, value); what was measured at the same moment says nothing."""
        series = self._series[(patient_id, measurement)]
        before, after = bisect_left(series, (at,)), bisect_left(series, (at + 1,))
        nearest = series[max(before - _NEAREST, 0) : before] + series[after : after + _NEAREST]
        return tuple([((moment - at) / _DAY, value) for moment, value in nearest])

    def _sex_of(self, patient_id: str) -> Literal["male", "female"] | None:
        match self._sex.get(patient_id):
            case "male":
                return "male"
            case "female":
                return "female"
        return None


def _microseconds(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def _around(values: QuerySet[StandardValue], *, first: datetime, last: datetime) -> QuerySet[StandardValue]:
    """What lies between two moments, and the nearest values before and after them; no held value of other times."""
    side = Case(
        When(time__lt=first, then=Value(-1)), When(time__gt=last, then=Value(1)), default=0, output_field=IntegerField()
    )
    groups = [F("patient_id"), F("measurement"), F("side")]
    return (
        values.filter(Q(is_held=False) | Q(time__range=(first, last)), value_number__isnull=False, time__isnull=False)
        .annotate(side=side)
        .annotate(
            before=Window(RowNumber(), partition_by=groups, order_by=F("time").desc()),
            after=Window(RowNumber(), partition_by=groups, order_by=F("time").asc()),
        )
        .filter(Q(side=0) | Q(side=-1, before__lte=_NEAREST) | Q(side=1, after__lte=_NEAREST))
    )
