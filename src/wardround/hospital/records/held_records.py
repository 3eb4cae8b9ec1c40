"""What a held record states is held with it, and free again with it."""

from collections.abc import Iterable, Mapping, Sequence

from wardround.clinical.findings import OF_RECORDS
from wardround.hospital.records.models import Decision, Fact, ResourceFinding, StandardValue

_COLUMNS = ["is_held", "is_record_held", "finding", "finding_sentence", "decision", "decided_by", "decided"]
_OF_A_PATIENT = (Fact.GENDER, Fact.BIRTH_YEAR)
Holding = Mapping[int, Sequence[ResourceFinding]]


def holding(found: Iterable[ResourceFinding]) -> dict[int, list[ResourceFinding]]:
    """The findings that hold a record, by its row."""
    held: dict[int, list[ResourceFinding]] = {}
    for finding in found:
        if finding.is_held:
            held.setdefault(finding.resource_id, []).append(finding)
    return held


def hold(row: StandardValue, *, by: Sequence[ResourceFinding]) -> bool:
    """Hold a value with its record; is it held by that? Of a Patient only the element in question is held.

    A finding of its own that holds it stays on the row: the value waits for both decisions.
    """
    if not by:
        return False
    finding = next((f for f in by if row.fact not in _OF_A_PATIENT or f.path == row.path), None)
    if finding is None:
        return False
    row.is_record_held = True
    if not row.is_held:
        row.is_held = True
        row.finding, row.finding_sentence = finding.kind, finding.sentence
        row.decision, row.decided_by, row.decided = "", "", None
    return True


def release(row: StandardValue) -> None:
    """Its record is not held any more; what holds the value itself still does."""
    row.is_record_held = False
    if row.finding in OF_RECORDS:
        row.is_held = False
        row.finding, row.finding_sentence = "", ""
    elif row.decision == Decision.CONFIRMED:
        row.is_held = False


def is_held_with_its_record(value: StandardValue) -> bool:
    """Is there nothing odd about the value, but about the whole record?"""
    return value.is_record_held and value.finding in OF_RECORDS


def hold_stored_values(resources: Sequence[int], *, found: Iterable[ResourceFinding]) -> None:
    """Bring the present values of these resources in line with the findings on them."""
    if not resources:
        return
    held = holding(found)
    present = StandardValue.objects.filter(resource__in=resources, is_current=True)
    changed = []
    for row in present.filter(is_record_held=True):
        if not (row.resource_id in held and hold(row, by=held[row.resource_id])):
            release(row)
            changed.append(row)
    free = present.filter(is_record_held=False, resource__in=held)
    changed += [row for row in free if hold(row, by=held[row.resource_id])]
    StandardValue.objects.bulk_update(changed, _COLUMNS, batch_size=100)
