"""Taking a merge apart: what was moved goes back as it was, and what came to the survivor since stays there.

What it cannot know it says: whose the records are that came after the merge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from wardround.hospital.care.actions import part_patients
from wardround.hospital.merges.models import Merge
from wardround.hospital.merges.queries import standing
from wardround.hospital.records.access import actor_of
from wardround.hospital.records.actions.merging import Changed, origin_of, write_changed, write_tombstones
from wardround.hospital.records.actions.moving import move_into
from wardround.hospital.records.actions.rejudging import apply_changes, judgements_of
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.errors import NotHere, RecordError
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.merged import REPLACED_BY, REPLACES, redirected, without_link
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Origin
from wardround.hospital.records.whose_chart import PATIENT, chart_of
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.literal_references import literal_references
from wardround.interchange.fhir.search import index_entries
from wardround.web.audit.trail import record_one


class NotSeparable(RecordError):
    """The merge cannot be taken apart as things stand."""


@dataclass(frozen=True)
class Separated:
    """What an undo did: `moved_back` of them `changed_since` the merge, which keep those changes; `stays` came later."""

    merge: str
    retired: str
    survivor: str
    moved_back: int
    changed_since: int
    stays: int

    @property
    def sentence(self) -> str:
        """What a steward must know."""
        said = f"{self.moved_back} records went back to Patient/{self.retired}."
        if self.changed_since:
            said += f" {self.changed_since} of them were changed after the merge and keep those changes."
        if self.stays:
            said += (
                f" {self.stays} records came to Patient/{self.survivor} after the merge and stay there; "
                "whose they are cannot be known from here. Look at each."
            )
        return said


@transaction.atomic
def separate_patients(merge_id: str, *, by: object, reason: str = "") -> Separated:
    """Undo a merge. Raises `NotHere`, and `NotSeparable` when a later merge stands on it. Who may is asked by the caller."""
    hold_other_writers()
    actor = actor_of(by)
    merge = standing().filter(pk=merge_id).first()
    if merge is None:
        raise NotHere("There is no such merge, or it was undone already.")
    if standing().filter(retired=merge.survivor).exists():
        raise NotSeparable(
            f"Patient/{merge.survivor}, into whom it was merged, was merged itself afterwards. Undo that merge first."
        )
    merge.undone, merge.undone_by, merge.undone_reason = timezone.now(), actor.name, reason[:500]
    merge.save(update_fields=["undone", "undone_by", "undone_reason"])
    origin = origin_of(merge, activity="unmerge", by=actor, reason=reason or "The merge was undone.")
    done = _separated(merge, origin=origin)
    part_patients(merge.id)
    for patient_id in (merge.survivor, merge.retired):
        detail = {"moved_back": done.moved_back, "changed_since": done.changed_since, "stays": done.stays}
        record_one(actor, "patient.unmerge", patient_id=patient_id, what=str(merge), detail=detail)
    return done


def _separated(merge: Merge, *, origin: Origin) -> Separated:
    keyring = Keyring()
    written = _written_by(merge)
    touched = [
        _touched(row, written[row.pk], merge=merge, keyring=keyring)
        for row in Resource.objects.filter(pk__in=written).select_related("data_key").order_by("pk")
    ]
    back = [one.row for one in touched if one.was_in_chart]
    staying = _present_chart(merge.survivor, without={row.pk for row in back})
    before = judgements_of(staying, origin=origin, keyring=keyring)
    changes = [_changed(one, merge=merge, keyring=keyring) for one in touched if not one.row.is_deleted]
    if back:
        move_into(merge.retired, back, keyring=keyring)
    # The retired Patient first: what goes back into its chart must find it.
    changes.sort(key=lambda change: (change.row.type != PATIENT, change.row.pk))
    write_changed(changes, origin=origin, keyring=keyring)
    write_tombstones([row for row in back if row.is_deleted], origin=origin, keyring=keyring)
    apply_changes(before, judgements_of(staying, origin=origin, keyring=keyring))
    return Separated(
        merge=merge.id,
        retired=merge.retired,
        survivor=merge.survivor,
        moved_back=len(back),
        changed_since=sum(one.was_in_chart and one.is_changed for one in touched),
        stays=_came_after(merge, rows=staying),
    )


@dataclass(frozen=True)
class _Touched:
    """A resource that the merge wrote: as its version `number`, after the one whose body is `before` (none: deleted)."""

    row: Resource
    number: int
    before: ResourceVersion
    body: dict[str, Any] | None
    was_in_chart: bool

    @property
    def is_changed(self) -> bool:
        return self.row.version > self.number


def _written_by(merge: Merge) -> dict[int, int]:
    """Which version of which resource row the merge wrote."""
    versions = ResourceVersion.objects.filter(provenance__batch=merge.id, provenance__activity="merge")
    return dict(versions.values_list("resource", "number"))


def _touched(row: Resource, number: int, *, merge: Merge, keyring: Keyring) -> _Touched:
    before = row.versions.select_related("resource__data_key", "provenance__code_mapping").get(number=number - 1)
    if not before.body:  # it was deleted before; only what lay in the chart was told so again
        return _Touched(row, number, before, None, was_in_chart=True)
    body = loads(open_body(before, keyring=keyring))
    was_in_chart = row.type != PATIENT and chart_of(row.type, index_entries(body)) == merge.retired
    return _Touched(row, number, before, body, was_in_chart=was_in_chart)


def _changed(one: _Touched, *, merge: Merge, keyring: Keyring) -> Changed:
    """What is to be written: the body from before the merge, or, where it was changed since, that without the merge."""
    before = one.body or {}
    if not one.is_changed:
        return Changed(one.row, before, one.before)
    versions = one.row.versions.select_related("resource__data_key", "provenance__code_mapping")
    merged = loads(open_body(versions.get(number=one.number), keyring=keyring))
    present = versions.get(number=one.row.version)
    now = loads(open_body(present, keyring=keyring))
    if one.row.type == PATIENT:
        return Changed(one.row, _unlinked(now, before=before, merged=merged, merge=merge), present)
    return Changed(one.row, _turned_back(now, before=before, merge=merge), present)


def _unlinked(now: dict[str, Any], *, before: dict[str, Any], merged: dict[str, Any], merge: Merge) -> dict[str, Any]:
    """The Patient without what the merge had added: link, inactivity, the number that was noted."""
    if now["id"] == merge.retired:
        now = without_link(now, patient_id=merge.survivor, kind=REPLACED_BY)
        now = {name: value for name, value in now.items() if name != "active"}
        return {**now, "active": before["active"]} if "active" in before else now
    now = without_link(now, patient_id=merge.retired, kind=REPLACES)
    noted = [one for one in merged.get("identifier", []) if one not in before.get("identifier", [])]
    kept = [one for one in now.get("identifier", []) if one not in noted]
    if noted and kept:
        now = {**now, "identifier": kept}
    return now


def _turned_back(now: dict[str, Any], *, before: dict[str, Any], merge: Merge) -> dict[str, Any]:
    if (PATIENT, merge.survivor) not in set(literal_references(before)):
        return dict(redirected(now, {merge.survivor: merge.retired}))
    return dict(_beside(now, before, merge=merge))


def _beside(now: Any, before: Any, *, merge: Merge) -> Any:
    """It named both patients before: only the references that were the retired one's go back, where they still stand."""
    if isinstance(now, dict) and isinstance(before, dict):
        if now.get("reference") == f"Patient/{merge.survivor}" and _names(before, merge.retired):
            now = {**now, "reference": before["reference"]}
        return {name: _beside(value, before.get(name), merge=merge) for name, value in now.items()}
    if isinstance(now, list) and isinstance(before, list):
        known = [*before, *([None] * len(now))]
        return [_beside(one, was, merge=merge) for one, was in zip(now, known, strict=False)]
    return now


def _names(reference: dict[str, Any], patient_id: str) -> bool:
    text = reference.get("reference")
    return isinstance(text, str) and text.partition("/_history/")[0] == f"Patient/{patient_id}"


def _present_chart(patient_id: str, *, without: set[int]) -> list[Resource]:
    rows = Resource.objects.filter(patient_id=patient_id, is_deleted=False).exclude(type=PATIENT)
    return [row for row in rows.select_related("data_key").order_by("pk") if row.pk not in without]


def _came_after(merge: Merge, *, rows: Sequence[Resource]) -> int:
    firsts = ResourceVersion.objects.filter(resource__patient_id=merge.survivor, number=1, recorded__gt=merge.merged)
    return len(set(firsts.values_list("resource", flat=True)) & {row.pk for row in rows})
