"""Whose keys this hospital trusts, as files that the engine's worker reads. No Django."""

from pathlib import Path

from wardround.federation.identity import PinnedMembers
from wardround.web.home import Home


def coordinator_path(home: Home) -> Path:
    return home.engine / "coordinator.key"


def coordinator_identity(home: Home) -> str:
    """The pinned Ed25519 key of the coordinator, hexadecimal. Raises OSError before this hospital asked to join."""
    return coordinator_path(home).read_text("utf-8").strip()


def pinned_members(home: Home) -> PinnedMembers:
    """The hospitals whose keys a person here has confirmed; empty before the first."""
    path = _members_path(home)
    return PinnedMembers.load(path, identity=home.identity_key()) if path.exists() else PinnedMembers()


def save_pinned(home: Home, members: PinnedMembers) -> None:
    members.save(_members_path(home), identity=home.identity_key())


def _members_path(home: Home) -> Path:
    return home.engine / "members.json"
