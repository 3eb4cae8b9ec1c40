"""What is known about one member: the noun that the pages show and the commands print."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Standing = Literal["invited", "requested", "member", "revoked"]


@dataclass(frozen=True)
class MemberLine:
    """One hospital. `fingerprint` is of its Ed25519 identity: hospitals compare it with each other by another way.

    `connected`: its engine is. `last_seen` is the later of the engine's last heartbeat and its last signed request
    to the web (`asked`).
    """

    name: str
    title: str
    standing: Standing
    since: datetime
    fingerprint: str
    connected: bool
    last_seen: datetime | None
    asked: datetime | None = None
    revoked_because: str = ""
