"""The records behind a number, read when somebody asks: a list may be as long as the store."""

from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from wardround.hospital.quality.checks import Record
from wardround.hospital.records.models import Resource, ResourceFinding, StandardValue

_AT_ONCE = 2_000
Behind = Callable[[], Iterator[Record]]


def values(rows: QuerySet[StandardValue]) -> Behind:
    """Standard values, each with what was found on it or why it has no standard form."""

    def records() -> Iterator[Record]:
        for row in rows.select_related("resource").order_by("id").iterator(_AT_ONCE):
            yield Record(str(row.resource), row.patient_id, row.path, row.not_standard or row.finding_sentence, row.pk)

    return records


def findings(rows: QuerySet[ResourceFinding]) -> Behind:
    """Findings on records, a record once: the one that holds it before those that only remark on it."""

    def records() -> Iterator[Record]:
        seen: set[int] = set()
        for row in rows.select_related("resource").order_by("resource_id", "-is_held", "id").iterator(_AT_ONCE):
            if row.resource_id not in seen:
                seen.add(row.resource_id)
                yield Record(str(row.resource), row.patient_id, row.path, row.sentence)

    return records


def resources(rows: QuerySet[Resource], *, why: str) -> Behind:
    """Resources for one reason."""

    def records() -> Iterator[Record]:
        for row in rows.order_by("pk").iterator(_AT_ONCE):
            yield Record(str(row), row.patient_id or (row.logical_id if row.type == "Patient" else ""), "", why)

    return records
