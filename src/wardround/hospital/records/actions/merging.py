"""Merging two records of one person, and taking it apart again. Each is one transaction, and every change a new version.

The retired patient's chart moves into the survivor's: references lead to the survivor, every version is sealed under the
survivor's key, values are judged in the joined chart. The retired Patient stays, inactive, with a link to who replaced it;
its numbers find it, and what names it is led to the survivor (docs/decisions/0013-one-person-one-record.md).
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from wardround.hospital.care.actions import unite_patients
from wardround.hospital.merges.models import Merge
from wardround.hospital.merges.queries import survivor_of
from wardround.hospital.records.access import actor_of
from wardround.hospital.records.actions.moving import move_into
from wardround.hospital.records.actions.rejudging import apply_changes, judgements_of
from wardround.hospital.records.actions.writing import Writing, stored_rows
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.errors import NotHere, RecordError
from wardround.hospital.records.examination import examine
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.merged import REPLACES, as_retired, redirected, with_link
from wardround.hospital.records.models import ReferenceIndex, Resource, ResourceVersion
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Origin
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_SLICE = 300
_PATIENT = "Patient"


class NotMergeable(RecordError):
    """These two are not two records that can be made one."""


@dataclass(frozen=True)
class Changed:
    """One resource as it is to be written: its row, the new body, and the version whose code mapping still counts."""

    row: Resource
    body: dict[str, Any]
    version: ResourceVersion


@transaction.atomic
def merge_patients(retired: str, *, into: str, by: object, reason: str = "", batch: str = "") -> Merge:
    """Make the record `retired` part of `into`. Raises `NotMergeable` and `NotHere`; then nothing is changed.

    Who may is asked by the caller (a steward, or a message of a source that a hospital trusts with its records).
    """
    hold_other_writers()
    actor = actor_of(by)
    keeping, leaving = _both(into, retired)
    keyring = Keyring()
    merge = _noted(retired, into=into, by=actor, reason=reason, batch=batch, was_there=True)
    origin = origin_of(merge, activity="merge", by=actor, reason=reason)
    own = list(_chart(into))
    before = judgements_of(own, origin=origin, keyring=keyring)
    moving = list(_chart(retired))
    move_into(into, moving, keyring=keyring)
    changed = [
        *(_redirected(versions_of(moving, keyring=keyring), retired, into)),
        *(_redirected(versions_of(_referring(retired, without=moving), keyring=keyring), retired, into)),
        *(_linked(keeping, leaving, keyring=keyring)),
    ]
    write_changed(changed, origin=origin, keyring=keyring)
    write_tombstones([row for row in moving if row.is_deleted], origin=origin, keyring=keyring)
    apply_changes(before, judgements_of(own, origin=origin, keyring=keyring))
    merge.moved = len(moving)
    merge.save(update_fields=["moved"])
    unite_patients(retired, into=into, merge=merge.id, by=actor)
    for patient_id in (into, retired):
        detail = {"survivor": into, "retired": retired, "moved": merge.moved, "batch": batch}
        record_one(actor, "patient.merge", patient_id=patient_id, what=str(merge), detail=detail)
    return merge


@transaction.atomic
def retire_number(*, system: str, value: str, into: str, by: object, reason: str = "", batch: str = "") -> Merge:
    """A message says that this number, of nobody here, is of this patient: it is noted, and what names it goes there."""
    hold_other_writers()
    actor = actor_of(by)
    keeping = stored_rows([(_PATIENT, into)]).get((_PATIENT, into))
    if keeping is None or keeping.is_deleted:
        raise NotHere("The patient who is kept is not here.")
    keyring, blind = Keyring(), BlindIndex()
    retired = blind.id_of(_PATIENT, system=system, value=value)
    merge = _noted(retired, into=into, by=actor, reason=reason, batch=batch, was_there=False)
    origin = origin_of(merge, activity="merge", by=actor, reason=reason)
    for version, body in versions_of([keeping], keyring=keyring):
        noted = {"use": "old", **({"system": system} if system else {}), "value": value}
        known = any(i.get("value") == value and i.get("system", "") == system for i in body.get("identifier", []))
        if not known:
            body = {**body, "identifier": [*body.get("identifier", []), noted]}  # noqa: PLW2901
            write_changed([Changed(keeping, body, version)], origin=origin, keyring=keyring)
    detail = {"survivor": into, "retired": retired, "moved": 0, "batch": batch}
    record_one(actor, "patient.merge", patient_id=into, what=str(merge), detail=detail)
    return merge


def write_changed(changed: Sequence[Changed], *, origin: Origin, keyring: Keyring) -> None:
    """Write these bodies as new versions, each under the code mapping that it came with."""
    by_mapping: dict[str, list[Changed]] = {}
    for one in changed:
        mapping = one.version.provenance.code_mapping
        by_mapping.setdefault(mapping.digest if mapping else "", []).append(one)
    for group in by_mapping.values():
        own = Origin(
            actor=origin.actor,
            activity=origin.activity,
            batch=origin.batch,
            reason=origin.reason,
            code_mapping=group[0].version.provenance.code_mapping,
        )
        for start in range(0, len(group), _SLICE):
            _write([one.body for one in group[start : start + _SLICE]], origin=own, keyring=keyring)


def write_tombstones(rows: Sequence[Resource], *, origin: Origin, keyring: Keyring) -> None:
    """What was deleted stays deleted: one version more says where it went."""
    writing = Writing(origin, blind=BlindIndex(), keyring=keyring)
    writing.remove(rows)
    writing.flush()


def versions_of(rows: Iterable[Resource], *, keyring: Keyring) -> Iterator[tuple[ResourceVersion, dict[str, Any]]]:
    """The present version of each of these that is not deleted, with its body."""
    pks = [row.pk for row in rows if not row.is_deleted]
    for start in range(0, len(pks), _SLICE):
        versions = ResourceVersion.objects.filter(
            resource__in=pks[start : start + _SLICE], number=F("resource__version")
        )
        for version in versions.select_related("resource__data_key", "provenance__code_mapping").order_by("resource"):
            yield version, loads(open_body(version, keyring=keyring))


def origin_of(merge: Merge, *, activity: Any, by: Actor, reason: str) -> Origin:
    """The batch of what a merge writes is the merge's own: by it its undo finds the versions again."""
    return Origin(
        actor=by, activity=activity, batch=merge.id, reason=reason or f"{merge.retired} into {merge.survivor}"
    )


def _write(bodies: Sequence[dict[str, Any]], *, origin: Origin, keyring: Keyring) -> None:
    blind = BlindIndex()
    identities = Identities(blind)
    identities.look_up(bodies)  # so that it is known who is retired
    examined = [examine(b, identities=identities, blind=blind, origin=origin, is_named=True) for b in bodies]
    writing = Writing(origin, blind=blind, keyring=keyring)
    writing.look_up(examined)
    for one in examined:
        writing.add([one])
    writing.flush()


def _both(into: str, retired: str) -> tuple[Resource, Resource]:
    if into == retired:
        raise NotMergeable("A record is not merged with itself. Name two records.")
    rows = stored_rows([(_PATIENT, into), (_PATIENT, retired)])
    keeping, leaving = rows.get((_PATIENT, into)), rows.get((_PATIENT, retired))
    if keeping is None or leaving is None or keeping.is_deleted or leaving.is_deleted:
        raise NotHere("One of the two patients is not here. Name two records that are.")
    for patient_id in (into, retired):
        if survivor_of(patient_id) != patient_id:
            raise NotMergeable(f"Patient/{patient_id} was merged already, into Patient/{survivor_of(patient_id)}.")
    return keeping, leaving


def _noted(retired: str, *, into: str, by: Actor, reason: str, batch: str, was_there: bool) -> Merge:
    return Merge.objects.create(
        id=f"merge-{uuid.uuid4().hex[:12]}",
        retired=retired,
        survivor=into,
        was_there=was_there,
        batch=batch,
        merged=timezone.now(),
        merged_by=by.name,
        reason=reason[:500],
    )


def _chart(patient_id: str) -> Iterator[Resource]:
    """Everything in this patient's chart, also what was deleted, and not the Patient itself."""
    rows = Resource.objects.filter(patient_id=patient_id).exclude(type=_PATIENT)
    yield from rows.select_related("data_key").order_by("pk")


def _referring(patient_id: str, *, without: Sequence[Resource]) -> list[Resource]:
    """What lies elsewhere and names this patient: appointments, groups, a mother's record. Not links between patients."""
    inside = {row.pk for row in without}
    rows = ReferenceIndex.objects.filter(target_type=_PATIENT, target_id=patient_id).exclude(type=_PATIENT)
    pks = set(rows.values_list("resource", flat=True)) - inside
    return list(Resource.objects.filter(pk__in=pks, is_deleted=False).select_related("data_key"))


def _redirected(
    versions: Iterable[tuple[ResourceVersion, dict[str, Any]]], retired: str, into: str
) -> Iterator[Changed]:
    for version, body in versions:
        yield Changed(version.resource, redirected(body, {retired: into}), version)


def _linked(keeping: Resource, leaving: Resource, *, keyring: Keyring) -> Iterator[Changed]:
    for version, body in versions_of([keeping, leaving], keyring=keyring):
        if version.resource_id == keeping.pk:
            body = with_link(body, patient_id=leaving.logical_id, kind=REPLACES)  # noqa: PLW2901
        else:
            body = as_retired(body, survivor=keeping.logical_id)  # noqa: PLW2901
        yield Changed(version.resource, body, version)
