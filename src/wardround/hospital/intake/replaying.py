"""Reading a quarantined message again, as it is or with corrected bytes; and undoing a batch."""

from collections import Counter
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from wardround.hospital.identity.actions import undo_merges_of
from wardround.hospital.intake.errors import NoSuchBatch, NotInQuarantine
from wardround.hospital.intake.formats import reader_of
from wardround.hospital.intake.importing import Import
from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.intake.quarantine import item_of, opened
from wardround.hospital.intake.report import Report
from wardround.hospital.records.access import require
from wardround.hospital.records.actions.undoing import Undone, undo_writes
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.interchange.draft import Source
from wardround.web.audit.trail import record_one


@dataclass
class Replayed:
    """What became of several messages that were read again."""

    stored: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    last: int = 0  # the number of the last that was read
    left: int = 0  # how many behind it were not read, because `most` was reached


def replay_all(
    *,
    by: object,
    batch: str = "",
    reason: str = "",
    mapping_text: str | None = None,
    after: int = 0,
    most: int | None = None,
) -> Replayed:
    """Read again everything that is open in quarantine, or of one batch or reason: after a mapping was mended.

    A page reads `most` at a time and goes on `after` the last.
    """
    require(by, "imports")
    items = QuarantineItem.objects.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True).order_by("pk")
    if batch:
        items = items.filter(batch=batch)
    if reason:
        items = items.filter(reason=reason)
    waiting = list(items.filter(pk__gt=after).values_list("pk", flat=True))
    done = Replayed(left=max(len(waiting) - most, 0) if most is not None else 0)
    for item_id in waiting[:most]:
        report = replay(item_id, by=by, mapping_text=mapping_text)
        done.last = item_id
        if report.quarantined:
            done.refused += 1
            done.reasons.update(report.quarantined.keys())
        else:
            done.stored += 1
    return done


def replay(item_id: int, *, by: object, corrected: bytes | None = None, mapping_text: str | None = None) -> Report:
    """Read one message again under the mapping of its batch or another one, as a batch of its own.

    When it is stored the item leaves the quarantine; when it is refused again it stays, and the new reason is kept.
    """
    # Asked before the transaction, so that a refusal stays in the audit trail.
    actor = require(by, "imports")
    with transaction.atomic():
        # Two who replay the same message come one after the other, and the second is told.
        hold_other_writers()
        item = item_of(item_id)
        if item.state != QuarantineItem.State.OPEN:
            raise NotInQuarantine(f"Message {item_id} was replayed already.")
        source = opened(item)
        if corrected is not None:
            source = Source(file=source.file, position=source.position, raw=corrected)
        if mapping_text is None:
            mapping_text = item.batch.code_mapping.text if item.batch.code_mapping else ""
        again = Import(form=item.batch.format, mapping_text=mapping_text, by=actor, is_replay=True)
        again.start([source.file])
        again.take(reader_of(item.batch.format).read_again(source, mapping=again.mapping))
        report = again.finish()
        if report.quarantined:
            item.reason = " ".join(report.quarantined)[:1000]
        else:
            item.state = QuarantineItem.State.REPLAYED
            item.replayed = timezone.now()
        item.save(update_fields=["state", "replayed", "reason"])
        record_one(
            actor,
            "quarantine.replay",
            outcome="refused" if report.quarantined else "done",
            what=f"Quarantine/{item.pk}",
            detail={"batch": report.batch, "corrected": corrected is not None},
        )
    return report


def undo_batch(batch_id: str, *, by: object) -> Undone:
    """Take back everything that a batch stored. Raises `NoSuchBatch`, and `NotUndoable` when something depends on it."""
    # Asked before the transaction, so that a refusal stays in the audit trail.
    actor = require(by, "imports")
    with transaction.atomic():
        batch = Batch.objects.filter(pk=batch_id, undone__isnull=True).first()
        if batch is None:
            raise NoSuchBatch(f"There is no batch {batch_id!r} to undo. An import prints the name of its batch.")
        separated = undo_merges_of(batch.id, by=actor)
        undone = undo_writes(batch.id, by=actor)
        batch.undone = timezone.now()
        batch.save(update_fields=["undone"])
        detail = {"deleted": undone.deleted, "set_back": undone.set_back, "merges_undone": separated}
        record_one(actor, "batch.undo", what=f"Batch/{batch.id}", detail=detail)
    return undone
