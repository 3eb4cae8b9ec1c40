"""Values that had no standard meaning, looked at again when the hospital's own ConceptMaps have come or changed.

Bodies stay; what they mean beside them is made anew. Slice by slice, each whole or not at all and in the audit trail.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from wardround.hospital.records.access import require
from wardround.hospital.records.actions.rejudging import JudgedAgain, judged_again
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.held_records import holding
from wardround.hospital.records.indexing import Indexed, write_rows
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import ResourceFinding, StandardValue
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Origin
from wardround.hospital.records.standard_quantities import standard_entries
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one
from wardround.web.many_rows import insert_objects

_SLICE = 300
_BY_CODE = ("unknown_code", "conflicting_codes")  # what another map can mend


@dataclass(frozen=True)
class Restandardised:
    """How many resources were looked at, and how many of their values have a standard meaning now."""

    resources: int
    values: int


def restandardise(by: Actor) -> Restandardised:
    """Look again at every present value whose code was not known."""
    require(by, "quality")
    last, resources, values = 0, 0, 0
    while True:
        looked_at, now_standard, last = _slice(by, after=last)
        if not looked_at:
            return Restandardised(resources, values)
        resources, values = resources + looked_at, values + now_standard


@transaction.atomic
def _slice(by: Actor, *, after: int) -> tuple[int, int, int]:
    hold_other_writers()
    waiting = StandardValue.objects.filter(
        is_current=True, not_standard_kind__in=_BY_CODE, resource__is_deleted=False, resource__gt=after
    )
    pks = sorted(set(waiting.order_by("resource").values_list("resource", flat=True)[: 4 * _SLICE]))[:_SLICE]
    if not pks:
        return 0, 0, after
    held = holding(ResourceFinding.objects.filter(resource__in=pks, is_current=True))
    again = judged_again(pks, origin=Origin(actor=by, activity="update"), keyring=Keyring(), held=held)
    unclear = Counter(
        StandardValue.objects.filter(resource__in=pks, is_current=True)
        .exclude(not_standard="")
        .values_list("resource", flat=True)
    )
    mended = {one.row.pk: unclear[one.row.pk] - sum(bool(v.not_standard_kind) for v in one.values) for one in again}
    changed = [one for one in again if mended[one.row.pk] > 0]
    _write(changed)
    now_standard = sum(mended[one.row.pk] for one in changed)
    record_one(by, "record.restandardise", detail={"resources": len(pks), "values": now_standard})
    return len(pks), now_standard, pks[-1]


def _write(changed: Sequence[JudgedAgain]) -> None:
    pks = [one.row.pk for one in changed]
    StandardValue.objects.filter(resource__in=pks, is_current=True).update(is_current=False)
    indexed = []
    for one in changed:
        for value in one.values:
            value.row.version = one.row.version
        standard = standard_entries(one.examined.resource, [value.row for value in one.values])
        indexed.append(Indexed(one.row, one.examined.resource, [*one.examined.entries, *standard]))
    insert_objects(value.row for one in changed for value in one.values)
    write_rows(indexed, replaced=pks, blind=BlindIndex())
