"""Every read of the records. What screens, training and the demo may call:

banner(patient)                        -> Banner            name, number, gender, birth, age
observations(patient, keys)            -> list[Value]       standard values of these measurements, newest first
standard_values(patient)               -> list[Value]       all of them, with findings and decisions
problems(patient)                      -> list[Problem]     diagnoses
procedures(patient)                    -> list[Problem]     procedures, in the same form
history(patient, resource_type, id)    -> list[Version]     versions of one resource, newest first
standard_facts(patient)                -> Facts             what learning may use of one patient (held values left out)
iter_patients_facts(actor)             -> Iterator[Facts]   the same of every patient, in two queries
facts_of_patients(ids, by=actor)       -> Iterator[Facts]   the same of these
mark_now(), patients_changed_since()   -> list[str]         whose records were written to since a moment

`patient` always comes from `access.patient_for`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from django.db.models import F, QuerySet

from wardround.hospital.records.access import Patient, require
from wardround.hospital.records.bodies import open_bodies, open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Fact, ResourceVersion, StandardValue
from wardround.hospital.records.people import person_of
from wardround.interchange.fhir.json import loads
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class Banner:
    """Who this chart is about."""

    id: str
    name: str
    number: str
    number_system: str
    gender: str
    birth: str
    age: int | None  # today
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


class FactValue(NamedTuple):
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


def banner(patient: Patient) -> Banner:
    """Who the chart is about."""
    version = _present_versions("Patient", logical_id=patient.id).get()
    resource = loads(open_bodies([version])[version.resource_id])
    person = person_of(resource)
    return Banner(
        id=patient.id,
        name=person.name,
        number=person.number,
        number_system=person.number_system,
        gender=person.gender,
        birth=person.birth,
        age=person.age,
        resource=resource,
    )


def observations(patient: Patient, keys: Sequence[str]) -> list[Value]:
    """The present standard values of these measurements, newest first."""
    return [value_from(row) for row in _values_of(patient).filter(measurement__in=keys)]


def standard_values(patient: Patient) -> list[Value]:
    """Every present value of the patient's observations, also what is held or could not be standardised, newest first."""
    return [value_from(row) for row in _values_of(patient)]


def waiting_values(patient: Patient) -> list[Value]:
    """The present measured values of the patient that wait for a decision, newest first."""
    return [value_from(row) for row in _values_of(patient).filter(is_held=True).exclude(measurement="")]


def problems(patient: Patient) -> list[Problem]:
    """The patient's diagnoses, newest first."""
    return _coded(patient, fact=Fact.CONDITION, type_name="Condition")


def procedures(patient: Patient) -> list[Problem]:
    """The patient's procedures, newest first, in the form of problems."""
    return _coded(patient, fact=Fact.PROCEDURE, type_name="Procedure")


def history(patient: Patient, resource_type: str, logical_id: str) -> list[Version]:
    """The versions of one resource in this patient's chart, newest first; empty when it is not in it."""
    versions = (
        ResourceVersion.objects.filter(
            resource__type=resource_type, resource__logical_id=logical_id, resource__patient_id=patient.id
        )
        .select_related("resource__data_key", "provenance")
        .order_by("-number")
    )
    keyring = Keyring()
    return [
        Version(
            number=version.number,
            recorded=version.recorded,
            activity=version.provenance.activity,
            agent=version.provenance.agent_name,
            reason=version.provenance.reason,
            batch=version.provenance.batch,
            position=version.provenance.position,
            body=open_body(version, keyring=keyring).decode() if version.body else "",
        )
        for version in versions
    ]


def standard_facts(patient: Patient) -> Facts:
    """What learning may use of this patient."""
    rows = _fact_rows().filter(patient_id=patient.id)
    return facts_from(patient.id, rows=rows)


def iter_patients_facts(somebody: object) -> Iterator[Facts]:
    """What learning may use of every patient who has any; ordered by patient id; one query."""
    actor = require(somebody, "training")
    record_one(actor, "facts.read")
    rows = _fact_rows().exclude(patient_id="").order_by("patient_id", "time", "id").iterator(5_000)
    for patient_id, of_patient in groupby(rows, key=lambda row: row.patient_id):
        yield facts_from(patient_id, rows=of_patient)


def facts_of_patients(patient_ids: Sequence[str], *, by: object) -> Iterator[Facts]:
    """What learning may use of these patients, of those who have any."""
    actor = require(by, "training")
    record_one(actor, "facts.read", detail={"patients": len(patient_ids)})
    for start in range(0, len(patient_ids), 500):
        rows = _fact_rows().filter(patient_id__in=patient_ids[start : start + 500])
        for patient_id, of_patient in groupby(
            rows.order_by("patient_id", "time", "id"), key=lambda row: row.patient_id
        ):
            yield facts_from(patient_id, rows=of_patient)


@dataclass(frozen=True)
class Mark:
    """How far the records had come at a moment: the last version and the last standard value that were written."""

    version: int
    value: int


def mark_now() -> Mark:
    last = {"version": ResourceVersion.objects, "value": StandardValue.objects}
    return Mark(**{name: rows.order_by("-pk").values_list("pk", flat=True).first() or 0 for name, rows in last.items()})


def patients_changed_since(mark: Mark, *, most: int) -> list[str]:
    """Patients in whose charts something was written since, `most` of them at most. Ids only; nothing of them is read."""
    versions = ResourceVersion.objects.filter(pk__gt=mark.version).values_list("resource__patient_id")
    values = StandardValue.objects.filter(pk__gt=mark.value).values_list("patient_id")
    found = versions.union(values)[: most + 1]
    return sorted(one for (one,) in found if one)[:most]


class FactRow(Protocol):
    """The columns of a standard value that are facts: a row of the table, or a StandardValue that is not stored."""

    patient_id: str
    is_held: bool
    fact: str
    measurement: str
    code_system: str
    code: str
    time: datetime | None
    value_number: float | None
    value_text: str
    unit: str


def _fact_rows() -> QuerySet[StandardValue, Any]:
    """As named tuples: a chart of years has thousands, and a cohort millions."""
    found = StandardValue.objects.filter(is_current=True, resource__is_deleted=False, not_standard="")
    return found.order_by("time", "id").values_list(*FactRow.__annotations__, named=True)


def facts_from(patient_id: str, *, rows: Iterable[FactRow]) -> Facts:
    """What learning may use of these rows of one patient, stored or not, in the order of their times."""
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
            value = value_of(row)
            values.append(FactValue(row.fact, row.measurement, row.code_system, row.code, row.time, value, row.unit))
    return Facts(patient_id=patient_id, gender=gender, birth_year=birth_year, values=tuple(values), held=held)


def value_of(row: FactRow) -> float | bool | str | None:
    """The value in its own type: a number, True or False, or the code of an answer."""
    if row.value_number is not None:
        return row.value_number
    return {"true": True, "false": False}.get(row.value_text, row.value_text or None)


def _present_versions(type_name: str, *, logical_id: str) -> QuerySet[ResourceVersion]:
    return ResourceVersion.objects.filter(
        resource__type=type_name, resource__logical_id=logical_id, number=F("resource__version")
    ).select_related("resource__data_key")


def _values_of(patient: Patient) -> QuerySet[StandardValue]:
    return (
        StandardValue.objects.filter(patient_id=patient.id, fact=Fact.MEASUREMENT, is_current=True)
        .select_related("resource")
        .order_by(F("time").desc(nulls_last=True), "id")
    )


def value_from(row: StandardValue) -> Value:
    """A row as screens take it."""
    return Value(
        id=row.pk,
        resource_type=row.resource.type,
        resource_id=row.resource.logical_id,
        version=row.version,
        path=row.path,
        measurement=row.measurement,
        time=row.time,
        value=value_of(row),
        unit=row.unit,
        rule=row.rule,
        not_standard=row.not_standard,
        is_held=row.is_held,
        finding=row.finding,
        finding_sentence=row.finding_sentence,
        suggestion=row.suggestion,
        suggestion_unit=row.suggestion_unit,
        decision=row.decision,
        decided_by=row.decided_by,
        decided=row.decided,
        decision_reason=row.decision_reason,
    )


def _coded(patient: Patient, *, fact: Fact, type_name: str) -> list[Problem]:
    versions = ResourceVersion.objects.filter(
        resource__type=type_name,
        resource__patient_id=patient.id,
        resource__is_deleted=False,
        number=F("resource__version"),
    ).select_related("resource__data_key")
    bodies = {pk: loads(text) for pk, text in open_bodies(versions).items()}
    rows = StandardValue.objects.filter(resource__in=bodies, fact=fact, is_current=True).select_related("resource")
    return [
        Problem(
            resource_id=row.resource.logical_id,
            system=row.code_system,
            code=row.code,
            title=_title(bodies[row.resource_id].get("code", {})),
            onset=row.time,
            status=_status(bodies[row.resource_id]),
            is_held=row.is_held,
        )
        for row in rows.order_by(F("time").desc(nulls_last=True), "id")
    ]


def _title(concept: dict[str, Any]) -> str:
    shown = [coding.get("display") or coding.get("code", "") for coding in concept.get("coding", [])]
    return str(concept.get("text") or next(filter(None, shown), ""))


def _status(resource: dict[str, Any]) -> str:
    codes = [coding.get("code", "") for coding in resource.get("clinicalStatus", {}).get("coding", [])]
    return codes[0] if codes else str(resource.get("status", ""))
