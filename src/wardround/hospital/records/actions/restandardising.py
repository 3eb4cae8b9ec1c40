"""Values that had no standard meaning, looked at again when the hospital's own ConceptMaps have come or changed.

Bodies stay; what they mean beside them is made anew. Slice by slice, each whole or not at all and in the audit trail.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from wardround.hospital.records.access import require
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.examination import Examined, examine
from wardround.hospital.records.held_records import holding
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.indexing import Indexed, write_rows
from wardround.hospital.records.judgement import Judged, judge
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceFinding, ResourceVersion, StandardValue
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Origin
from wardround.hospital.records.standard_quantities import standard_entries
from wardround.interchange.fhir.json import loads
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
    versions = ResourceVersion.objects.filter(resource__in=pks, number=F("resource__version")).select_related(
        "resource__data_key", "provenance__code_mapping"
    )
    by_mapping: dict[str, list[ResourceVersion]] = {}
    for version in versions:
        mapping = version.provenance.code_mapping
        by_mapping.setdefault(mapping.digest if mapping else "", []).append(version)
    changed = [one for of_mapping in by_mapping.values() for one in _judged(of_mapping, by=by)]
    _write(changed)
    now_standard = sum(not value.row.not_standard for _examined, _row, values in changed for value in values)
    record_one(by, "record.restandardise", detail={"resources": len(pks), "values": now_standard})
    return len(pks), now_standard, pks[-1]


def _judged(versions: Sequence[ResourceVersion], *, by: Actor) -> list[tuple[Examined, Resource, list[Judged]]]:
    """The resources whose values stand otherwise now."""
    blind, keyring = BlindIndex(), Keyring()
    origin = Origin(actor=by, activity="update")
    arrivals = [
        (
            examine(
                loads(open_body(version, keyring=keyring)),
                identities=Identities(blind),
                blind=blind,
                origin=origin,
                is_named=True,
            ),
            version.resource,
        )
        for version in versions
    ]
    pks = [row.pk for _examined, row in arrivals]
    code_map = code_map_of(versions[0].provenance.code_mapping)
    found = ResourceFinding.objects.filter(resource__in=pks, is_current=True)
    judged = judge(arrivals, code_map=code_map, replaced=pks, held=holding(found))
    return [
        (examined, row, values)
        for (examined, row), values in zip(arrivals, judged, strict=True)
        if any(not value.not_standard_kind for value in values)
    ]


def _write(changed: Sequence[tuple[Examined, Resource, list[Judged]]]) -> None:
    pks = [row.pk for _examined, row, _values in changed]
    StandardValue.objects.filter(resource__in=pks, is_current=True).update(is_current=False)
    indexed = []
    for examined, row, values in changed:
        for value in values:
            value.row.version = row.version
        standard = standard_entries(examined.resource, [value.row for value in values])
        indexed.append(Indexed(row, examined.resource, [*examined.entries, *standard]))
    insert_objects(value.row for _examined, _row, values in changed for value in values)
    write_rows(indexed, replaced=pks, blind=BlindIndex())
