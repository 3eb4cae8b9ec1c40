"""Index rows and findings made anew from the stored bodies, after the code that makes them has changed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from wardround.hospital.records.access import require
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.duplicates import sameness
from wardround.hospital.records.held_records import hold_stored_values
from wardround.hospital.records.indexing import INDEX_VERSION, Indexed, write_rows
from wardround.hospital.records.models import Resource, ResourceVersion, StandardValue
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.record_judgement import Arrival, Surroundings, judge_records
from wardround.hospital.records.standard_quantities import standard_entries
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.same_entries import entry_of
from wardround.interchange.fhir.search import index_entries
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

SLICE = 500


@dataclass(frozen=True)
class Reindexed:
    """How far it went."""

    done: int
    left: int


def reindex(
    by: Actor, *, everything: bool = False, size: int = SLICE, on_progress: Callable[[Reindexed], None] | None = None
) -> Reindexed:
    """Make the index rows of every present resource whose rows are of earlier code; of all with `everything`.

    Slice by slice, each whole or not at all and in the audit trail: what was interrupted goes on where it stopped. In
    whose chart a resource lies stays as it was stored, for its body is encrypted under that patient's key.
    """
    require(by, "write")
    if everything:
        Resource.objects.exclude(index_version=0).update(index_version=0)
    waiting = Resource.objects.filter(is_deleted=False, index_version__lt=INDEX_VERSION)
    done, left = 0, waiting.count()
    while left:
        number = _slice(by, size=size)
        if not number:
            break
        done, left = done + number, max(0, left - number)
        if on_progress:
            on_progress(Reindexed(done, left))
    return Reindexed(done, waiting.count())


@transaction.atomic
def _slice(by: Actor, *, size: int) -> int:
    hold_other_writers()
    waiting = Resource.objects.filter(is_deleted=False, index_version__lt=INDEX_VERSION).order_by("pk")[:size]
    rows = {row.pk: row for row in waiting}
    newest = {row.pk: row.version for row in rows.values()}
    versions = [
        version
        for version in ResourceVersion.objects.filter(resource__in=rows).select_related("resource__data_key")
        if version.number == newest[version.resource_id]
    ]
    values: dict[int, list[StandardValue]] = {}
    for value in StandardValue.objects.filter(resource__in=rows, is_current=True):
        values.setdefault(value.resource_id, []).append(value)
    indexed = []
    for pk, text in open_bodies(versions).items():
        resource = loads(text)
        standard = standard_entries(resource, values.get(pk, ()))
        indexed.append(Indexed(rows[pk], resource, [*index_entries(resource), *standard]))
    blind = BlindIndex()
    write_rows(indexed, replaced=list(rows), blind=blind)
    for one in indexed:
        one.row.index_version = INDEX_VERSION
        one.row.sameness = sameness(entry_of(one.resource), patient_id=one.row.patient_id, blind=blind)
    Resource.objects.bulk_update(rows.values(), ["index_version", "sameness"], batch_size=100)
    arrivals = [Arrival(one.row, one.resource) for one in indexed]
    found = judge_records(arrivals, around=Surroundings(), now=timezone.now())
    hold_stored_values(list(rows), found=found)
    if rows:
        record_one(by, "record.reindex", detail={"resources": len(rows), "index": INDEX_VERSION})
    return len(rows)
