"""Data keys: one per patient, wrapped by the home's key-encryption key; and the sealing of bytes under them."""

import os
import secrets
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from wardround.hospital.records.models import DataKey

NODE = ""  # the subject of what belongs to no patient
_NONCE_BYTES = 12


class KeyringError(Exception):
    """Something stored cannot be opened; the message never holds its content."""


class BrokenSeal(KeyringError):
    """The stored bytes were altered, moved to another row, or belong to another home."""


class Keyring:
    """Unwraps each data key at most once. Make one for a task and let it go: keys must not outlive their use."""

    def __init__(self) -> None:
        self._wrapping = AESGCM(settings.HOME.key("kek"))
        self._rows: dict[str, DataKey] = {}
        self._ciphers: dict[int, AESGCM] = {}

    def keys_for(self, subjects: Iterable[str]) -> dict[str, DataKey]:
        """The data keys of these patients; a patient who has none yet gets one. Inside the caller's transaction."""
        wanted = set(subjects)
        missing = wanted - self._rows.keys()
        if missing:
            self._rows.update({row.subject: row for row in DataKey.objects.filter(subject__in=missing)})
        fresh = [self._new_key(subject) for subject in sorted(wanted - self._rows.keys())]
        if fresh:
            DataKey.objects.bulk_create(fresh)
            self._rows.update({row.subject: row for row in fresh})
        return {subject: self._rows[subject] for subject in wanted}

    def node_key(self) -> DataKey:
        """The key of what belongs to no patient: quarantined messages, names of files."""
        return self.keys_for([NODE])[NODE]

    def seal(self, content: bytes, *, key: DataKey, place: str) -> bytes:
        """AES-256-GCM, bound to `place` ("table|id|version") and to the key itself."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher(key).encrypt(nonce, content, _bound(place, key=key))

    def open(self, sealed: bytes | memoryview, *, key: DataKey, place: str) -> bytes:
        """The content; raises `BrokenSeal` when the bytes are not what was sealed for this place."""
        content = bytes(sealed)
        try:
            return self._cipher(key).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], _bound(place, key=key))
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal(f"What is stored at {place} was altered or moved. Restore it from a backup.") from error

    def _cipher(self, key: DataKey) -> AESGCM:
        if key.pk not in self._ciphers:
            wrapped = bytes(key.wrapped)
            try:
                plain = self._wrapping.decrypt(
                    wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _wrapping_bound(key.subject)
                )
            except (InvalidTag, ValueError) as error:
                raise BrokenSeal(
                    f"Data key {key.pk} does not open with this home's key-encryption key. "
                    "Use the keys folder that belongs to this database."
                ) from error
            self._ciphers[key.pk] = AESGCM(plain)
        return self._ciphers[key.pk]

    def _new_key(self, subject: str) -> DataKey:
        nonce = os.urandom(_NONCE_BYTES)
        wrapped = nonce + self._wrapping.encrypt(nonce, secrets.token_bytes(32), _wrapping_bound(subject))
        return DataKey(subject=subject, wrapped=wrapped)


def _wrapping_bound(subject: str) -> bytes:
    return f"records_datakey|{subject}".encode()


def _bound(place: str, *, key: DataKey) -> bytes:
    return f"{place}|key {key.pk}".encode()
