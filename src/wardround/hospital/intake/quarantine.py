"""The quarantine: messages that were refused, with their raw bytes, until somebody replays them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from wardround.hospital.intake.errors import NotInQuarantine
from wardround.hospital.intake.models import Batch, QuarantineItem
from wardround.hospital.records.access import require
from wardround.hospital.records.keyring import Keyring
from wardround.interchange.draft import Source
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import must_be_in_transaction, record_one


@dataclass(frozen=True)
class Quarantined:
    """One message in quarantine, without its content."""

    id: int
    batch: str
    format: str
    position: str
    reason: str
    state: str
    quarantined: datetime


def quarantine(source: Source, *, reason: str, digest: bytes, batch: Batch, by: Actor) -> QuarantineItem:
    """Keep a refused message, encrypted under the node's key: it is not known yet whose it is."""
    must_be_in_transaction()
    keyring = Keyring()
    key = keyring.node_key()
    place = _place(batch.id, digest=digest)
    item = QuarantineItem.objects.create(
        batch=batch,
        position=source.position[:100],
        file_name=keyring.seal(source.file.encode(), key=key, place=f"{place}|file"),
        digest=digest,
        raw=keyring.seal(source.raw, key=key, place=place),
        reason=reason[:1000],
        quarantined=timezone.now(),
    )
    record_one(by, "quarantine.add", what=f"Quarantine/{item.pk}", detail={"batch": batch.id})
    return item


def quarantined(somebody: object, *, batch: str = "", open_only: bool = True) -> list[Quarantined]:
    """The messages in quarantine, oldest first."""
    require(somebody, "imports")
    items = QuarantineItem.objects.select_related("batch").order_by("pk")
    if batch:
        items = items.filter(batch=batch)
    if open_only:
        items = items.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True)
    return [line_of(item) for item in items]


@dataclass(frozen=True)
class Reason:
    """What is wrong with how many of the messages that wait. `key` names it in an address."""

    key: str
    sentence: str
    many: int


def reasons(somebody: object, *, batch: str = "") -> list[Reason]:
    """Why messages wait in quarantine, the most frequent reason first. Raises `NotAllowed`."""
    require(somebody, "imports")
    items = QuarantineItem.objects.filter(state=QuarantineItem.State.OPEN, batch__undone__isnull=True)
    if batch:
        items = items.filter(batch=batch)
    counted = items.values_list("reason").annotate(many=Count("id")).order_by("-many", "reason")
    return [Reason(reason_key(said), said, many) for said, many in counted]


def reason_key(sentence: str) -> str:
    """How an address names a reason."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:16]


def line_of(item: QuarantineItem) -> Quarantined:
    return Quarantined(
        id=item.pk,
        batch=item.batch_id,
        format=item.batch.format,
        position=item.position,
        reason=item.reason,
        state=item.state,
        quarantined=item.quarantined,
    )


def item_of(item_id: int) -> QuarantineItem:
    """One item; raises `NotInQuarantine`."""
    item = QuarantineItem.objects.select_related("batch__code_mapping").filter(pk=item_id).first()
    if item is None:
        raise NotInQuarantine(f"There is no message {item_id} in quarantine. `quarantine list` shows those that are.")
    return item


def content_of(item_id: int, *, by: object) -> tuple[Quarantined, Source]:
    """One message with its raw bytes. That somebody looked is audited: the bytes are a patient's."""
    actor = require(by, "imports")
    item = item_of(item_id)
    record_one(actor, "quarantine.show", what=f"Quarantine/{item.pk}")
    return line_of(item), opened(item)


def opened(item: QuarantineItem) -> Source:
    """The message as it was read."""
    keyring = Keyring()
    key = keyring.node_key()
    place = _place(item.batch_id, digest=bytes(item.digest))
    file_name = keyring.open(item.file_name, key=key, place=f"{place}|file").decode()
    return Source(file=file_name, position=item.position, raw=keyring.open(item.raw, key=key, place=place))


def _place(batch_id: str, *, digest: bytes) -> str:
    return f"intake_quarantineitem|{batch_id}|{digest.hex()}"
