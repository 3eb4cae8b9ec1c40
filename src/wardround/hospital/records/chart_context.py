"""What the chart says around a value, for the plausibility rules: the same moment, the moment before, age and sex."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from wardround.clinical.plausibility import ValueContext
from wardround.hospital.records.models import Fact, StandardValue

_Moment = tuple[str, datetime]  # (patient, time)


class Charts:
    """The charts of several patients as far as the rules look at them: what is stored, and what is on its way."""

    def __init__(self) -> None:
        self._together: dict[_Moment, dict[str, float]] = defaultdict(dict)
        self._series: dict[tuple[str, str], list[tuple[datetime, float]]] = defaultdict(list)
        self._birth_year: dict[str, int] = {}
        self._sex: dict[str, str] = {}

    def read(self, patient_ids: Iterable[str], *, measurements: Iterable[str], without: Iterable[int]) -> None:
        """Read what is stored of these patients; rows of the resources `without` are about to be replaced."""
        of_patients = StandardValue.objects.filter(patient_id__in=set(patient_ids), is_current=True)
        persons = of_patients.filter(fact__in=[Fact.GENDER, Fact.BIRTH_YEAR])
        values = of_patients.filter(measurement__in=set(measurements), value_number__isnull=False)
        replaced = set(without)
        for row in (*persons, *values):
            if row.resource_id not in replaced:
                self.add(row)
                self.settle(row)

    def add(self, row: StandardValue) -> None:
        """Let the chart know a value before any of its moment is judged."""
        if row.fact == Fact.BIRTH_YEAR and row.value_number is not None:
            self._birth_year[row.patient_id] = int(row.value_number)
        elif row.fact == Fact.GENDER:
            self._sex[row.patient_id] = row.value_text
        elif row.time is not None and row.value_number is not None:
            self._together[(row.patient_id, row.time)][row.measurement] = row.value_number

    def settle(self, row: StandardValue) -> None:
        """Let a judged value count as the one before later ones; a held value does not."""
        if row.time is not None and row.value_number is not None and not row.is_held:
            insort(self._series[(row.patient_id, row.measurement)], (row.time, row.value_number))

    def around(self, row: StandardValue) -> ValueContext:
        """The context of one value."""
        if row.time is None:
            return ValueContext(sex=self._sex_of(row.patient_id))
        others = self._together.get((row.patient_id, row.time), {})
        before = [value for time, value in self._series[(row.patient_id, row.measurement)] if time < row.time]
        birth_year = self._birth_year.get(row.patient_id)
        return ValueContext(
            others={key: value for key, value in others.items() if key != row.measurement},
            previous={row.measurement: before[-1]} if before else {},
            age_years=row.time.year - birth_year if birth_year is not None else None,
            sex=self._sex_of(row.patient_id),
        )

    def birth_year_of(self, patient_id: str) -> int | None:
        return self._birth_year.get(patient_id)

    def _sex_of(self, patient_id: str) -> Literal["male", "female"] | None:
        match self._sex.get(patient_id):
            case "male":
                return "male"
            case "female":
                return "female"
        return None
