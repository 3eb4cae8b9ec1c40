"""An import: files are read, every message is stored whole or quarantined, chunk by chunk."""

import time
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.hospital.identity.actions import note_merges
from wardround.hospital.identity.entry import look_for_duplicates
from wardround.hospital.intake.errors import NeedsMapping, NoSuchBatch
from wardround.hospital.intake.formats import detected, existing, reader_of
from wardround.hospital.intake.models import Batch, BatchItem, QuarantineItem
from wardround.hospital.intake.progress import Progress, expected_bytes
from wardround.hospital.intake.quarantine import quarantine
from wardround.hospital.intake.queries import unfinished
from wardround.hospital.intake.report import Report, place_of
from wardround.hospital.records.access import actor_of
from wardround.hospital.records.actions.drafts import DraftOutcome, store_drafts
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.code_maps import keep_mapping
from wardround.hospital.records.errors import PatientMissing
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import CodeMapping
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Origin
from wardround.interchange.draft import Draft, Reject
from wardround.interchange.errors import BadMapping
from wardround.interchange.files import passed_over
from wardround.interchange.mapping import Mapping, mapping_of
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_CHUNK_RESOURCES = 500


class Import:
    """One batch on its way. Each chunk is one transaction: a killed import is resumed by importing the files again."""

    def __init__(
        self, *, form: str, mapping_text: str, by: object, is_replay: bool = False, goes_on: bool = False
    ) -> None:
        self.form = form
        self._goes_on = goes_on  # messages arrive one by one: one that this batch has stored is known, too
        self._is_replay = is_replay  # what is refused is in quarantine already, and stays there
        self.actor: Actor = actor_of(by)
        self.mapping = mapping_from(mapping_text, form=form)
        self._code_mapping: CodeMapping | None = keep_mapping(mapping_text) if mapping_text else None
        self._blind = BlindIndex()
        self.report = Report(batch=uuid.uuid4().hex[:12], format=form)
        self._waiting: list[Draft] = []  # drafts whose patient may come later in the files
        self.batch = Batch(id=self.report.batch)

    def start(self, files: Sequence[str]) -> None:
        """Write down that the batch begins."""
        keyring = Keyring()
        with transaction.atomic():
            self.batch = Batch.objects.create(
                id=self.report.batch,
                format=self.form,
                files=keyring.seal(
                    orjson.dumps(files), key=keyring.node_key(), place=f"intake_batch|{self.report.batch}"
                ),
                code_mapping=self._code_mapping,
                started=timezone.now(),
                started_by=self.actor.name,
            )
            record_one(self.actor, "batch.start", what=f"Batch/{self.batch.id}", detail={"format": self.form})

    def take(self, readings: Iterable[Draft | Reject], *, on_progress: Progress | None = None) -> None:
        """Store or quarantine everything that is read."""
        started = time.monotonic()
        for chunk in _chunks(readings):
            self._store(chunk)
            self.report.seconds = time.monotonic() - started
            if on_progress is not None:
                on_progress(self.report)
        self._store_waiting()
        self.report.seconds = time.monotonic() - started

    def take_one(self, reading: Draft | Reject) -> tuple[Report, QuarantineItem | None]:
        """Store or quarantine one message that arrived, in one transaction: the report of it, and where it lies if refused.

        Raises `NoSuchBatch` when the batch was undone meanwhile. After any exception nothing of the message is stored.
        """
        whole, self.report = self.report, Report(batch=self.report.batch, format=self.form)
        try:
            with transaction.atomic():
                hold_other_writers()
                if not Batch.objects.filter(pk=self.batch.pk, undone__isnull=True).exists():
                    raise NoSuchBatch(f"The batch {self.batch.pk} is undone.")
                self.take([reading])
                one = self.report
                is_refused = bool(one.quarantined or one.quarantined_known)
                item = self._quarantined_as(self._digest(reading)) if is_refused else None
        finally:
            self._waiting = []
            self.report = whole
        self.report.include(one)
        return one, item

    def finish(self) -> Report:
        """Write down that the batch is complete."""
        with transaction.atomic():
            self.batch.finished = timezone.now()
            self.batch.counts = self.report.counts()
            self.batch.save(update_fields=["finished", "counts"])
            record_one(
                self.actor,
                "batch.finish",
                what=f"Batch/{self.batch.id}",
                detail={
                    "stored": self.report.created + self.report.updated,
                    "quarantined": self.report.quarantined_messages,
                },
            )
        return self.report

    @transaction.atomic
    def _store(self, chunk: Sequence[Draft | Reject], *, is_last_try: bool = False) -> None:
        digests = [self._digest(reading) for reading in chunk]
        stored_before = self._stored_before(digests)
        in_quarantine = set() if self._is_replay else self._in_quarantine(digests)
        if not is_last_try:
            self.report.messages += len(chunk)
            self.report.bytes_read += sum(_size(reading, form=self.form) for reading in chunk)
        drafts: list[Draft] = []
        for reading, digest in zip(chunk, digests, strict=True):
            if isinstance(reading, Draft) and digest in stored_before:
                self.report.messages_known += 1
                self._count_known(stored_before[digest])
            elif isinstance(reading, Draft):
                drafts.append(reading)
            else:
                self._quarantine(reading, reason=reading.reason, digest=digest, known=in_quarantine)
        outcomes = store_drafts(drafts, origin=self._origin())
        merges = [outcome.merge for outcome in outcomes if outcome.merge is not None]
        note_merges(merges, by=self.actor)
        self.report.merged += len(merges)
        stored = (one for outcome in outcomes for one in outcome.stored)
        self.report.possible_duplicates += look_for_duplicates(stored, by=self.actor)
        self._keep(outcomes, known=in_quarantine, is_last_try=is_last_try)

    def _keep(self, outcomes: Sequence[DraftOutcome], *, known: set[bytes], is_last_try: bool) -> None:
        items = []
        for outcome in outcomes:
            digest = self._digest(outcome.draft)
            if isinstance(outcome.refusal, PatientMissing) and not is_last_try:
                self._waiting.append(outcome.draft)
            elif outcome.refusal is not None:
                self._quarantine(outcome.draft, reason=str(outcome.refusal), digest=digest, known=known)
            else:
                self.report.count(outcome.stored, source=outcome.draft.source, unmapped=outcome.draft.unmapped)
                unchanged = sum(stored.change == "unchanged" for stored in outcome.stored)
                items.append(
                    BatchItem(
                        batch=self.batch,
                        position=outcome.draft.source.position[:100],
                        digest=digest,
                        stored=len(outcome.stored) - unchanged,
                        unchanged=unchanged,
                    )
                )
        BatchItem.objects.bulk_create(items)

    def _store_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for chunk in _chunks(waiting):
            self._store(chunk, is_last_try=True)

    def _quarantine(self, reading: Draft | Reject, *, reason: str, digest: bytes, known: set[bytes]) -> None:
        if digest in known:
            self.report.quarantined_known += 1
            return
        known.add(digest)
        if not self._is_replay:
            quarantine(reading.source, reason=reason, digest=digest, batch=self.batch, by=self.actor)
        self.report.quarantined[reason].add(place_of(reading.source))

    def _count_known(self, resources: int) -> None:
        self.report.resources += resources
        self.report.unchanged += resources

    def _digest(self, reading: Draft | Reject) -> bytes:
        # The same bytes under another mapping may mean something else.
        mapping = self._code_mapping.digest if self._code_mapping else ""
        return self._blind.digest_of_bytes(f"message|{self.form}|{mapping}", reading.source.raw)

    def _stored_before(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        items = BatchItem.objects.filter(digest__in=digests, batch__undone__isnull=True)
        if not self._goes_on:
            items = items.exclude(batch=self.batch)
        return {bytes(d): stored + same for d, stored, same in items.values_list("digest", "stored", "unchanged")}

    def _in_quarantine(self, digests: Sequence[bytes]) -> set[bytes]:
        items = QuarantineItem.objects.filter(digest__in=digests, batch__undone__isnull=True)
        return {bytes(digest) for digest in items.values_list("digest", flat=True)}

    def _quarantined_as(self, digest: bytes) -> QuarantineItem | None:
        items = QuarantineItem.objects.filter(digest=digest, batch__undone__isnull=True)
        return items.order_by("pk").last()

    def _origin(self) -> Origin:
        return Origin(actor=self.actor, activity="import", batch=self.batch.id, code_mapping=self._code_mapping)


def import_files(
    paths: Sequence[Path | str],
    *,
    by: object,
    form: str = "",
    mapping_text: str = "",
    on_progress: Progress | None = None,
) -> Report:
    """Import files or folders. The format is the given one, or the mapping's, or what the files show.

    Raises `NoSuchFile`, `UnknownFormat`, and `BadMapping` before anything is written.
    """
    files = existing(paths)
    form = form or _format_of(mapping_text) or detected(files)
    reader = reader_of(form)
    batch = Import(form=form, mapping_text=mapping_text, by=by)
    names = [file.name for file in files]
    batch.report.goes_on_from = unfinished(form, files=names)
    batch.start(names)
    batch.report.bytes_expected = expected_bytes(files, endings=reader.endings)
    batch.report.not_read = passed_over(files, endings=reader.endings)
    batch.take(reader.read(files, mapping=batch.mapping), on_progress=on_progress)
    return batch.finish()


def mapping_from(text: str, *, form: str) -> Mapping:
    """The mapping that a text says; without one, a source with standard codes and this home's name."""
    if form == "csv" and not text:
        raise NeedsMapping("A table says nothing about its own columns: name a mapping file with --mapping FILE.")
    home = settings.HOME
    zone = {} if form == "fhir" else {"zone": home.time_zone}
    return mapping_of(
        _toml_of(text) if text else {"source": {"name": home.name, "slug": home.slug, "format": form, **zone}}
    )


def _format_of(mapping_text: str) -> str:
    return mapping_of(_toml_of(mapping_text)).format if mapping_text else ""


def _toml_of(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"The mapping file is no TOML: {error}.") from error


def _chunks(readings: Iterable[Draft | Reject]) -> Iterator[list[Draft | Reject]]:
    chunk: list[Draft | Reject] = []
    resources = 0
    for reading in readings:
        chunk.append(reading)
        resources += len(reading.resources) if isinstance(reading, Draft) else 1
        if resources >= _CHUNK_RESOURCES:
            yield chunk
            chunk, resources = [], 0
    if chunk:
        yield chunk


def _size(reading: Draft | Reject, *, form: str) -> int:
    """How many bytes of the file a record stands for; that of a table carries its header with it."""
    raw = reading.source.raw
    return len(raw.rstrip().rpartition(b"\n")[2]) + 1 if form == "csv" else len(raw)
