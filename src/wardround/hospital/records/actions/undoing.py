"""Taking back a batch: what it brought is deleted, what it changed is as it was before."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet

from wardround.hospital.records.access import actor_of
from wardround.hospital.records.actions.writing import Writing
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.errors import RecordError
from wardround.hospital.records.examination import examine
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import MERGES, Origin
from wardround.interchange.fhir.json import loads


class NotUndoable(RecordError):
    """Something later depends on the batch."""


@dataclass(frozen=True)
class Undone:
    """How many resources an undo deleted and how many it set back."""

    deleted: int
    set_back: int


@transaction.atomic
def undo_writes(batch: str, *, by: object) -> Undone:
    """Take back everything that this batch wrote. Raises `NotUndoable` when something later depends on it."""
    hold_other_writers()
    touched = Resource.objects.filter(versions__provenance__batch=batch).distinct()
    before = _versions_before(touched, batch=batch)
    set_back = {version.resource_id for version in before}
    _nothing_later(touched, batch=batch, set_back=set_back)
    origin = Origin(actor=actor_of(by), activity="undo", reason=f"Batch {batch} was undone.")
    deleted = list(touched.exclude(pk__in=set_back).select_related("data_key"))
    writing = Writing(origin, blind=BlindIndex(), keyring=Keyring())
    writing.remove(deleted)
    writing.flush()
    _set_back(before, origin=origin)
    return Undone(deleted=len(deleted), set_back=len(before))


def _nothing_later(touched: QuerySet[Resource], *, batch: str, set_back: set[int]) -> None:
    present = ResourceVersion.objects.filter(resource__in=touched, number=F("resource__version"))
    merged = present.filter(provenance__activity="merge").count()
    if merged:
        raise NotUndoable(
            f"{merged} of its resources are in charts that were merged after this batch. Undo the merge first."
        )
    # What a merge and its undo wrote is what was there before.
    others = ResourceVersion.objects.filter(resource=OuterRef("resource"), number__gt=OuterRef("number"))
    latest = ResourceVersion.objects.filter(resource__in=touched).exclude(provenance__activity__in=MERGES)
    latest = latest.filter(~Exists(others.exclude(provenance__activity__in=MERGES)))
    changed = latest.exclude(provenance__batch=batch).count()
    if changed:
        raise NotUndoable(
            f"{changed} of its resources were changed after this batch, by a decision or another import. "
            "Undo what came later first."
        )
    patients = touched.filter(type="Patient").exclude(pk__in=set_back).values("logical_id")
    others_there = Resource.objects.filter(patient_id__in=patients, is_deleted=False)
    others_there = others_there.exclude(pk__in=touched.values("pk"))
    if others_there.exists():
        raise NotUndoable(
            f"{others_there.count()} resources that came otherwise lie in the charts of patients whom this batch brought. "
            "Undo what came later first."
        )


def _versions_before(touched: QuerySet[Resource], *, batch: str) -> list[ResourceVersion]:
    """The last version of each resource from before the batch, where there is one."""
    latest: dict[int, ResourceVersion] = {}
    own = ResourceVersion.objects.filter(resource__in=touched, provenance__batch=batch)
    last = dict(own.values_list("resource").annotate(Max("number")))
    versions = ResourceVersion.objects.filter(resource__in=touched).exclude(provenance__batch=batch).exclude(body=b"")
    for version in versions.select_related("resource__data_key", "provenance__code_mapping").order_by("number"):
        if version.number < last[version.resource_id]:  # a merge that was taken back may have written it again since
            latest[version.resource_id] = version
    deleted = _deleted_before(touched, batch=batch)
    return [version for version in latest.values() if deleted.get(version.resource_id, 0) < version.number]


def _deleted_before(touched: QuerySet[Resource], *, batch: str) -> dict[int, int]:
    tombstones = ResourceVersion.objects.filter(resource__in=touched, body=b"").exclude(provenance__batch=batch)
    tombstones = tombstones.exclude(provenance__activity__in=MERGES)
    return dict(tombstones.order_by("number").values_list("resource_id", "number"))


def _set_back(before: Sequence[ResourceVersion], *, origin: Origin) -> None:
    """Write the body from before as a new version, under the code mapping that it came with."""
    keyring, blind = Keyring(), BlindIndex()
    by_mapping: dict[str, list[ResourceVersion]] = {}
    for version in before:
        mapping = version.provenance.code_mapping
        by_mapping.setdefault(mapping.digest if mapping else "", []).append(version)
    for versions in by_mapping.values():
        own = Origin(
            actor=origin.actor,
            activity=origin.activity,
            reason=origin.reason,
            code_mapping=versions[0].provenance.code_mapping,
        )
        resources = [loads(open_body(version, keyring=keyring)) for version in versions]
        identities = Identities(blind)
        identities.look_up(resources)
        examined = [examine(r, identities=identities, blind=blind, origin=own) for r in resources]
        writing = Writing(own, blind=blind, keyring=keyring)
        writing.look_up(examined)
        for one in examined:
            writing.add([one])
        writing.flush()
