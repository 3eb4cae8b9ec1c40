"""The one write: resources, versions, indexes, standard values, provenance and audit events in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from django.db.models import Q
from django.utils import timezone

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import seal_body, stored_text
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.duplicates import sameness
from wardround.hospital.records.errors import PatientMissing, Refused
from wardround.hospital.records.examination import Examined, digest_of
from wardround.hospital.records.held_records import Holding, holding
from wardround.hospital.records.indexing import INDEX_VERSION, Indexed, write_rows
from wardround.hospital.records.judgement import Judged, judge
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import (
    INDEXES,
    Provenance,
    Resource,
    ResourceFinding,
    ResourceVersion,
    StandardValue,
)
from wardround.hospital.records.origin import Origin
from wardround.hospital.records.record_judgement import Arrival, Surroundings, judge_records
from wardround.hospital.records.standard_quantities import standard_entries
from wardround.interchange.fhir.same_entries import entry_of
from wardround.interchange.fhir.structure import Problem
from wardround.web.audit.trail import Entry, must_be_in_transaction, record
from wardround.web.many_rows import insert_many, insert_objects, instant, new_keys

_VERSION_COLUMNS = ("resource_id", "number", "body", "received_digest", "is_as_received", "provenance_id", "recorded")
Key = tuple[str, str]
_SLICE = 500  # a database takes only so many parameters in one question
Change = Literal["created", "updated", "unchanged", "deleted"]


@dataclass
class Stored:
    """What became of one resource."""

    type: str
    logical_id: str
    version: int
    change: Change
    recorded: datetime
    text: bytes = b""  # what a read returns; kept only where it is asked for
    standardised: int = 0
    held: int = 0
    held_for: Counter[str] = field(default_factory=Counter)  # kind of finding -> how many
    not_standard: Counter[str] = field(default_factory=Counter)  # kind of reason -> how many

    def __str__(self) -> str:
        return f"{self.type}/{self.logical_id}"


@dataclass
class _Pending:
    examined: Examined
    row: Resource
    origin: Origin
    provenance: Provenance
    is_new: bool
    stored: Stored


@dataclass
class _Removal:
    row: Resource
    origin: Origin
    provenance: Provenance


def missing_patient(examined: Examined) -> Problem:
    """The same words whether the patient is not here or not for this person."""
    sentence = "The patient it refers to is not here. Store the patient first, or correct the reference."
    return Problem(f"{examined.type}.subject", sentence)


def stored_rows(keys: Iterable[Key]) -> dict[Key, Resource]:
    """What is stored under these addresses, deleted or not, with their data keys."""
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for type_name, logical_id in set(keys):
        ids[type_name].append(logical_id)
    # Type by type: ids alone have no index.
    named = Q(pk__in=())
    for type_name, of_type in ids.items():
        named |= Q(type=type_name, logical_id__in=of_type)
    return {(row.type, row.logical_id): row for row in Resource.objects.filter(named).select_related("data_key")}


class Writing:
    """Takes examined resources group by group, and removals, and writes them together. Lives inside one transaction."""

    def __init__(self, origin: Origin, *, blind: BlindIndex, keyring: Keyring, keeps_texts: bool = False) -> None:
        must_be_in_transaction()
        self._origin = origin
        self._keeps_texts = keeps_texts
        self._blind = blind
        self._keyring = keyring
        self._now = timezone.now()
        self._rows: dict[Key, Resource] = {}
        self._digests: dict[Key, bytes] = {}
        self._received: dict[Key, int] = {}  # the version that these are the digests of
        self._mappings: dict[Key, str] = {}  # under which the last that was received was judged
        self._pending: dict[Key, _Pending] = {}
        self._removals: list[_Removal] = []
        self._surroundings = Surroundings()

    def look_up(self, examined: Sequence[Examined]) -> None:
        """Read what is stored of these resources and whether their patients are here (two queries)."""
        wanted = {e.key for e in examined} | {("Patient", e.patient_id) for e in examined if e.patient_id}
        wanted -= self._rows.keys()
        found = stored_rows(wanted)
        self._rows |= found
        by_pk = {row.pk: key for key, row in found.items()}
        versions = ResourceVersion.objects.filter(resource__in=by_pk, is_as_received=True).order_by("number")
        columns = ("resource_id", "number", "received_digest", "provenance__code_mapping")
        for pk, number, digest, mapping in versions.values_list(*columns):
            self._received[by_pk[pk]] = number
            self._digests[by_pk[pk]] = bytes(digest)
            self._mappings[by_pk[pk]] = mapping or ""

    def row_of(self, key: Key) -> Resource | None:
        """What is stored under this address, deleted or not; it was looked up before."""
        return self._rows.get(key)

    def is_last_received(self, examined: Examined) -> bool:
        """Was this the last that was received of the resource?"""
        return self._digests.get(examined.key) == examined.digest

    def as_last_received(self, examined: Examined) -> Examined:
        """The same, to be taken as what is there already: it says nothing that is not stored."""
        return replace(examined, digest=self._digests.get(examined.key, examined.digest))

    def add(
        self,
        group: list[Examined],
        *,
        position: str = "",
        origins: Mapping[Key, Origin] | None = None,
    ) -> list[Stored]:
        """Take one group, whole or not at all: raises `Refused` before anything of it is taken.

        `origins` says for single resources what differs from the origin of the whole: the activity, the code mapping.
        """
        self._check_patients(group)
        if any(e.key in self._pending for e in group) or len({e.key for e in group}) < len(group):
            self.flush()
        provenances: dict[int, Provenance] = {}
        stored = []
        for examined in group:
            if examined.key in self._pending:  # the same resource twice in one message: one version after the other
                self.flush()
            origin = (origins or {}).get(examined.key, self._origin)
            provenance = provenances.setdefault(id(origin), self._provenance(position, origin=origin))
            stored.append(self._take(examined, origin=origin, provenance=provenance))
        return stored

    def remove(self, rows: Sequence[Resource], *, origin: Origin | None = None) -> list[Stored]:
        """Take removals: a last version that says "deleted". Select `data_key` with the rows."""
        origin = origin or self._origin
        provenance = self._provenance("", origin=origin)
        for row in rows:
            row.version += 1
            row.is_deleted = True
            row.last_updated = self._now
            self._rows[row.type, row.logical_id] = row
            self._removals.append(_Removal(row, origin, provenance))
        return [Stored(row.type, row.logical_id, row.version, "deleted", self._now) for row in rows]

    def flush(self) -> None:
        """Write what was taken; what was removed first."""
        removed = self._write_removals()
        pending, self._pending = list(self._pending.values()), {}
        if not pending:
            judge_records((), around=self._surroundings, now=self._now, removed=removed)
            return
        keys = self._keyring.keys_for({p.examined.patient_id for p in pending})
        for p in pending:
            p.row.data_key = keys[p.examined.patient_id]
        self._write_rows(pending)
        self._write_versions(pending)
        held = self._write_findings(pending, removed=removed)
        by_mapping: dict[str, list[_Pending]] = {}
        for p in pending:
            by_mapping.setdefault(p.origin.code_mapping_digest, []).append(p)
        judged = [
            (p, values)
            for group in by_mapping.values()
            for p, values in zip(group, _judged(group, held=held), strict=True)
        ]
        self._write_indexes(judged)
        self._write_standard_values(judged, held=held)
        self._write_audit(pending)

    def _came_before(self, examined: Examined, *, origin: Origin) -> bool:
        """Is it what was received last? What comes without a mapping is not asked to mean something else than it did with one."""
        last = self._digests.get(examined.key)
        if last is None or last == examined.digest:
            return last is not None
        mapping = self._mappings.get(examined.key, "")
        return (
            bool(mapping)
            and not origin.code_mapping_digest
            and last == digest_of(examined.resource, mapping_digest=mapping, blind=self._blind)
        )

    def _take(self, examined: Examined, *, origin: Origin, provenance: Provenance) -> Stored:
        row = self._rows.get(examined.key)
        is_the_same = row is not None and not row.is_deleted and self._came_before(examined, origin=origin)
        if row is not None and origin.has_seen and self._received.get(examined.key) != row.version:
            is_the_same = False  # a decision came in between, and is meant to go
        if row is not None and is_the_same and not origin.is_decision:
            return Stored(examined.type, examined.logical_id, row.version, "unchanged", row.last_updated)
        is_new = row is None
        is_back = row is not None and row.is_deleted
        if row is None:
            row = Resource(type=examined.type, logical_id=examined.logical_id, version=0)
            self._rows[examined.key] = row
        row.version += 1
        row.patient_id = examined.patient_id
        row.last_updated = self._now
        row.is_deleted = False
        row.index_version = INDEX_VERSION
        row.sameness = sameness(entry_of(examined.resource), patient_id=examined.patient_id, blind=self._blind)
        if not origin.is_decision:
            self._digests[examined.key] = examined.digest
            self._received[examined.key] = row.version
            self._mappings[examined.key] = origin.code_mapping_digest
        change: Change = "created" if is_new or is_back else "updated"
        stored = Stored(examined.type, examined.logical_id, row.version, change, self._now)
        self._pending[examined.key] = _Pending(examined, row, origin, provenance, is_new, stored)
        return stored

    def _check_patients(self, group: list[Examined]) -> None:
        brought = {e.logical_id for e in group if e.type == "Patient"}
        for e in group:
            here = self._rows.get(("Patient", e.patient_id))
            if e.patient_id and e.patient_id not in brought and (here is None or here.is_deleted):
                raise PatientMissing([missing_patient(e)])
            row = self._rows.get(e.key)
            if row is not None and row.version and row.patient_id != e.patient_id:
                sentence = (
                    f"{e} belongs to another patient's chart and stays there. "
                    "Mark it entered-in-error and store a new one under another id."
                )
                raise Refused([Problem(f"{e.type}.subject", sentence)])

    def _provenance(self, position: str, *, origin: Origin) -> Provenance:
        return Provenance(
            recorded=self._now,
            activity=origin.activity,
            agent_kind=origin.actor.kind,
            agent_name=origin.actor.name,
            batch=origin.batch,
            position=position[:100],
            reason=origin.reason[:500],
            code_mapping=origin.code_mapping,
        )

    def _write_rows(self, pending: list[_Pending]) -> None:
        new = [p.row for p in pending if p.is_new]
        for row, key in zip(new, new_keys(Resource, len(new)), strict=True):
            row.pk = key
        insert_objects(new, have_keys=True)
        changed = [p.row for p in pending if not p.is_new]
        if changed:
            columns = ["version", "patient_id", "last_updated", "is_deleted", "data_key", "index_version", "sameness"]
            Resource.objects.bulk_update(changed, columns, batch_size=100)
        _write_provenances(p.provenance for p in pending)

    def _write_versions(self, pending: list[_Pending]) -> None:
        recorded = instant(self._now)
        rows = [
            (
                p.row.pk,
                p.row.version,
                self._body(p),
                p.examined.digest,
                not p.origin.is_decision,
                p.provenance.pk,
                recorded,
            )
            for p in pending
        ]
        insert_many(ResourceVersion, columns=_VERSION_COLUMNS, rows=rows)

    def _body(self, p: _Pending) -> bytes:
        text = stored_text(p.examined.resource, logical_id=p.row.logical_id, version=p.row.version, recorded=self._now)
        if self._keeps_texts:
            p.stored.text = text
        return seal_body(text, keyring=self._keyring, key=p.row.data_key, resource=p.row, number=p.row.version)

    def _write_indexes(self, judged: Sequence[tuple[_Pending, list[Judged]]]) -> None:
        indexed = []
        for p, values in judged:
            own = p.examined
            standard = standard_entries(own.resource, [value.row for value in values])
            indexed.append(Indexed(p.row, own.resource, [*own.entries, *standard]))
        write_rows(indexed, replaced=[p.row.pk for p, _values in judged if not p.is_new], blind=self._blind)

    def _write_standard_values(self, judged: Sequence[tuple[_Pending, list[Judged]]], *, held: Holding) -> None:
        changed = [p.row.pk for p, _values in judged if not p.is_new]
        if changed:
            StandardValue.objects.filter(resource__in=changed, is_current=True).update(is_current=False)
        for p, values in judged:
            of_record = held.get(p.row.pk, ())
            if of_record and not any(value.row.is_record_held for value in values):
                p.stored.held += 1
                p.stored.held_for[of_record[0].kind] += 1
            for value in values:
                value.row.version = p.row.version
                if value.row.is_held:
                    p.stored.held += 1
                    p.stored.held_for[value.row.finding] += 1
                p.stored.standardised += value.is_standard
                if value.not_standard_kind:
                    p.stored.not_standard[value.not_standard_kind] += 1
        insert_objects(value.row for _p, values in judged for value in values)

    def _write_findings(self, pending: Sequence[_Pending], *, removed: Sequence[int]) -> Holding:
        arrivals = [Arrival(p.row, p.examined.resource, p.is_new) for p in pending]
        return holding(judge_records(arrivals, around=self._surroundings, now=self._now, removed=removed))

    def _write_removals(self) -> list[int]:
        """The rows of what was removed."""
        removals, self._removals = self._removals, []
        if not removals:
            return []
        _write_provenances(removal.provenance for removal in removals)
        Resource.objects.bulk_update(
            [removal.row for removal in removals], ["version", "is_deleted", "last_updated"], batch_size=100
        )
        ResourceVersion.objects.bulk_create(
            ResourceVersion(
                resource=removal.row,
                number=removal.row.version,
                body=b"",
                received_digest=b"",
                provenance=removal.provenance,
                recorded=self._now,
            )
            for removal in removals
        )
        pks = [removal.row.pk for removal in removals]
        for start in range(0, len(pks), _SLICE):
            part = pks[start : start + _SLICE]
            for table in INDEXES:
                table.objects.filter(resource__in=part).delete()
            for stated in (StandardValue, ResourceFinding):
                stated.objects.filter(resource__in=part, is_current=True).update(is_current=False)
        entries = [_entry(removal.row, origin=removal.origin) for removal in removals]
        record(self._origin.actor, entries=entries)
        return pks

    def _write_audit(self, pending: list[_Pending]) -> None:
        record(self._origin.actor, entries=[_entry(p.row, origin=p.origin) for p in pending])


def _judged(pending: Sequence[_Pending], *, held: Holding) -> list[list[Judged]]:
    """Standard values of resources that came under one code mapping."""
    return judge(
        [(p.examined, p.row) for p in pending],
        code_map=code_map_of(pending[0].origin.code_mapping),
        replaced=[p.row.pk for p in pending if not p.is_new],
        held=held,
    )


def _write_provenances(provenances: Iterable[Provenance]) -> None:
    once = {id(provenance): provenance for provenance in provenances if provenance.pk is None}
    Provenance.objects.bulk_create(once.values())


def _entry(row: Resource, *, origin: Origin) -> Entry:
    return Entry(
        action=f"record.{origin.activity}",
        patient_id=row.patient_id,
        what=f"{row}/_history/{row.version}",
        detail={"batch": origin.batch} if origin.batch else {},
    )
