"""The present records of a chart, opened: of the kinds that a page shows, and no other. Each function is one question."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import DateIndex, ReferenceIndex, Resource, ResourceVersion, TokenIndex
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.values import Observed, observed_values

_SLICE = 500  # a database takes only so many parameters in one question


@dataclass(frozen=True)
class Record:
    """One version of one record: its row, its place in FHIR, and what it says."""

    row: int  # of the Resource
    type: str
    id: str
    version: int
    recorded: datetime  # when this version was written
    text: bytes

    @cached_property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = loads(self.text)
        return body

    @cached_property
    def observed(self) -> dict[str, Observed]:
        """The values as received, by path."""
        return {observed.path: observed for observed in observed_values(self.body)}


def of_types(patient_id: str, types: Iterable[str], *, also: Q | None = None) -> list[Record]:
    """The patient's present records of these types, and those that `also` names, in the order of their arrival."""
    condition = Q(resource__type__in=tuple(types))
    if also is not None:
        condition |= also
    return _opened(_present(patient_id).filter(condition))


def of_patients(patient_ids: Collection[str], types: Iterable[str]) -> dict[str, list[Record]]:
    """The present records of these types of many patients whom the door has given, by patient."""
    found: dict[str, list[Record]] = {patient_id: [] for patient_id in patient_ids}
    ids, kinds = sorted(found), tuple(types)
    for start in range(0, len(ids), _SLICE):
        versions = ResourceVersion.objects.filter(
            resource__patient_id__in=ids[start : start + _SLICE],
            resource__type__in=kinds,
            resource__is_deleted=False,
            number=F("resource__version"),
        ).select_related("resource__data_key")
        whose = dict(versions.values_list("resource_id", "resource__patient_id"))
        for record in _opened(versions):
            found[whose[record.row]].append(record)
    return found


def of_rows(patient_id: str, rows: Collection[int]) -> dict[int, Record]:
    """The present versions of these records of the patient, by row."""
    found: dict[int, Record] = {}
    wanted = sorted(set(rows))
    for start in range(0, len(wanted), _SLICE):
        part = _present(patient_id).filter(resource__in=wanted[start : start + _SLICE])
        found.update((record.row, record) for record in _opened(part))
    return found


def newest(
    patient_id: str, types: Collection[str], *, start: int, size: int, with_errors: bool = False
) -> tuple[list[Record], int, int]:
    """A page of the patient's present records of these types, newest first: the records, where it begins, how many there are.

    The time of a record is the earliest that its search parameters know. Only those of the page are opened; three questions.
    """
    rows = Resource.objects.filter(in_record_of(patient_id), type__in=tuple(types), is_deleted=False)
    rows = rows if with_errors else rows.filter(~in_error())
    total = rows.count()
    start = min(start, max(total - 1, 0)) // size * size
    first = DateIndex.objects.filter(resource=OuterRef("pk")).order_by("low").values("low")[:1]
    timed = rows.annotate(time=Subquery(first)).order_by(F("time").desc(nulls_last=True), "-pk")
    wanted = list(timed.values_list("pk", flat=True)[start : start + size])
    versions = ResourceVersion.objects.filter(
        resource__in=wanted, resource__is_deleted=False, number=F("resource__version")
    ).select_related("resource__data_key")
    found = {record.row: record for record in _opened(versions)}
    return [found[row] for row in wanted if row in found], start, total


def in_error() -> Exists:
    """A condition on resources: their status says that they were entered in error."""
    return Exists(TokenIndex.objects.filter(resource=OuterRef("pk"), parameter="status", code="entered-in-error"))


def in_record_of(patient_id: str) -> Q:
    """A condition on resources: those in the patient's chart, and those in nobody's that name the patient.

    An appointment, a group and a device lie in nobody's chart; a patient whom they name is told of them (whose_chart.py).
    """
    naming = ReferenceIndex.objects.filter(target_type="Patient", target_id=patient_id, resource__patient_id="")
    return Q(patient_id=patient_id) | Q(patient_id="", pk__in=naming.values("resource"))


def one(patient_id: str, type_name: str, logical_id: str) -> Record | None:
    """One present record of the patient."""
    found = _present(patient_id).filter(resource__type=type_name, resource__logical_id=logical_id)
    return next(iter(_opened(found)), None)


def named_in_record_of(patient_id: str, type_name: str, logical_id: str) -> Record | None:
    """One present record of the patient's chart, or one in nobody's that names the patient."""
    found = Resource.objects.filter(
        in_record_of(patient_id), type=type_name, logical_id=logical_id, is_deleted=False
    ).values("pk")
    versions = ResourceVersion.objects.filter(resource__in=found, number=F("resource__version"))
    return next(iter(_opened(versions.select_related("resource__data_key"))), None)


def of_binaries(patient_id: str, ids: Collection[str]) -> list[Record]:
    """Stored files by id: in nobody's chart, or in this patient's."""
    versions = ResourceVersion.objects.filter(
        resource__type="Binary",
        resource__logical_id__in=sorted(ids),
        resource__patient_id__in=("", patient_id),
        resource__is_deleted=False,
        number=F("resource__version"),
    )
    return _opened(versions.select_related("resource__data_key"))


def before(records: Collection[Record]) -> dict[int, Record]:
    """The version before the present one of those that have one, by row."""
    changed = [record.row for record in records if record.version > 1][:_SLICE]
    if not changed:
        return {}
    versions = ResourceVersion.objects.filter(resource__in=changed, number=F("resource__version") - 1)
    found = versions.exclude(body=b"").select_related("resource__data_key")
    return {record.row: record for record in _opened(found)}


def outside(type_name: str, ids: Collection[str]) -> dict[str, Record]:
    """Present records that lie in nobody's chart, such as a ward, by id."""
    versions = ResourceVersion.objects.filter(
        resource__type=type_name,
        resource__logical_id__in=ids,
        resource__patient_id="",
        resource__is_deleted=False,
        number=F("resource__version"),
    )
    return {record.id: record for record in _opened(versions.select_related("resource__data_key"))}


def _present(patient_id: str) -> QuerySet[ResourceVersion]:
    return ResourceVersion.objects.filter(
        resource__patient_id=patient_id, resource__is_deleted=False, number=F("resource__version")
    ).select_related("resource__data_key")


def _opened(versions: QuerySet[ResourceVersion]) -> list[Record]:
    keyring = Keyring()
    return [
        Record(
            row=version.resource_id,
            type=version.resource.type,
            id=version.resource.logical_id,
            version=version.number,
            recorded=version.recorded,
            text=open_body(version, keyring=keyring),
        )
        for version in versions.order_by("resource")
    ]
