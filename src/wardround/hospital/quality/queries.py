"""The fix queue: what is held, what was found, and what could not be standardised."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, F, QuerySet

from wardround.clinical.findings import OF_RECORDS
from wardround.hospital.records.access import patients_of, require
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.findings import (
    FoundOnRecord,
    counts_by_kind,
    decided_by_kind,
    findings_by_id,
    resource_findings,
)
from wardround.hospital.records.models import Fact, Resource, ResourceVersion, StandardValue
from wardround.hospital.records.people import person_of
from wardround.hospital.records.queries import value_of
from wardround.hospital.records.stated import stated_at
from wardround.interchange.fhir.json import loads
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class Held:
    """One value or record that waits for a decision.

    `id` is what the actions in records/actions take: decisions.py for a value, record_decisions.py where `is_record`.
    """

    id: int
    patient_id: str
    patient_name: str
    patient_number: str
    resource: str  # "Observation/abc"
    path: str
    measurement: str
    time: datetime | None
    value: float | bool | str | None
    unit: str
    rule: str
    finding: str
    sentence: str
    suggestion: float | None
    suggestion_unit: str
    is_record: bool = False
    suggested: Mapping[str, str] = field(default_factory=dict)  # of a record: what elements were meant to say, by path
    stated: str | None = (
        None  # of a record: the date or code at `path`; None where no single one stands there, or unread
    )


@dataclass(frozen=True)
class Quality:
    """How many values there are, and what is wrong with how many of them and of the records that state them."""

    values: int
    standardised: int
    held: int
    held_by_finding: dict[str, int]
    remarked: dict[str, int]  # findings that hold nothing back
    decided: dict[str, int]  # decision -> how many values
    not_standardised: dict[str, int]  # reason -> how many, the most frequent first


def fix_queue(somebody: object, *, finding: str = "") -> list[Held]:
    """Everything that waits for a decision, oldest first; with `finding`, only of that kind. Raises `NotAllowed`."""
    actor = require(somebody, "quality")
    # What is held only with its record stands there as the record.
    own = patients_of(actor)
    rows = (
        _held()
        .filter(own)
        .exclude(is_record_held=True, finding__in=OF_RECORDS)
        .select_related("resource")
        .order_by("id")
    )
    if finding:
        rows = rows.filter(finding=finding)
    records = resource_findings(actor, kind=finding)
    people = _people({row.patient_id for row in rows} | {found.patient_id for found in records})
    queue = [_line(row, people=people) for row in rows]
    queue += [_record_line(found, people=people) for found in records]
    record_one(actor, "quality.queue", detail={"held": len(queue)})
    return queue


def lines_of(ids: Sequence[int], *, are_records: bool) -> list[Held]:
    """These values or findings, in this order, each record with what stands at its place. Ask after the role."""
    if not are_records:
        values = {row.pk: row for row in _held().filter(pk__in=ids).select_related("resource")}
        people = _people({row.patient_id for row in values.values()})
        return [_line(values[pk], people=people) for pk in ids if pk in values]
    found = {one.id: one for one in findings_by_id(ids)}
    people = _people({one.patient_id for one in found.values()})
    stated = stated_at({one.id: (one.resource, one.path) for one in found.values()})
    return [replace(_record_line(found[pk], people=people), stated=stated.get(pk)) for pk in ids if pk in found]


def quality(somebody: object) -> Quality:
    """The counts of this hospital's records."""
    actor = require(somebody, "quality")
    record_one(actor, "quality.counts")
    present = StandardValue.objects.filter(is_current=True, resource__is_deleted=False)
    measured = present.filter(fact=Fact.MEASUREMENT)
    values = _held().exclude(finding__in=OF_RECORDS)
    records = counts_by_kind(actor, is_held=True)
    return Quality(
        values=measured.count(),
        standardised=measured.filter(not_standard="").count(),
        held=values.count() + sum(records.values()),
        held_by_finding=_added(_counts(values, "finding"), records),
        remarked=_added(
            _counts(present.filter(is_held=False).exclude(finding="").exclude(finding__in=OF_RECORDS), "finding"),
            counts_by_kind(actor, is_held=False),
        ),
        decided=_added(
            _counts(StandardValue.objects.exclude(decision="").exclude(finding__in=OF_RECORDS), "decision"),
            decided_by_kind(actor),
        ),
        not_standardised=_counts(present.exclude(not_standard=""), "not_standard"),
    )


def _held() -> QuerySet[StandardValue]:
    return StandardValue.objects.filter(is_held=True, is_current=True)


def _counts(rows: QuerySet[StandardValue], column: str) -> dict[str, int]:
    return dict(rows.values_list(column).annotate(many=Count("id")).order_by("-many", column))


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return dict((Counter(one) + Counter(other)).most_common())


def _people(patient_ids: set[str]) -> dict[str, tuple[str, str]]:
    versions = ResourceVersion.objects.filter(
        resource__in=Resource.objects.filter(type="Patient", logical_id__in=patient_ids),
        number=F("resource__version"),
    ).select_related("resource__data_key")
    bodies = open_bodies(versions)
    return dict(_named(versions, bodies=bodies))


def _named(versions: QuerySet[ResourceVersion], *, bodies: dict[int, bytes]) -> Iterator[tuple[str, tuple[str, str]]]:
    for version in versions:
        person = person_of(loads(bodies[version.resource_id]))
        yield version.resource.logical_id, (person.name, person.number)


def _line(row: StandardValue, *, people: dict[str, tuple[str, str]]) -> Held:
    name, number = people.get(row.patient_id, ("", ""))
    return Held(
        id=row.pk,
        patient_id=row.patient_id,
        patient_name=name,
        patient_number=number,
        resource=str(row.resource),
        path=row.path,
        measurement=row.measurement,
        time=row.time,
        value=value_of(row),
        unit=row.unit,
        rule=row.rule,
        finding=row.finding,
        sentence=row.finding_sentence,
        suggestion=row.suggestion,
        suggestion_unit=row.suggestion_unit,
    )


def _record_line(found: FoundOnRecord, *, people: dict[str, tuple[str, str]]) -> Held:
    name, number = people.get(found.patient_id, ("", ""))
    return Held(
        id=found.id,
        patient_id=found.patient_id,
        patient_name=name,
        patient_number=number,
        resource=found.resource,
        path=found.path,
        measurement="",
        time=None,
        value=None,
        unit="",
        rule="",
        finding=found.kind,
        sentence=found.sentence,
        suggestion=None,
        suggestion_unit="",
        is_record=True,
        suggested=found.suggestion,
    )
