"""The sealer: chains committed audit events and signs the end of the chain."""

import hashlib
import json
import os
import threading
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.web.audit.models import AuditEvent, AuditHead, AuditLink
from wardround.web.repeating import repeat_until_stopped

GENESIS = bytes(32)
_CHUNK = 2_000
_SECONDS = 1.0


def seal_pending() -> int:
    """Chain every committed event that is not chained yet, sign the new head, and return how many were sealed.

    Call it each second while a site runs and at the end of a command. What is younger is authenticated by its MAC
    but not chained yet: in that second a deletion would go unseen.
    """
    sealed = 0
    while True:
        count, head = _seal_chunk()
        sealed += count
        if head is not None:
            append_head(heads_file(), head=head)
        if count < _CHUNK:
            return sealed


def seal_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of a site's worker."""
    repeat_until_stopped(stopping, seal_pending, seconds=_SECONDS, what="The sealing of the audit trail")


def link_hash(previous: bytes, *, position: int, event: AuditEvent) -> bytes:
    """SHA-256 over the link before, the place, and the event's identity and code."""
    return hashlib.sha256(previous + position.to_bytes(8, "big") + event.uid.bytes + bytes(event.mac)).digest()


def head_message(*, home_id: str, position: int, link: bytes, signed: datetime) -> bytes:
    """The bytes that are signed for one head."""
    return json.dumps(["wardround audit head 1", home_id, position, link.hex(), signed.isoformat()]).encode()


def heads_file() -> Path:
    """Signed heads are also kept outside the database, so that cutting off the end of the table is seen."""
    return settings.HOME.receipts / "audit-heads.jsonl"


def append_head(path: Path, *, head: AuditHead) -> None:
    """Add one head to the file and wait until the disk has it."""
    line = json.dumps(
        {
            "position": head.position,
            "hash": bytes(head.hash).hex(),
            "signed": head.signed.isoformat(),
            "signature": bytes(head.signature).hex(),
        }
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@transaction.atomic
def _seal_chunk() -> tuple[int, AuditHead | None]:
    events = list(AuditEvent.objects.filter(is_sealed=False).order_by("id")[:_CHUNK])
    if not events:
        return 0, None
    last = AuditLink.objects.order_by("-position").first()
    position, link = (last.position, bytes(last.hash)) if last else (0, GENESIS)
    links = []
    for event in events:
        position += 1
        link = link_hash(link, position=position, event=event)
        links.append(AuditLink(position=position, event_id=event.pk, hash=link))
    AuditLink.objects.bulk_create(links, batch_size=300)
    AuditEvent.objects.filter(is_sealed=False, id__gte=events[0].pk, id__lte=events[-1].pk).update(is_sealed=True)
    signed = timezone.now()
    message = head_message(home_id=settings.HOME.id, position=position, link=link, signed=signed)
    signature = settings.HOME.identity_key().sign(message)
    return len(events), AuditHead.objects.create(position=position, hash=link, signed=signed, signature=signature)
