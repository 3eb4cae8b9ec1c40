"""Every read of the members."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from wardround.coordinator.members.actions import fingerprint
from wardround.coordinator.members.models import Member, Standing
from wardround.coordinator.members.state import MemberLine
from wardround.federation.joining import Peer
from wardround.web.home import Home

CONNECTED = "connected.json"
_SILENT = timedelta(minutes=2)  # an engine that lives is heard of every few seconds, and so is the dispatcher


class NoSuchMemberError(Exception):
    """No hospital of this name was invited."""


def members() -> tuple[MemberLine, ...]:
    """Every hospital that was ever invited, by title."""
    connected, seen = _connections(settings.HOME)
    return tuple(_line(member, connected=connected, seen=seen) for member in Member.objects.order_by("title"))


def member_named(name: str) -> MemberLine:
    """One hospital. Raises NoSuchMemberError."""
    member = Member.objects.filter(name=name).first()
    if member is None:
        raise NoSuchMemberError(f"No hospital {name!r} was ever invited.")
    connected, seen = _connections(settings.HOME)
    return _line(member, connected=connected, seen=seen)


def _line(member: Member, *, connected: set[str], seen: dict[str, datetime]) -> MemberLine:
    moments = [moment for moment in (seen.get(member.name), member.asked) if moment is not None]
    return MemberLine(
        name=member.name,
        title=member.title,
        standing=member.standing,  # type: ignore[arg-type]
        since=member.since,
        fingerprint=fingerprint(member.identity) if member.identity else "",
        connected=member.name in connected,
        last_seen=max(moments, default=None),
        asked=member.asked,
        revoked_because=member.revoked_because,
    )


def roster(names: tuple[str, ...] = ()) -> tuple[Peer, ...]:
    """The members as hospitals are told of them; all, or those named."""
    chosen = Member.objects.filter(standing=Standing.MEMBER).order_by("name")
    if names:
        chosen = chosen.filter(name__in=names)
    return tuple(
        Peer(name=member.name, title=member.title, identity=member.identity, sealing_key=member.sealing_key)
        for member in chosen
    )


def revoked_names() -> frozenset[str]:
    """The hospitals whom the engine must let in no more."""
    return frozenset(Member.objects.filter(standing=Standing.REVOKED).values_list("name", flat=True))


def member_of_identity(identity: str) -> Member | None:
    """The member that has this key, unless it was revoked."""
    return Member.objects.filter(identity=identity, standing=Standing.MEMBER).first()


def admission_of(name: str) -> bytes | None:
    """The signed admission, once the operator has admitted the hospital."""
    member = Member.objects.filter(name=name, standing=Standing.MEMBER).first()
    return bytes(member.admission) if member else None


def _connections(home: Home) -> tuple[set[str], dict[str, datetime]]:
    """Who is connected to the engine and when it was heard of, as the dispatcher last wrote it down. Who has been silent is
    not connected, also where the dispatcher itself no longer looks."""
    try:
        written = json.loads((home.run / CONNECTED).read_text("utf-8"))
    except (OSError, ValueError):
        return set(), {}
    seen = {name: datetime.fromisoformat(moment) for name, moment in written["seen"].items()}
    since = timezone.now() - _SILENT
    return {name for name in written["now"] if name in seen and seen[name] > since}, seen
