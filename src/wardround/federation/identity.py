"""Who is who: readable fingerprints, and the members whose keys a hospital has pinned."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from wardround.federation.canonical import canonical
from wardround.federation.durable import write_whole
from wardround.federation.errors import IdentityError

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ROSTER_LABEL = b"wardround pinned members 1\0"
_LARGEST_ROSTER = 1024 * 1024


def public_bytes(key: Ed25519PublicKey | X25519PublicKey) -> bytes:
    """The 32 raw bytes of a public key."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def fingerprint(key: Ed25519PublicKey | X25519PublicKey) -> str:
    """What two people read to each other: 128 bits of the key's SHA-256 in eight groups of four."""
    digest = hashlib.sha256(public_bytes(key)).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


@dataclass(frozen=True, kw_only=True)
class Member:
    """One side of the federation whose keys this hospital has confirmed."""

    name: str
    identity: Ed25519PublicKey
    sealing: X25519PublicKey

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.identity)


@dataclass(frozen=True)
class PinnedMembers:
    """The members a side trusts, each pinned once by a fingerprint that a person confirmed by another way."""

    members: Mapping[str, Member] = field(default_factory=dict)

    def pin(self, member: Member, *, confirmed_fingerprint: str) -> "PinnedMembers":
        """The list with one more. Refuses a fingerprint that does not fit, and another key for a known name."""
        if NAME.fullmatch(member.name) is None:
            raise IdentityError(
                f"{member.name!r} is no member's name: lower-case letters, digits and hyphens, at most 40."
            )
        given = "".join(confirmed_fingerprint.lower().split())
        if given != member.fingerprint.replace(" ", ""):
            raise IdentityError(
                f"The key offered for {member.name} has the fingerprint {member.fingerprint}, not the confirmed one. "
                "Do not go on: call them and compare again."
            )
        known = self.members.get(member.name)
        if known is not None and _keys(known) != _keys(member):
            raise IdentityError(
                f"{member.name} is pinned with another key ({known.fingerprint}). A changed key needs the old one to be "
                "removed by a person first."
            )
        return replace(self, members={**self.members, member.name: member})

    def without(self, name: str) -> "PinnedMembers":
        """The list with one less; a person decided so."""
        if name not in self.members:
            raise IdentityError(f"{name} is not pinned.")
        return replace(self, members={key: member for key, member in self.members.items() if key != name})

    def identities(self, names: tuple[str, ...]) -> dict[str, Ed25519PublicKey]:
        """The pinned signing keys of these members. Raises IdentityError naming one that is not pinned."""
        for name in names:
            if name not in self.members:
                raise IdentityError(f"{name} is not pinned here. Confirm its fingerprint with a person there first.")
        return {name: self.members[name].identity for name in names}

    def save(self, path: Path, *, identity: Ed25519PrivateKey) -> None:
        """Write the list, signed with the side's own identity, as a whole or not at all."""
        body = self._body()
        document = {"members": body, "signature": identity.sign(_ROSTER_LABEL + canonical(body)).hex()}
        try:
            write_whole(path, json.dumps(document, indent=1).encode() + b"\n")
        except OSError as error:
            raise IdentityError(f"{path.name} could not be written: {error.strerror}.") from error

    @classmethod
    def load(cls, path: Path, *, identity: Ed25519PrivateKey) -> "PinnedMembers":
        """The list as this side wrote it. Raises IdentityError when it is missing, unreadable or altered."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise IdentityError(f"The pinned members in {path.name} cannot be read: {error.strerror}.") from error
        try:
            if len(data) > _LARGEST_ROSTER:
                raise IdentityError(f"{path.name} is larger than 1 MiB, so it is no list of members.")
            document = json.loads(data)
            body = document["members"]
            identity.public_key().verify(bytes.fromhex(document["signature"]), _ROSTER_LABEL + canonical(body))
            return cls({entry["name"]: _member(entry) for entry in body})
        except InvalidSignature as error:
            raise IdentityError(f"{path.name} was changed by someone else since this side wrote it.") from error
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise IdentityError(f"{path.name} is not a list of pinned members.") from error

    def _body(self) -> list[dict[str, str]]:
        return [
            {
                "name": name,
                "identity": public_bytes(self.members[name].identity).hex(),
                "sealing": public_bytes(self.members[name].sealing).hex(),
            }
            for name in sorted(self.members)
        ]


def _member(entry: Mapping[str, Any]) -> Member:
    return Member(
        name=str(entry["name"]),
        identity=Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry["identity"])),
        sealing=X25519PublicKey.from_public_bytes(bytes.fromhex(entry["sealing"])),
    )


def _keys(member: Member) -> tuple[bytes, bytes]:
    return public_bytes(member.identity), public_bytes(member.sealing)
