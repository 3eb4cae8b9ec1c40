"""What was planted: the error, where, and the truth behind it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Literal

from wardround.bench.accuracy.charts import Chart, Resource, Value
from wardround.bench.accuracy.spans import Spans

Group = Literal["gross", "history", "hidden", "other"]
Family = Literal[
    "decimal", "unit", "impossible", "date", "sex", "history", "digits", "pressures", "duplicate", "status", "missing"
]
GROSS: frozenset[Family] = frozenset({"decimal", "unit", "impossible", "date", "sex"})


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One planted error.

    `resource`, `path`: where the wrong thing stands ("Observation/abc", "Observation.valueQuantity"; no path: the record).
    `also`: other places that are equally right to doubt (the other pressure; the first of two duplicates).
    `true`, `true_unit`: what stood there. `lands_among_others`: somebody in these records really has
    such a value. `shows_in_history`: the patient has earlier values, and the step from the last is larger than real ones are.
    """

    kind: str
    family: Family
    patient_id: str
    resource: str
    path: str = ""
    also: frozenset[str] = frozenset()
    true: Decimal | None = None
    true_unit: str = ""
    written: str = ""
    code: str = ""
    lands_among_others: bool = False
    shows_in_history: bool = False

    @property
    def place(self) -> str:
        return f"{self.resource}#{self.path}" if self.path else self.resource

    @property
    def group(self) -> Group:
        """`gross`: nobody in these records has such a value. `history`: somebody has, and the patient's history tells it.
        `hidden`: somebody has, and the history is too short or too restless to tell it. `other`: the rest."""
        if self.family in ("decimal", "unit") and self.lands_among_others:
            return "history" if self.shows_in_history else "hidden"
        if self.family in GROSS:
            return "gross"
        return "history" if self.family == "history" else "other"


@dataclass(frozen=True)
class Written:
    """How a record reads after the slip: the changed resource, or a further one beside it."""

    resource: Resource
    text: str
    is_added: bool = False
    path: str = ""
    also: frozenset[str] = frozenset()
    wrong: Decimal | None = None  # the wrong number in the unit it had, where it is one


@dataclass
class Surroundings:
    """What a slip may look at: the chart it happens in, all charts, and the day of the benchmark ("2026-11-26")."""

    charts: dict[str, Chart]
    series: dict[tuple[str, str], list[Value]]  # (patient, code) -> values in time
    spans: Spans
    keys: set[str]  # of every record: a further one gets another
    today: str
    sexed: dict[str, list[Resource]] = field(default_factory=dict)  # sex -> records that only that sex has
    periods: dict[str, tuple[str, str]] = field(default_factory=dict)  # "Encounter/abc" -> (start, end)
    patients_with: dict[str, list[str]] = field(default_factory=dict)  # code -> patients who have values of it
    pools: dict[str, list[Resource]] = field(default_factory=dict)  # what a slip looked up once, by its own name for it
    panels: dict[tuple[str, str], list[Value]] = field(default_factory=dict)  # (patient, time) -> values taken together


ValueSlip = Callable[[Value, Surroundings, Random], Written | None]
RecordSlip = Callable[[Resource, Chart, Surroundings, Random], Written | None]


@dataclass(frozen=True)
class Kind:
    """One kind of error: how it happens to a value, to a record, or to a patient."""

    name: str
    family: Family
    to_value: ValueSlip | None = None
    to_record: RecordSlip | None = None
    to_patient: RecordSlip | None = None
