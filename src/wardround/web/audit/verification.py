"""Is the audit trail whole? Finds edited, deleted, cut off and reordered events.

Whoever holds the home's keys and can write both the database and the file of heads can still write history anew; only
a signed head that was handed to somebody else shows that.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from wardround.web.audit.models import AuditEvent, AuditHead, AuditLink
from wardround.web.audit.sealing import GENESIS, head_message, heads_file, link_hash
from wardround.web.audit.trail import mac_of

_CHUNK = 2_000


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. The trail is whole when `problems` is empty."""

    events: int
    sealed: int
    heads: int
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class _Head:
    position: int
    hash: bytes
    signed: datetime
    signature: bytes


def verify() -> Verdict:
    """Check every event's code, the chain over them, and every signed head, in the database and in the heads file."""
    problems: list[str] = []
    hashes = _check_chain(problems)
    unsealed = _check_unsealed(problems)
    heads = [*_heads_of_database(), *_heads_of_file(problems)]
    _check_heads(heads, hashes=hashes, problems=problems)
    return Verdict(events=len(hashes) + unsealed, sealed=len(hashes), heads=len(heads), problems=tuple(problems))


def _check_chain(problems: list[str]) -> dict[int, bytes]:
    key = settings.HOME.key("mac")
    hashes: dict[int, bytes] = {}
    previous, expected = GENESIS, 1
    for links in _chunks_of_links():
        events = AuditEvent.objects.in_bulk([link.event_id for link in links])
        for link in links:
            if link.position != expected:
                problems.append(
                    f"The chain jumps from place {expected - 1} to place {link.position}: links were deleted."
                )
            _check_link(link, event=events.get(link.event_id), previous=previous, key=key, problems=problems)
            expected, previous = link.position + 1, bytes(link.hash)
            hashes[link.position] = previous
    return hashes


def _chunks_of_links() -> Iterator[list[AuditLink]]:
    last = 0
    while links := list(AuditLink.objects.filter(position__gt=last).order_by("position")[:_CHUNK]):
        yield links
        last = links[-1].position


def _check_link(link: AuditLink, *, event: AuditEvent | None, previous: bytes, key: bytes, problems: list[str]) -> None:
    if event is None:
        problems.append(f"Event {link.event_id}, at place {link.position} of the chain, was deleted.")
        return
    if mac_of(event, key=key) != bytes(event.mac):
        problems.append(f"Event {event.pk}, at place {link.position} of the chain, was edited.")
    if link_hash(previous, position=link.position, event=event) != bytes(link.hash):
        problems.append(
            f"Place {link.position} of the chain does not follow from the one before it: reordered or replaced."
        )


def _check_unsealed(problems: list[str]) -> int:
    key = settings.HOME.key("mac")
    count = 0
    for event in AuditEvent.objects.filter(is_sealed=False).iterator(2_000):
        count += 1
        if mac_of(event, key=key) != bytes(event.mac):
            problems.append(f"Event {event.pk}, not yet sealed, was edited.")
    linked = AuditLink.objects.values_list("event_id", flat=True)
    cut = AuditEvent.objects.filter(is_sealed=True).exclude(id__in=linked).values_list("id", flat=True)
    problems.extend(f"Event {event_id} was sealed, but its link is gone: the chain was cut." for event_id in cut)
    return count


def _heads_of_database() -> Iterator[_Head]:
    for head in AuditHead.objects.order_by("position"):
        yield _Head(head.position, bytes(head.hash), head.signed, bytes(head.signature))


def _heads_of_file(problems: list[str]) -> Iterator[_Head]:
    path = heads_file()
    if not path.exists():
        if AuditHead.objects.exists():
            problems.append(f"The file of signed heads, {path.name}, is gone.")
        return
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            yield _Head(
                position=int(entry["position"]),
                hash=bytes.fromhex(entry["hash"]),
                signed=datetime.fromisoformat(entry["signed"]),
                signature=bytes.fromhex(entry["signature"]),
            )
        except (ValueError, KeyError, TypeError):
            problems.append(f"Line {number} of {path.name} is not a signed head.")


def _check_heads(heads: list[_Head], *, hashes: dict[int, bytes], problems: list[str]) -> None:
    public: Ed25519PublicKey = settings.HOME.identity_key().public_key()
    for head in heads:
        message = head_message(home_id=settings.HOME.id, position=head.position, link=head.hash, signed=head.signed)
        try:
            public.verify(head.signature, message)
        except InvalidSignature:
            problems.append(f"The signature of the head at place {head.position} is not this home's.")
        if head.position not in hashes:
            problems.append(
                f"A signed head says that place {head.position} exists, but the chain ends before it: cut off."
            )
        elif hashes[head.position] != head.hash:
            problems.append(f"The chain at place {head.position} is not the one that was signed.")
    if hashes and max(hashes) not in {head.position for head in heads}:
        problems.append("The end of the chain is not signed.")
