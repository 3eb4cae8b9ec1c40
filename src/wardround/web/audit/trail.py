"""Writing audit events: one function for one event, one for many; both inside the caller's transaction."""

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from django.conf import settings
from django.db import connection
from django.utils import timezone

from wardround.web.audit.actor import Actor
from wardround.web.audit.models import AuditEvent
from wardround.web.many_rows import insert_objects


@dataclass(frozen=True)
class Entry:
    """What an event says; who and when are added when it is written."""

    action: str
    patient_id: str = ""
    what: str = ""
    outcome: str = "done"
    detail: Mapping[str, object] = field(default_factory=dict)


def record(actor: Actor, *, entries: Iterable[Entry]) -> None:
    """Write events. Call it inside the transaction of the deed; a refusal or a read is its own transaction."""
    now = timezone.now()
    key = settings.HOME.key("mac")
    insert_objects(_event(actor, entry=entry, now=now, key=key) for entry in entries)


def record_one(actor: Actor, action: str, **fields: object) -> None:
    """Write one event: record_one(actor, "record.read", patient_id="p1", what="Patient/p1")."""
    record(actor, entries=[Entry(action=action, **fields)])  # type: ignore[arg-type]


def must_be_in_transaction() -> None:
    """An action calls this first: its row and its audit event stand or fall together."""
    if not connection.in_atomic_block:
        raise RuntimeError("An action writes its audit event in one transaction with the deed; open one first.")


def mac_of(event: AuditEvent, *, key: bytes) -> bytes:
    """HMAC-SHA256 over every field that tells the story (not the row number, not whether it is sealed)."""
    story = orjson.dumps(
        [
            str(event.uid),
            _instant(event.recorded),
            event.action,
            event.outcome,
            event.actor_kind,
            event.actor_name,
            event.actor_role,
            event.patient_id,
            event.what,
            event.detail,
        ],
        option=orjson.OPT_SORT_KEYS,
    )
    return hmac.new(key, story, hashlib.sha256).digest()


def _event(actor: Actor, *, entry: Entry, now: datetime, key: bytes) -> AuditEvent:
    event = AuditEvent(
        uid=uuid.uuid4(),
        recorded=now,
        action=entry.action,
        outcome=entry.outcome,
        actor_kind=actor.kind,
        actor_name=actor.name[:150],
        actor_role=actor.role,
        patient_id=entry.patient_id,
        what=entry.what[:200],
        detail=dict(entry.detail),
    )
    event.mac = mac_of(event, key=key)
    return event


def _instant(moment: datetime) -> str:
    return f"{moment.timestamp():.6f}"
