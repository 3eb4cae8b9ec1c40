"""What was imported, and what became of it as it stands today: the answer to "which rows", also long after the import."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q

from wardround.hospital.intake.errors import NoSuchBatch
from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.intake.queries import file_names
from wardround.hospital.records.access import require
from wardround.hospital.records.models import ResourceFinding, StandardValue
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class BatchLine:
    """One import in the list of all."""

    id: str
    format: str
    started: datetime
    state: str  # complete, unfinished, undone
    summary: str
    started_by: str
    counts: dict[str, Any]  # empty of one that did not come to its end
    waiting: int  # messages of it that are in quarantine now


@dataclass(frozen=True)
class Row:
    """One record of a batch that somebody should look at: its place in the files, the stored resource, and why."""

    position: str
    resource: str  # "Observation/abc"; empty for a message in quarantine
    path: str
    why: str
    quarantine_id: int | None = None


@dataclass(frozen=True)
class BatchToday:
    """One import with every row that is held, not standardised or in quarantine, as things stand now."""

    id: str
    format: str
    files: tuple[str, ...]
    started: datetime
    state: str
    counts: dict[str, Any]
    held: tuple[Row, ...]
    not_standardised: tuple[Row, ...]
    quarantined: tuple[Row, ...]

    def as_text(self) -> str:
        lines = [
            f"Batch {self.id} ({self.format}, {self.state}), {self.started:%Y-%m-%d %H:%M}: {', '.join(self.files)}"
        ]
        for title, rows in (
            ("held", self.held),
            ("not standardised", self.not_standardised),
            ("in quarantine", self.quarantined),
        ):
            lines.append(f"  {title}: {len(rows)}")
            lines += [f"    {row.position:14} {row.resource} {row.why}" for row in rows]
        unmapped = Counter(self.counts.get("unmapped", {}))
        lines += [f"  not mapped: {name} in {many} messages" for name, many in unmapped.most_common()]
        return "\n".join(lines)


def batches(somebody: object) -> list[BatchLine]:
    """Every import, the latest first. Raises `NotAllowed`."""
    require(somebody, "imports")
    waiting = Count("quarantineitem", filter=Q(quarantineitem__state=QuarantineItem.State.OPEN, undone__isnull=True))
    return [
        BatchLine(b.id, b.format, b.started, _state(b), _summary(b), b.started_by, b.counts, b.waiting)
        for b in Batch.objects.annotate(waiting=waiting).order_by("-started")
    ]


def batch_today(batch_id: str, *, by: object) -> BatchToday:
    """One import as it stands now. Raises `NoSuchBatch` and `NotAllowed`."""
    actor = require(by, "imports")
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise NoSuchBatch(f"There is no batch {batch_id!r}. `batch list` shows those that there are.")
    record_one(actor, "batch.show", what=f"Batch/{batch.id}")
    present = StandardValue.objects.filter(
        is_current=True,
        resource__is_deleted=False,
        resource__versions__number=F("version"),
        resource__versions__provenance__batch=batch.id,
    ).select_related("resource")
    columns = ("resource__versions__provenance__position", "resource__type", "resource__logical_id", "path")
    held = [*present.filter(is_held=True, is_record_held=False).values_list(*columns, "finding_sentence")]
    records = ResourceFinding.objects.filter(
        is_current=True,
        is_held=True,
        resource__is_deleted=False,
        resource__versions__number=F("version"),
        resource__versions__provenance__batch=batch.id,
    )
    held += records.values_list(*columns, "sentence")
    other = present.exclude(not_standard="").values_list(*columns, "not_standard")
    waiting = QuarantineItem.objects.filter(batch=batch, state=QuarantineItem.State.OPEN).order_by("pk")
    return BatchToday(
        id=batch.id,
        format=batch.format,
        files=file_names([batch.id])[batch.id],
        started=batch.started,
        state=_state(batch),
        counts=batch.counts,
        held=tuple(Row(place, f"{kind}/{id_}", path, why) for place, kind, id_, path, why in held),
        not_standardised=tuple(Row(place, f"{kind}/{id_}", path, why) for place, kind, id_, path, why in other),
        quarantined=tuple(Row(item.position, "", "", item.reason, item.pk) for item in waiting),
    )


def _state(batch: Batch) -> str:
    if batch.undone is not None:
        return "undone"
    return "complete" if batch.finished is not None else "unfinished"


def _summary(batch: Batch) -> str:
    counts = batch.counts
    if not counts:
        return "no counts: it did not come to its end"
    return f"{counts['messages']} messages, {counts['stored']} stored, {counts['quarantined_messages']} in quarantine"
