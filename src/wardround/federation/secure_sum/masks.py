"""Keys of one secure sum and the masks that come from them: X25519, HKDF-SHA256, AES-256-CTR and AES-256-GCM.

Every derived key is bound to the session, which is a hash of the context (study, round, roster, threshold, model) and
of all advertised keys: hospitals that were told different things derive different masks, and nothing cancels.
"""

import hashlib
import os
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from wardround.federation.errors import SumRefused

SECRET_BYTES = 32
_NONCE_BYTES = 12
Words = NDArray[Any]


class WrongKey(SumRefused):
    """A public key or a ciphertext is not what it should be."""


def new_secret() -> bytes:
    """32 bytes from the operating system's generator: never from a seed, whatever else is reproducible."""
    return os.urandom(SECRET_BYTES)


def key_of(secret: bytes) -> X25519PrivateKey:
    """The X25519 key whose private bytes these are."""
    return X25519PrivateKey.from_private_bytes(secret)


def pairwise_key(own: bytes, *, peer: bytes, session: bytes, use: bytes) -> bytes:
    """The 32-byte key that two hospitals share for one use in one session. Raises WrongKey for an unusable key."""
    try:
        agreed = key_of(own).exchange(X25519PublicKey.from_public_bytes(peer))
    except ValueError as error:
        raise WrongKey("The public key is not a usable X25519 key.") from error
    return _derive(agreed, session=session, use=use)


def is_usable(public_key: bytes) -> bool:
    """Whether an exchange with this key gives a secret: a point of small order gives zeros whatever the other key."""
    try:
        pairwise_key(new_secret(), peer=public_key, session=b"", use=b"")
    except WrongKey:
        return False
    return True


def mask_use(one: str, other: str) -> bytes:
    """The use of the mask between two hospitals; the same for both."""
    return b"pairwise mask\0" + "\0".join(sorted((one, other))).encode()


def share_use(sender: str, recipient: str) -> bytes:
    """The use of the key for shares from one hospital to another; each direction has its own."""
    return f"share\0{sender}\0{recipient}".encode()


def self_mask_key(seed: bytes, *, session: bytes, name: str) -> bytes:
    """The key of a hospital's self-mask."""
    return _derive(seed, session=session, use=b"self mask\0" + name.encode())


def commitment(seed: bytes, *, session: bytes, name: str) -> str:
    """Binds a hospital to the seed of its self-mask and tells nothing about it, since the seed is 256 random bits."""
    return hashlib.sha256(b"wardround seed commitment 1\0" + session + name.encode() + b"\0" + seed).hexdigest()


def keystream(key: bytes, *, words: int, dtype: "np.dtype[Any]") -> Words:
    """The mask [words] of a key that is used for this one mask only: AES-256-CTR from counter zero."""
    size = words * dtype.itemsize
    encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    return np.frombuffer(encryptor.update(bytes(size)), dtype=dtype)


def add_pairwise_mask(total: Words, *, key: bytes, me: str, peer: str) -> None:
    """Adds the mask in place with the sign that makes the two hospitals' masks cancel: + for the first by name."""
    mask = keystream(key, words=len(total), dtype=total.dtype)
    if me < peer:
        np.add(total, mask, out=total)
    else:
        np.subtract(total, mask, out=total)


def encrypt_shares(shares: bytes, *, key: bytes, session: bytes) -> bytes:
    """AES-256-GCM under a random nonce, which is put in front."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, shares, session)


def decrypt_shares(data: bytes, *, key: bytes, session: bytes) -> bytes:
    """Raises WrongKey when the bytes were not encrypted by this peer for this hospital in this session."""
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], session)
    except (InvalidTag, ValueError) as error:
        raise WrongKey("The shares were not encrypted by that hospital for this one in this session.") from error


def _derive(secret: bytes, *, session: bytes, use: bytes) -> bytes:
    info = b"wardround secure sum 1\0" + use
    return HKDF(algorithm=hashes.SHA256(), length=SECRET_BYTES, salt=session, info=info).derive(secret)
