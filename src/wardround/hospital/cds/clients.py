"""Registering the electronic records that may ask, with the keys that are pinned for them. These are writes."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.db import transaction
from django.utils import timezone

from wardround.hospital.cds.errors import ClientError
from wardround.hospital.cds.models import CdsClient
from wardround.hospital.cds.tokens import ALGORITHMS
from wardround.hospital.roles import require
from wardround.web.audit.trail import record_one

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LEAST_RSA_BITS = 2048
_LARGEST_SET = 64 * 1024
_LONGEST_TENANT = 200


@transaction.atomic
def add_client(
    iss: str,
    *,
    jwks: bytes,
    name: str = "",
    jku: str = "",
    tenant: str = "",
    origins: Sequence[str] = (),
    knows_our_patients: bool = False,
    by: object,
) -> CdsClient:
    """Trust an issuer's tokens from now on; one that is there gets these keys in place of its old ones."""
    actor = require(by, "operate")
    _check_issuer(iss)
    if jku:
        _check_jku(jku)
    if len(tenant) > _LONGEST_TENANT:
        raise ClientError(f"--tenant is at most {_LONGEST_TENANT} characters, as the other record's tokens state it.")
    for origin in origins:
        _check_origin(origin)
    facts = {
        "name": name or urlsplit(iss).netloc or iss[:150],
        "keys": {"keys": _public_keys(jwks)},
        "jku": jku,
        "tenant": tenant,
        "origins": list(origins),
        "knows_our_patients": knows_our_patients,
        "added": timezone.now(),
        "added_by": actor.name,
        "is_active": True,
    }
    client, _is_new = CdsClient.objects.update_or_create(iss=iss, defaults=facts)
    kids = [key["kid"] for key in client.keys["keys"]]
    detail = {
        "iss": iss,
        "keys": kids,
        "tenant": tenant,
        "origins": list(origins),
        "knows_our_patients": knows_our_patients,
    }
    record_one(actor, "cds.client.add", what=f"CdsClient/{client.pk}", detail=detail)
    return client


@transaction.atomic
def remove_client(iss: str, *, by: object) -> CdsClient:
    """Tokens of this issuer are refused from now on. What it was given and said stays."""
    actor = require(by, "operate")
    client = CdsClient.objects.filter(iss=iss, is_active=True).first()
    if client is None:
        raise ClientError(f"No client with the issuer {iss} is registered. `cds-client list` shows those that are.")
    client.is_active = False
    client.save(update_fields=["is_active"])
    record_one(actor, "cds.client.remove", what=f"CdsClient/{client.pk}", detail={"iss": iss})
    return client


def clients(somebody: object) -> list[CdsClient]:
    """Those that are registered, by their issuer."""
    require(somebody, "operate")
    return list(CdsClient.objects.filter(is_active=True).order_by("iss"))


def _public_keys(text: bytes) -> list[dict[str, Any]]:
    if len(text) > _LARGEST_SET:
        raise ClientError("The key set is larger than 64 KiB.")
    try:
        entries = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError) as error:
        raise ClientError('The key set should be a JWK Set as JSON: {"keys": [...]}.') from error
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ClientError("The key set holds no key.")
    kids = [entry.get("kid") for entry in entries]
    if not all(isinstance(kid, str) and kid for kid in kids) or len(set(kids)) != len(kids):
        raise ClientError("Each key needs a kid of its own: tokens name their key by it.")
    for entry in entries:
        if _PRIVATE & entry.keys():
            raise ClientError("The key set holds a private or a shared key. Only public keys may leave their owner.")
        _check_key(entry)
    return entries


def _check_key(entry: dict[str, Any]) -> None:
    algorithm = {"EC": "ES384", "RSA": "RS384"}.get(str(entry.get("kty")), "")
    curve_fits = algorithm != "ES384" or entry.get("crv") == "P-384"
    if not algorithm or not curve_fits or entry.get("alg", algorithm) != algorithm:
        raise ClientError(f"A key should be for {' or '.join(ALGORITHMS)}: EC on P-384, or RSA.")
    try:
        key = jwt.PyJWK.from_dict(entry, algorithm=algorithm).key
    except jwt.PyJWTError as error:
        raise ClientError(f"The key {entry['kid']} cannot be read as a JSON Web Key.") from error
    if algorithm == "RS384" and key.key_size < _LEAST_RSA_BITS:
        raise ClientError(f"The RSA key {entry['kid']} is shorter than {_LEAST_RSA_BITS} bits.")


def _check_issuer(text: str) -> None:
    """Any URI: an issuer is named, never opened."""
    if not urlsplit(text).scheme or len(text) > 300 or text.split() != [text]:
        raise ClientError("--iss is the URI that the client's tokens name, for example https://emr.hospital.example/")


def _check_jku(text: str) -> None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or len(text) > 300:
        raise ClientError("--jku is the address of the client, for example https://emr.hospital.example/")


def _check_origin(text: str) -> None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or text != f"{parts.scheme}://{parts.netloc}":
        raise ClientError("--origin is scheme, host and port alone, for example https://emr.hospital.example")
