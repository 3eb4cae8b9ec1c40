"""A model on its way: signed by the coordinator and encrypted for each hospital, so that only members can open it.

    WRE | version 1 | length of the header | header | ephemeral key | ciphertext | signature

The header names study, run, round, use, sender and recipient; it is the associated data of AES-256-GCM, whose key comes
by HKDF-SHA256 from an ephemeral X25519 key and the recipient's (as in HPKE, RFC 9180, base mode). The signature covers
everything before it.
"""

import os
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wardround.federation.canonical import NotCanonical, canonical, read_canonical
from wardround.federation.errors import SealingError
from wardround.federation.identity import fingerprint, public_bytes

_MAGIC = b"WRE\x01"
_LENGTH = struct.Struct(">I")
_LARGEST_HEADER = 4096
_KEY_BYTES, _NONCE_BYTES, _SIGNATURE_BYTES = 32, 12, 64
_SIGNED = b"wardround envelope 1\0"
_DERIVED = b"wardround sealing 1\0"


@dataclass(frozen=True, kw_only=True)
class SealedUse:
    """What an envelope is about. Whoever opens it says what is expected; any difference is refused and named."""

    study: str
    run: str
    round: int
    use: Literal["request", "model", "store"]


def seal(
    data: bytes, *, to: Mapping[str, X25519PublicKey], signer: Ed25519PrivateKey, about: SealedUse
) -> dict[str, bytes]:
    """One envelope for each recipient, each under a key of its own."""
    return {name: _seal_one(data, to=name, key=key, signer=signer, about=about) for name, key in to.items()}


def open_sealed(
    envelope: bytes, *, to: str, key: X25519PrivateKey, signer: Ed25519PublicKey, about: SealedUse
) -> bytes:
    """The data, when ``signer`` sealed it for ``to`` and about exactly this. Raises SealingError saying what differs."""
    header, header_bytes, body = _read(envelope)
    try:
        signer.verify(envelope[-_SIGNATURE_BYTES:], _SIGNED + _digest(envelope[:-_SIGNATURE_BYTES]))
    except InvalidSignature as error:
        raise SealingError(
            "The sealed model is not signed by the coordinator whose key is pinned here, or it was altered."
        ) from error
    if header.get("sender") != fingerprint(signer):
        raise SealingError("The sealed model names another sender than its signature.")
    if header.get("recipient") != to:
        raise SealingError(f"The model is sealed for {header.get('recipient')}, not for {to}.")
    for field, expected in asdict(about).items():
        if header.get(field) != expected:
            raise SealingError(f"The model is sealed for another {field}: {header.get(field)}, not {expected}.")
    ephemeral, ciphertext = body[:_KEY_BYTES], body[_KEY_BYTES:]
    try:
        agreed = key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        secret, nonce = _derived(agreed, ephemeral=ephemeral, recipient=public_bytes(key.public_key()))
        return AESGCM(secret).decrypt(nonce, ciphertext, header_bytes)
    except (InvalidTag, ValueError) as error:
        raise SealingError(
            "The sealed model cannot be opened with this hospital's sealing key. Has the key changed since it joined?"
        ) from error


def _seal_one(data: bytes, *, to: str, key: X25519PublicKey, signer: Ed25519PrivateKey, about: SealedUse) -> bytes:
    header = canonical({**asdict(about), "recipient": to, "sender": fingerprint(signer.public_key())})
    own = X25519PrivateKey.from_private_bytes(os.urandom(_KEY_BYTES))
    ephemeral = public_bytes(own.public_key())
    try:
        agreed = own.exchange(key)
    except ValueError as error:
        raise SealingError(f"The sealing key of {to} is not usable.") from error
    secret, nonce = _derived(agreed, ephemeral=ephemeral, recipient=public_bytes(key))
    ciphertext = AESGCM(secret).encrypt(nonce, data, header)
    body = b"".join([_MAGIC, _LENGTH.pack(len(header)), header, ephemeral, ciphertext])
    return body + signer.sign(_SIGNED + _digest(body))


def _read(envelope: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    start = len(_MAGIC) + _LENGTH.size
    if len(envelope) < start or envelope[: len(_MAGIC)] != _MAGIC:
        raise SealingError("The bytes are not a sealed model of this version of Wardround.")
    (length,) = _LENGTH.unpack(envelope[len(_MAGIC) : start])
    if length > _LARGEST_HEADER or start + length + _KEY_BYTES + _SIGNATURE_BYTES > len(envelope):
        raise SealingError("The sealed model is cut off.")
    data = envelope[start : start + length]
    try:
        header = read_canonical(data)
    except NotCanonical as error:
        raise SealingError("The sealed model's header cannot be read.") from error
    if not isinstance(header, dict):
        raise SealingError("The sealed model's header cannot be read.")
    return header, data, envelope[start + length : -_SIGNATURE_BYTES]


def _derived(agreed: bytes, *, ephemeral: bytes, recipient: bytes) -> tuple[bytes, bytes]:
    # The key is used once, since the ephemeral key is; so the nonce may come from the same derivation.
    kdf = HKDF(
        algorithm=hashes.SHA256(),
        length=_KEY_BYTES + _NONCE_BYTES,
        salt=None,
        info=_DERIVED + ephemeral + recipient,
    )
    both = kdf.derive(agreed)
    return both[:_KEY_BYTES], both[_KEY_BYTES:]


def _digest(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()
