"""The fix queue: what is held, what was found, and what could not be standardised."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, QuerySet

from wardround.hospital.records.access import require
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Fact, Resource, ResourceVersion, StandardValue
from wardround.hospital.records.people import person_of
from wardround.hospital.records.queries import value_of
from wardround.interchange.fhir.json import loads
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class Held:
    """One value that waits for a decision (`id` is what the actions in records/actions/decisions.py take)."""

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


@dataclass(frozen=True)
class Quality:
    """How many values there are, and what is wrong with how many."""

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
    rows = _held().select_related("resource").order_by("id")
    if finding:
        rows = rows.filter(finding=finding)
    people = _people({row.patient_id for row in rows})
    queue = [_line(row, people=people) for row in rows]
    record_one(actor, "quality.queue", detail={"held": len(queue)})
    return queue


def quality(somebody: object) -> Quality:
    """The counts of this hospital's records."""
    actor = require(somebody, "quality")
    record_one(actor, "quality.counts")
    present = StandardValue.objects.filter(is_current=True, resource__is_deleted=False)
    measured = present.filter(fact=Fact.MEASUREMENT)
    return Quality(
        values=measured.count(),
        standardised=measured.filter(not_standard="").count(),
        held=_held().count(),
        held_by_finding=_counts(_held(), "finding"),
        remarked=_counts(present.filter(is_held=False).exclude(finding=""), "finding"),
        decided=_counts(StandardValue.objects.exclude(decision=""), "decision"),
        not_standardised=_counts(present.exclude(not_standard=""), "not_standard"),
    )


def _held() -> QuerySet[StandardValue]:
    return StandardValue.objects.filter(is_held=True, is_current=True)


def _counts(rows: QuerySet[StandardValue], column: str) -> dict[str, int]:
    return dict(rows.values_list(column).annotate(many=Count("id")).order_by("-many", column))


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
