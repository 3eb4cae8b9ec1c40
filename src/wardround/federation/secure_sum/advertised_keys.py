"""The keys that hospitals advertise for one sum, read with the eyes of somebody who pinned their identities."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from wardround.federation.canonical import NotCanonical, read_canonical
from wardround.federation.errors import MessageError, SumRefused
from wardround.federation.messages import decode
from wardround.federation.secure_sum import masks
from wardround.federation.secure_sum.context import SumContext

_WORDS = {
    "protocol": "another version of the protocol",
    "study": "another study",
    "run": "another run",
    "purpose": "another purpose",
    "round": "another round",
    "attempt": "another attempt of the round",
    "roster": "another roster or other keys of its members",
    "threshold": "another threshold",
    "bits": "another encoding",
    "bound": "another bound",
    "length": "another number of words",
    "request_hash": "another model or request",
}


@dataclass(frozen=True, kw_only=True)
class AdvertisedKeys:
    """One hospital's fresh X25519 public keys for this sum, and the signed message they came in."""

    share_key: bytes
    mask_key: bytes
    message: bytes


def read_keys(data: bytes, *, name: str, context: SumContext, seen: bytes, pinned: Ed25519PublicKey) -> AdvertisedKeys:
    """The keys in one ``advertised`` message. ``seen`` is the reader's own context in bytes.

    Raises SumRefused when the pinned identity of ``name`` did not sign them, or signed them for another context,
    which is then named.
    """
    try:
        message = decode(data, direction="to coordinator", kind="advertised")
    except MessageError as error:
        raise SumRefused(f"The keys of {name} cannot be read. {error}") from error
    if not message.is_signed_by(pinned):
        raise SumRefused(f"The keys shown as those of {name} are not signed by the identity that is pinned for {name}.")
    other = message.data("context")
    if other != seen:
        raise SumRefused(f"{name} takes part in {_difference(other, seen=seen)} than this side was told of.")
    if any(message.fields[field] != value for field, value in context.which.items()):
        raise SumRefused(f"The keys of {name} belong to another sum.")
    share_key, mask_key = message.data("share_key"), message.data("mask_key")
    if not (masks.is_usable(share_key) and masks.is_usable(mask_key)):
        raise SumRefused(f"The keys of {name} are not usable X25519 keys.")
    return AdvertisedKeys(share_key=share_key, mask_key=mask_key, message=data)


def read_advertised(
    messages: Mapping[str, bytes], *, context: SumContext, seen: bytes, pinned: Mapping[str, Ed25519PublicKey]
) -> dict[str, AdvertisedKeys]:
    """Everyone's keys, each checked as ``read_keys`` does; enough hospitals, and no key twice."""
    strangers = sorted(messages.keys() - set(context.roster))
    if strangers:
        raise SumRefused(f"{strangers[0]} is not on the roster of the sum.")
    if len(messages) < context.threshold:
        raise SumRefused(f"Only {len(messages)} hospitals advertised keys; {context.threshold} must.")
    keys = {
        name: read_keys(messages[name], name=name, context=context, seen=seen, pinned=pinned[name])
        for name in sorted(messages)
    }
    if len({key for one in keys.values() for key in (one.share_key, one.mask_key)}) != 2 * len(keys):
        raise SumRefused("Two of the advertised keys are the same key.")
    return keys


def session_of(seen: bytes, *, keys: Mapping[str, AdvertisedKeys]) -> bytes:
    """32 bytes that name this context with exactly these keys: what masks, shares and signatures are bound to."""
    digest = hashlib.sha256(b"wardround secure sum session 1\0" + hashlib.sha256(seen).digest())
    for name in sorted(keys):
        digest.update(name.encode() + b"\0" + hashlib.sha256(keys[name].message).digest())
    return digest.digest()


def _difference(other: bytes, *, seen: bytes) -> str:
    try:
        theirs: Any = read_canonical(other)
        ours: Any = read_canonical(seen)
    except NotCanonical:
        return "a sum that cannot be read, so in another sum"
    if isinstance(theirs, dict):
        for field, words in _WORDS.items():
            if theirs.get(field) != ours.get(field):
                return words
    return "another sum"
