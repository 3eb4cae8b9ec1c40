"""Which versions of a chart's records a page of its change history shows: of one kind, by one person, of one record."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from wardround.hospital.charts.changed_parts import COMPARED
from wardround.hospital.charts.opened import Record
from wardround.hospital.records.access import Patient
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import ResourceFinding, ResourceVersion, StandardValue
from wardround.web.paging import PAGE, Page, page_of


@dataclass(frozen=True)
class Asked:
    """What the reader narrowed the history to; empty means everything."""

    kind: str = ""
    who: str = ""
    record: str = ""  # "Condition/c1"


@dataclass(frozen=True)
class StoredVersion:
    """One version of one resource, opened, with what was made of it."""

    row: ResourceVersion
    record: Record | None  # None for the version that says "deleted"
    stated: tuple[StandardValue, ...]
    findings: tuple[ResourceFinding, ...]  # of the present version only
    earlier: Record | None = None  # the version before, of what is compared part by part

    @property
    def is_present(self) -> bool:
        """Is this what the chart shows now?"""
        return self.row.number == self.row.resource.version and not self.row.resource.is_deleted


@dataclass(frozen=True)
class History:
    """A page of versions, newest first, and what there is to narrow it by."""

    versions: tuple[StoredVersion, ...]
    page: Page
    kinds: tuple[str, ...]
    people: tuple[str, ...]
    asked: Asked
    values_before: Mapping[tuple[int, str], list[StandardValue]] = field(default_factory=dict)

    def before(self, value: StandardValue) -> StandardValue | None:
        """What the same place said in the version before."""
        rows = self.values_before.get((value.resource_id, value.path), ())
        return next((row for row in reversed(rows) if row.version < value.version), None)


def history(patient: Patient, *, asked: Asked, start: int = 0) -> History:
    """One page. Only its versions are decrypted; a constant number of questions."""
    everything = ResourceVersion.objects.filter(resource__patient_id=patient.id)
    wanted = _narrowed(everything, asked)
    total = wanted.count()
    start = min(start, max(total - 1, 0)) // PAGE * PAGE
    rows = list(
        wanted.select_related("resource__data_key", "provenance").order_by("-recorded", "-id")[start : start + PAGE]
    )
    resources = {row.resource_id for row in rows}
    stated: dict[tuple[int, int], list[StandardValue]] = defaultdict(list)
    places: dict[tuple[int, str], list[StandardValue]] = defaultdict(list)
    for value in StandardValue.objects.filter(resource__in=resources).order_by("time", "version", "id"):
        stated[(value.resource_id, value.version)].append(value)
        places[(value.resource_id, value.path)].append(value)
    for found in places.values():
        found.sort(key=lambda value: value.version)
    findings: dict[int, list[ResourceFinding]] = defaultdict(list)
    for finding in ResourceFinding.objects.filter(resource__in=resources, is_current=True).order_by("-is_held", "id"):
        findings[finding.resource_id].append(finding)
    keyring = Keyring()
    earlier = _versions_before(rows, keyring=keyring)
    versions = []
    for row in rows:
        is_present = row.number == row.resource.version and not row.resource.is_deleted
        versions.append(
            StoredVersion(
                row=row,
                record=_opened(row, keyring=keyring) if row.body else None,
                stated=tuple(stated[(row.resource_id, row.number)]),
                findings=tuple(findings[row.resource_id]) if is_present else (),
                earlier=earlier.get((row.resource_id, row.number - 1)),
            )
        )
    return History(
        versions=tuple(versions),
        page=page_of(rows, start=start, total=total),
        kinds=tuple(everything.order_by("resource__type").values_list("resource__type", flat=True).distinct()),
        people=tuple(
            everything.order_by("provenance__agent_name").values_list("provenance__agent_name", flat=True).distinct()
        ),
        asked=asked,
        values_before=places,
    )


def _versions_before(rows: list[ResourceVersion], *, keyring: Keyring) -> dict[tuple[int, int], Record]:
    """The versions before those of a person, a stay or a result, by row and number; one question, where there are any."""
    wanted = {(row.resource_id, row.number - 1) for row in rows if row.number > 1 and row.resource.type in COMPARED}
    if not wanted:
        return {}
    found = ResourceVersion.objects.filter(
        resource__in={resource for resource, _number in wanted}, number__in={number for _resource, number in wanted}
    ).exclude(body=b"")
    return {
        (row.resource_id, row.number): _opened(row, keyring=keyring)
        for row in found.select_related("resource__data_key")
        if (row.resource_id, row.number) in wanted
    }


def _narrowed(versions: QuerySet[ResourceVersion], asked: Asked) -> QuerySet[ResourceVersion]:
    if asked.kind:
        versions = versions.filter(resource__type=asked.kind)
    if asked.who:
        versions = versions.filter(provenance__agent_name=asked.who)
    if asked.record:
        type_name, _slash, logical_id = asked.record.partition("/")
        versions = versions.filter(resource__type=type_name, resource__logical_id=logical_id)
    return versions


def _opened(version: ResourceVersion, *, keyring: Keyring) -> Record:
    return Record(
        row=version.resource_id,
        type=version.resource.type,
        id=version.resource.logical_id,
        version=version.number,
        recorded=version.recorded,
        text=open_body(version, keyring=keyring),
    )
