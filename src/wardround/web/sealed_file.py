"""Files that a home keeps encrypted: cohorts, models, the state of a run."""

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wardround.federation.durable import write_whole
from wardround.web.home import Home

_MAGIC = b"wardround-sealed-1\n"
_NONCE = 12


class SealedFileError(Exception):
    """The file cannot be opened; the message says why."""


def write_sealed(path: Path, content: bytes, *, home: Home, purpose: str) -> None:
    """Encrypt with a key of the home (AES-256-GCM) and replace the file in one step.

    The file is bound to its purpose ("cohort <study hash>"), so one cannot be put in another's place.
    """
    nonce = secrets.token_bytes(_NONCE)
    sealed = _MAGIC + nonce + AESGCM(_key(home, purpose=purpose)).encrypt(nonce, content, purpose.encode())
    write_whole(path, sealed)


def read_sealed(path: Path, *, home: Home, purpose: str) -> bytes:
    """The content. Raises SealedFileError when the file is missing, changed, another home's or another purpose's."""
    try:
        sealed = path.read_bytes()
    except OSError as error:
        raise SealedFileError(f"{path.name} cannot be read: {error.strerror}.") from error
    if not sealed.startswith(_MAGIC):
        raise SealedFileError(f"{path.name} is not a file that this version of Wardround encrypted.")
    start = len(_MAGIC)
    nonce, ciphertext = sealed[start : start + _NONCE], sealed[start + _NONCE :]
    try:
        return AESGCM(_key(home, purpose=purpose)).decrypt(nonce, ciphertext, purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise SealedFileError(f"{path.name} was changed, or belongs to another home or purpose.") from error


def _key(home: Home, *, purpose: str) -> bytes:
    derivation = HKDF(
        algorithm=hashes.SHA256(), length=32, salt=home.id.encode(), info=b"sealed file " + purpose.encode()
    )
    return derivation.derive(home.key("kek"))
