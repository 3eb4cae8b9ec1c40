"""Who is who: a side's own keys, readable fingerprints, and the members whose keys a hospital has pinned."""

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from wardround.federation.canonical import canonical
from wardround.federation.errors import IdentityError

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ROSTER_LABEL = b"wardround pinned members 1\0"
_LARGEST_ROSTER = 1024 * 1024


def create_identity(path: Path) -> Ed25519PrivateKey:
    """A new signing key in a new file (PKCS#8 PEM, 0600). Raises IdentityError when the file exists."""
    key = Ed25519PrivateKey.generate()
    _write_new(path, _pem(key))
    return key


def load_identity(path: Path) -> Ed25519PrivateKey:
    """The signing key; refuses a file that others than its owner can read."""
    key = _load(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise IdentityError(f"{path.name} holds another kind of key; an identity is an Ed25519 key.")
    return key


def create_sealing_key(path: Path) -> X25519PrivateKey:
    """A new key to which models are sealed, in a new file (PKCS#8 PEM, 0600)."""
    key = X25519PrivateKey.generate()
    _write_new(path, _pem(key))
    return key


def load_sealing_key(path: Path) -> X25519PrivateKey:
    """The sealing key; refuses a file that others than its owner can read."""
    key = _load(path)
    if not isinstance(key, X25519PrivateKey):
        raise IdentityError(f"{path.name} holds another kind of key; a sealing key is an X25519 key.")
    return key


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
        beside = path.with_name(path.name + ".new")
        beside.unlink(missing_ok=True)
        _write_new(beside, json.dumps(document, indent=1).encode() + b"\n")
        beside.replace(path)

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


def _pem(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_new(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise IdentityError(f"{path.name} exists already; a key is never written over.") from error
    except OSError as error:
        raise IdentityError(f"{path.name} could not be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _load(path: Path) -> object:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise IdentityError(
                f"{path.name} can be read by others than its owner (mode {mode:o}). Run chmod 600 on it, and make a "
                "new key if others may have read it."
            )
        return serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise IdentityError(f"The key {path.name} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError) as error:
        raise IdentityError(f"{path.name} is not a private key in PEM form.") from error
