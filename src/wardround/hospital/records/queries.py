"""Every read of the records. What screens, training and the demo may call:

patient_page(actor, search, page)      -> PatientPage       the list, by name, number or year of birth
banner(patient)                        -> Banner            name, number, gender, birth, age
observations(patient, keys)            -> list[Value]       standard values of these measurements, newest first
standard_values(patient)               -> list[Value]       all of them, with findings and decisions
problems(patient)                      -> list[Problem]     diagnoses
history(patient, resource_type, id)    -> list[Version]     versions of one resource, newest first
standard_facts(patient)                -> Facts             what learning may use of one patient (held values left out)
iter_patients_facts(actor)             -> Iterator[Facts]   the same of every patient, in two queries

`patient` always comes from `access.patient_for`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from wardround.hospital.records.access import Patient, require
from wardround.hospital.records.models import Fact, StandardValue


@dataclass(frozen=True)
class PatientLine:
    """One line of the patient list."""

    id: str
    name: str
    number: str
    gender: str
    birth: str  # as recorded: "1963" or "1963-05-02"
    age: int | None
    held: int  # values that wait for a decision


@dataclass(frozen=True)
class PatientPage:
    """One page of the patient list."""

    lines: tuple[PatientLine, ...]
    total: int
    page: int
    pages: int
    search: str


@dataclass(frozen=True)
class Banner:
    """Who this chart is about."""

    id: str
    name: str
    number: str
    number_system: str
    gender: str
    birth: str
    age: int | None  # in the year of the latest record; from the birth year when there is no date
    resource: dict[str, object]


@dataclass(frozen=True)
class Value:
    """One value in standard form, with what is known about it."""

    id: int
    resource_type: str
    resource_id: str
    version: int
    path: str
    measurement: str  # catalogue key; empty when it could not be standardised
    time: datetime | None
    value: float | bool | str | None
    unit: str
    rule: str
    not_standard: str
    is_held: bool
    finding: str
    finding_sentence: str
    suggestion: float | None
    suggestion_unit: str
    decision: str
    decided_by: str
    decided: datetime | None
    decision_reason: str


@dataclass(frozen=True)
class Problem:
    """One diagnosis."""

    resource_id: str
    system: str
    code: str
    title: str
    onset: datetime | None
    status: str
    is_held: bool


@dataclass(frozen=True)
class Version:
    """One version of one resource, and where it came from."""

    number: int
    recorded: datetime
    activity: str
    agent: str
    reason: str
    batch: str
    position: str
    body: str


@dataclass(frozen=True)
class FactValue:
    """One thing that learning may use. `measurement` is a catalogue key; a condition or procedure has `system`, `code`."""

    fact: str
    measurement: str
    system: str
    code: str
    time: datetime | None
    value: float | bool | str | None
    unit: str


@dataclass(frozen=True)
class Facts:
    """What learning may use of one patient; held values are left out and counted."""

    patient_id: str
    gender: str
    birth_year: int | None
    values: tuple[FactValue, ...]
    held: int


def standard_facts(patient: Patient) -> Facts:
    """What learning may use of this patient."""
    rows = _fact_rows().filter(patient_id=patient.id)
    return _facts(patient.id, rows=rows)


def iter_patients_facts(somebody: object) -> Iterator[Facts]:
    """What learning may use of every patient who has any; ordered by patient id; one query."""
    require(somebody, "training")
    rows = _fact_rows().exclude(patient_id="").order_by("patient_id", "time", "id").iterator(5_000)
    for patient_id, of_patient in groupby(rows, key=lambda row: row.patient_id):
        yield _facts(patient_id, rows=of_patient)


def _fact_rows() -> QuerySet[StandardValue]:
    return StandardValue.objects.filter(is_current=True, resource__is_deleted=False, not_standard="").order_by(
        "time", "id"
    )


def _facts(patient_id: str, *, rows: Iterable[StandardValue]) -> Facts:
    gender, birth_year, held = "", None, 0
    values: list[FactValue] = []
    for row in rows:
        if row.is_held:
            held += 1
        elif row.fact == Fact.GENDER:
            gender = row.value_text
        elif row.fact == Fact.BIRTH_YEAR and row.value_number is not None:
            birth_year = int(row.value_number)
        else:
            values.append(
                FactValue(
                    fact=row.fact,
                    measurement=row.measurement,
                    system=row.code_system,
                    code=row.code,
                    time=row.time,
                    value=value_of(row),
                    unit=row.unit,
                )
            )
    return Facts(patient_id=patient_id, gender=gender, birth_year=birth_year, values=tuple(values), held=held)


def value_of(row: StandardValue) -> float | bool | str | None:
    """The value in its own type: a number, True or False, or the code of an answer."""
    if row.value_number is not None:
        return row.value_number
    return {"true": True, "false": False}.get(row.value_text, row.value_text or None)
