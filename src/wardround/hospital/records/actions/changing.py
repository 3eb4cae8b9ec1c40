"""Several changes of one caller in one transaction: created, updated, patched, deleted, all of them or none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from wardround.hospital.care.actions import take_new_patients
from wardround.hospital.records.access import (
    AccessError,
    NotThere,
    is_in_care_teams,
    may_read,
    patient_for,
    records_for,
    require,
)
from wardround.hospital.records.actions.confirming import check_who_confirms
from wardround.hospital.records.actions.writing import Key, Stored, Writing, missing_patient, stored_rows
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.errors import PatientMissing, Refused, StillReferred, VersionConflict
from wardround.hospital.records.examination import Examined, examine
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import CodeMapping, Resource, ResourceVersion
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Activity, Origin
from wardround.hospital.records.referrers import referrers_of
from wardround.hospital.records.security_context import BINARY, CONTEXT, security_context
from wardround.hospital.records.whose_chart import OF_SEVERAL
from wardround.interchange.fhir.structure import Problem
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import must_be_in_transaction, record_one

# These lie in nobody's chart, and are not for everybody all the same.
_GUARDED = OF_SEVERAL | {BINARY}
# Written to a resource by its id; a number that it shares with another is not asked about.
_OF_WHAT_IS_HERE = frozenset({"update", "correct", "withdraw"})


@dataclass(frozen=True)
class Precondition:
    """What must be true of the present version, or nothing is changed."""

    version: int | None = None  # it is this one
    must_be_there: bool = False
    must_be_absent: bool = False

    def check(self, row: Resource | None) -> None:
        """Raises `VersionConflict`."""
        current = row.version if row is not None and not row.is_deleted else 0
        if (
            (self.version is not None and current != self.version)
            or (self.must_be_there and not current)
            or (self.must_be_absent and current)
        ):
            raise VersionConflict(current=current)


ALWAYS = Precondition()


@dataclass(frozen=True)
class Put:
    """The next version of a resource, which carries its id. `place` says where it stood in what was sent; `reason`, why it is
    changed, where somebody was asked."""

    resource: dict[str, Any]
    activity: Activity = "update"
    only_if: Precondition = ALWAYS
    place: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Removal:
    """A resource that is to be deleted. If there is none, nothing happens."""

    key: Key
    only_if: Precondition = ALWAYS


@contextmanager
def one_change(actor: Actor) -> Iterator[None]:
    """One transaction that holds other writers off from its beginning. What the door refuses stays in the audit trail."""
    try:
        with transaction.atomic():
            hold_other_writers()
            yield
    except (AccessError, PatientMissing, VersionConflict) as error:
        if isinstance(error, VersionConflict) and not isinstance(error.__cause__, AccessError):
            raise  # a conflict between two who may both write
        record_one(actor, "record.write", outcome="refused", detail={"why": type(error).__name__})
        raise


class Changing:
    """Makes changes inside `one_change`; `removed` and `put` may be called once each, in this order, then `finish`."""

    def __init__(self, by: object, *, code_mapping: CodeMapping | None = None) -> None:
        must_be_in_transaction()
        self._actor = require(by, "write")
        self._code_mapping = code_mapping
        self._blind, self._keyring = BlindIndex(), Keyring()
        origin = Origin(actor=self._actor, activity="update", code_mapping=code_mapping)
        self._writing = Writing(origin, blind=self._blind, keyring=self._keyring, keeps_texts=True)
        self._removed: set[Key] = set()
        self._opened: set[str] = set()

    def removed(self, removals: Sequence[Removal]) -> list[Stored | None]:
        """Delete these; None for each that is not there (any more), or not the actor's. Raises `VersionConflict`."""
        rows = stored_rows([removal.key for removal in removals])
        present = []
        for removal in removals:
            row = rows.get(removal.key)
            closed = self._closed_door(row)
            _check(removal.only_if, row, closed=closed)
            if row is not None and not row.is_deleted and closed is None:
                present.append(row)
        origin = Origin(actor=self._actor, activity="delete")
        stored = {(one.type, one.logical_id): one for one in self._writing.remove(present, origin=origin)}
        self._writing.flush()
        self._removed |= stored.keys()
        return [stored.get(removal.key) for removal in removals]

    def put(self, puts: Sequence[Put]) -> list[Stored]:
        """Write these as one group. Raises `Refused` with everything that is wrong, or `VersionConflict`."""
        identities = Identities(self._blind)
        identities.look_up(put.resource for put in puts)
        rows = stored_rows([_key_of(put.resource) for put in puts if put.activity != "create"])
        mappings = _mappings_of(rows)
        origins: dict[Key, Origin] = {}
        shared: dict[tuple[str, str, str, bool], Origin] = {}
        group: list[Examined] = []
        refusals: list[Refused] = []
        for put in puts:
            key = _key_of(put.resource)
            mapping = mappings.get(key, self._code_mapping)
            activity = put.activity if key in rows and not rows[key].is_deleted else "create"
            has_seen = put.only_if.version is not None
            origin = shared.setdefault(
                (activity, mapping.digest if mapping else "", put.reason, has_seen),
                Origin(
                    actor=self._actor, activity=activity, code_mapping=mapping, reason=put.reason, has_seen=has_seen
                ),
            )
            try:
                examined = examine(
                    put.resource,
                    identities=identities,
                    blind=self._blind,
                    origin=origin,
                    is_named=put.activity in _OF_WHAT_IS_HERE,
                )
            except Refused as refusal:
                refusals.append(_at(refusal, place=put.place))
            else:
                origins[examined.key] = origin
                group.append(examined)
        _raise_all(refusals)
        self._writing.look_up(group)
        for put, examined in zip(puts, group, strict=True):
            if put.only_if != ALWAYS:
                row = self._writing.row_of(examined.key)
                _check(put.only_if, row, closed=self._closed_door(row))
        self._pass_the_door(group)
        stored = self._writing.add(group, origins=origins)
        self._writing.flush()
        new = [one.logical_id for one in stored if one.type == "Patient" and one.change == "created"]
        take_new_patients(new, by=self._actor)
        return stored

    def finish(self) -> None:
        """Raises `StillReferred` when something that is here refers to what was deleted and did not come back."""
        came_back = {key for key in self._removed if (row := self._writing.row_of(key)) and not row.is_deleted}
        for key, types in sorted(referrers_of(self._removed - came_back).items()):
            named = ", ".join(f"{count} {type_name}" for type_name, count in sorted(types.items()))
            more = (
                " A whole chart is not deleted this way: erasing a patient is a command of its own."
                if key[0] == "Patient"
                else ""
            )
            raise StillReferred(
                f"This {key[0]} is not deleted, because others refer to it: {named}. "
                f"Delete or change those first, or together with it in one transaction.{more}"
            )

    def _pass_the_door(self, group: Sequence[Examined]) -> None:
        """Whose charts are these, and may the actor write in them? A new patient has no chart yet."""
        brought = {e.logical_id for e in group if e.type == "Patient"}
        for examined in group:
            before = self._writing.row_of(examined.key)
            check_who_confirms(examined.resource, row=before, by=self._actor)
            if before is not None and not before.is_deleted and before.patient_id not in {"", examined.patient_id}:
                self._open_chart(before.patient_id)  # out of whose chart it would be taken
            if before is not None and before.type in _GUARDED and (closed := self._closed_door(before)):
                raise closed
            self._check_context(examined, group)
            row = self._writing.row_of(("Patient", examined.patient_id))
            is_here = row is not None and not row.is_deleted
            if not examined.patient_id or (examined.patient_id in brought and not is_here):
                continue
            try:
                self._open_chart(examined.patient_id)
            except NotThere:
                raise PatientMissing([missing_patient(examined)]) from None

    def _check_context(self, examined: Examined, group: Sequence[Examined]) -> None:
        """Nobody puts a Binary under the protection of what they may not see; what comes with it is here already."""
        context = security_context(examined.resource)
        if context is None or not is_in_care_teams(self._actor) or context in {one.key for one in group}:
            return
        if not may_read(self._actor, *context):
            sentence = "What it names is not here. Store that first, or correct the reference."
            raise PatientMissing([Problem(f"{BINARY}.{CONTEXT}", sentence)])

    def _closed_door(self, row: Resource | None) -> AccessError | None:
        """Why the actor may not know that this is here; None where they may, and for what is not here."""
        if row is None or row.is_deleted:
            return None
        try:
            if row.patient_id:
                self._open_chart(row.patient_id)
            elif not Resource.objects.filter(records_for(self._actor), pk=row.pk).exists():
                return NotThere(f"There is no {row.type} with this id.")
        except NotThere as closed:
            return closed
        return None

    def _open_chart(self, patient_id: str) -> None:
        if patient_id not in self._opened:
            patient_for(self._actor, patient_id, to="write")
            self._opened.add(patient_id)


def _check(only_if: Precondition, row: Resource | None, *, closed: AccessError | None) -> None:
    """The door comes first: a condition on what is not the actor's is answered as on what is not there."""
    try:
        only_if.check(None if closed else row)
    except VersionConflict as conflict:
        raise conflict from closed


def _mappings_of(rows: Mapping[Key, Resource]) -> dict[Key, CodeMapping | None]:
    """The mapping of the source that brought a resource still says what its local codes mean."""
    by_pk = {row.pk: key for key, row in rows.items()}
    versions = ResourceVersion.objects.filter(resource__in=list(by_pk), number=F("resource__version"))
    return {
        by_pk[version.resource_id]: version.provenance.code_mapping
        for version in versions.select_related("provenance__code_mapping")
    }


def _key_of(resource: dict[str, Any]) -> Key:
    return str(resource.get("resourceType", "")), str(resource.get("id", ""))


def _at(refusal: Refused, *, place: str) -> Refused:
    """The same refusal with paths that begin where the resource stood in what was sent."""
    if not place:
        return refusal
    problems = [Problem(f"{place}{_below(problem.path)}", problem.sentence) for problem in refusal.problems]
    return type(refusal)(problems)


def _below(path: str) -> str:
    _type, dot, rest = path.partition(".")
    return dot + rest


def _raise_all(refusals: Sequence[Refused]) -> None:
    special = next((refusal for refusal in refusals if type(refusal) is not Refused), None)
    if special is not None:
        raise special
    if refusals:
        raise Refused(problem for refusal in refusals for problem in refusal.problems)
