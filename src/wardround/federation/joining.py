"""The letters by which a hospital joins a federation, and a coordinator's publication of a study.

A letter is canonical JSON, signed with its sender's Ed25519 identity. The reader names the sender it expects; an
invitation and a join request bring their key along and are trusted only after a person has compared fingerprints.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wardround.federation.canonical import canonical
from wardround.federation.errors import FederationError
from wardround.federation.identity import public_bytes

FORMAT = "wardround-letter-1"
LARGEST = 1024 * 1024
PROOF_AGE = timedelta(minutes=5)
_LETTER_LABEL = b"wardround letter 1\0"
_PROOF_LABEL = b"wardround proof 1\0"


class LetterError(FederationError):
    """The letter cannot be used; the message says why and what would be right."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """The coordinator's to one hospital: where to connect, under which name, and a secret that works once."""

    coordinator: str
    hospital: str  # the slug under which the hospital is known to all
    title: str
    engine_host: str
    engine_port: int
    web: str  # the coordinator's web address; empty when studies travel as files
    token: str


@dataclass(frozen=True, kw_only=True)
class JoinRequest:
    """The hospital's: its public keys. No private key is in it. Signed with the identity it brings."""

    hospital: str
    title: str
    sealing_key: str  # X25519, hexadecimal
    engine_request: str  # certificate request, PEM
    token: str


@dataclass(frozen=True, kw_only=True)
class Admission:
    """The coordinator's: the hospital's certificate for the engine's port."""

    hospital: str
    engine_host: str
    engine_port: int
    certificate: str  # PEM
    root: str  # PEM


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One hospital that takes part, as the coordinator names it; the hospitals compare fingerprints themselves."""

    name: str
    title: str
    identity: str  # Ed25519 public key, hexadecimal
    sealing_key: str  # X25519 public key, hexadecimal


@dataclass(frozen=True, kw_only=True)
class Publication:
    """The coordinator's: a study document as it was signed, and who is to take part."""

    study: str  # base64 of the signed study's bytes
    roster: tuple[Peer, ...]

    @property
    def study_bytes(self) -> bytes:
        return base64.b64decode(self.study)


Letter = Invitation | JoinRequest | Admission | Publication
Kind = TypeVar("Kind", Invitation, JoinRequest, Admission, Publication)
_NAMES: dict[type, Literal["invitation", "join request", "admission", "publication"]] = {
    Invitation: "invitation",
    JoinRequest: "join request",
    Admission: "admission",
    Publication: "publication",
}


def write_letter(letter: Letter, *, key: Ed25519PrivateKey) -> bytes:
    """The letter's bytes: readable JSON that ends with a newline."""
    body = {"format": FORMAT, "kind": _NAMES[type(letter)], **asdict(letter)}
    envelope = {"letter": body, "signer": public_hex(key), "signature": key.sign(_LETTER_LABEL + canonical(body)).hex()}
    return json.dumps(envelope, indent=1, ensure_ascii=False).encode() + b"\n"


def read_letter(data: bytes, *, kind: type[Kind], signer: str | None = None) -> tuple[Kind, str]:
    """The letter and its signer's public key (hexadecimal). `signer` is the key it must have been signed with.

    Raises LetterError when the bytes are not such a letter, or the signature is not the expected one.
    """
    name = _NAMES[kind]
    if len(data) > LARGEST:
        raise LetterError(f"The {name} is larger than 1 MiB.")
    try:
        envelope = json.loads(data)
        body, found, signature = envelope["letter"], envelope["signer"], bytes.fromhex(envelope["signature"])
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(found))
        public.verify(signature, _LETTER_LABEL + canonical(body))
    except InvalidSignature as error:
        raise LetterError(f"The {name} was changed after it was signed. Ask for it again.") from error
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise LetterError(f"The file is not a signed {name} of Wardround.") from error
    if signer is not None and found != signer:
        raise LetterError(f"The {name} is signed with another key than the one this side has pinned.")
    if not isinstance(body, dict):  # anybody can sign anything
        raise LetterError(f"The file is not a signed {name} of Wardround.")
    if body.get("format") != FORMAT or body.get("kind") != name:
        raise LetterError(f"The file is not {'an' if name[0] in 'aeiou' else 'a'} {name} in the format {FORMAT}.")
    return _build(kind, body=body, name=name), found


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half of an identity, hexadecimal."""
    return public_bytes(key.public_key()).hex()


def write_proof(path: str, *, key: Ed25519PrivateKey, now: datetime) -> str:
    """The text by which a side proves to another that it asks for this path, now."""
    moment = now.astimezone(UTC).isoformat(timespec="seconds")
    return f"{public_hex(key)} {moment} {key.sign(_proof(path, moment=moment)).hex()}"


def read_proof(text: str, *, for_path: str, now: datetime) -> str:
    """Whose proof it is (public key, hexadecimal). Raises LetterError when it is none, or older than five minutes."""
    try:
        identity, moment, signature = text.split()
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(identity))
        public.verify(bytes.fromhex(signature), _proof(for_path, moment=moment))
        age = abs(now - datetime.fromisoformat(moment))
    except (InvalidSignature, ValueError, TypeError) as error:
        raise LetterError("The request is not signed by a member.") from error
    if age > PROOF_AGE:
        raise LetterError("The request's time differs from this side's by more than five minutes. Set the clock.")
    return identity


def _proof(path: str, *, moment: str) -> bytes:
    return _PROOF_LABEL + f"{path} {moment}".encode()


def _build(kind: type[Kind], *, body: dict[str, Any], name: str) -> Kind:
    given = {entry: value for entry, value in body.items() if entry not in ("format", "kind")}
    expected = {entry.name: entry.type for entry in fields(kind)}
    if given.keys() != expected.keys():
        raise LetterError(f"The {name} does not have the fields of this version. Update Wardround on both sides.")
    if kind is Publication:
        given["roster"] = tuple(_peer(entry) for entry in _list(given["roster"], name=name))
        _check_base64(given["study"])
    for entry, declared in expected.items():
        if declared in (str, int) and type(given[entry]) is not declared:
            raise LetterError(f"The {name}'s field {entry} is not of the right kind.")
    return kind(**given)


def _peer(entry: Any) -> Peer:
    names = {field.name for field in fields(Peer)}
    if not isinstance(entry, dict) or entry.keys() != names or not all(isinstance(v, str) for v in entry.values()):
        raise LetterError("The publication's list of hospitals is not readable.")
    return Peer(**entry)


def _list(value: Any, *, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise LetterError(f"The {name}'s list of hospitals is not a list.")
    return value


def _check_base64(value: Any) -> None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise LetterError("The publication's study is not readable.") from error
