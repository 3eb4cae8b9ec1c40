"""Links to further pages: the whole search and its position in one sealed token, which shows nothing and cannot be made up."""

import base64
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils import timezone

from wardround.hospital.fhir.errors import FhirError
from wardround.web.audit.actor import Actor

PAGE = "_page"
LIFETIME_SECONDS = 24 * 60 * 60
_NONCE_BYTES = 12


class Expired(FhirError):
    """The link was good once."""

    status = 410
    code = "expired"


@dataclass(frozen=True)
class Place:
    """Where a search goes on: its address below the base, its names and values, and behind which hit."""

    address: str
    pairs: tuple[tuple[str, str], ...]
    is_lenient: bool
    values: tuple[Any, ...]
    pk: int
    limit: int
    total: int | None


def token_of(place: Place, *, actor: Actor) -> str:
    """AES-256-GCM under a key of this home, bound to whoever asked."""
    story = [
        int(timezone.now().timestamp()),
        place.address,
        place.pairs,
        place.is_lenient,
        place.values,
        place.pk,
        place.limit,
        place.total,
    ]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key()).encrypt(nonce, zlib.compress(orjson.dumps(story)), _bound(actor))
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def place_of(token: str, *, actor: Actor) -> Place:
    """Raises `FhirError` for what this server did not give to this caller, and `Expired`."""
    try:
        sealed = base64.b64decode(token.encode("ascii") + b"==", altchars=b"-_", validate=False)
        plain = AESGCM(_key()).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(actor))
    except (ValueError, InvalidTag):
        raise FhirError("This page link is not one that the server gave. Search again.", path=PAGE) from None
    made, address, pairs, is_lenient, values, pk, limit, total = orjson.loads(zlib.decompress(plain))
    if timezone.now().timestamp() > made + LIFETIME_SECONDS:
        raise Expired("This page link is older than a day. Search again.", path=PAGE)
    return Place(
        address=address,
        pairs=tuple((name, value) for name, value in pairs),
        is_lenient=is_lenient,
        values=tuple(values),
        pk=pk,
        limit=limit,
        total=total,
    )


def _key() -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"wardround fhir page links").derive(settings.HOME.key("django"))


def _bound(actor: Actor) -> bytes:
    return orjson.dumps([PAGE, actor.kind, actor.name])


def checked_alone(names: Sequence[str]) -> None:
    """A page link holds the whole search; nothing may be added to it."""
    if any(name not in {PAGE, "_format", "_pretty"} for name in names):
        raise FhirError("A page link is followed as it was given; it holds the whole search.", path=PAGE)
