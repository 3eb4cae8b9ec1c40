"""Who calls: the signed token of a registered electronic record (CDS Hooks 2.0, "Trusting CDS Clients")."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.db import IntegrityError, transaction
from django.utils import timezone

from wardround.hospital.cds.errors import NotTrusted
from wardround.hospital.cds.models import CdsClient, UsedToken

# Those that the specification recommends; no other is taken, and no symmetric one ever.
ALGORITHMS = ("ES384", "RS384")
LONGEST_LIFE = timedelta(hours=1)
_CLOCKS_DIFFER = timedelta(seconds=60)
_LONGEST_TOKEN = 8 * 1024
_CLAIMS = ("iss", "aud", "exp", "iat", "jti")


def client_of(authorization: str, *, endpoint: str) -> CdsClient:
    """The client whose token this is; the token is used up with it. Raises NotTrusted.

    `endpoint` is the address that was called: a token is made for one.
    """
    scheme, _blank, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
        raise NotTrusted("Send a signed token: Authorization: Bearer JWT (CDS Hooks 2.0, Trusting CDS Clients).")
    client, key = _signer(token)
    claims = _verified(token, key=key, endpoint=endpoint)
    _use(claims, client=client)
    return client


def _signer(token: str) -> tuple[CdsClient, jwt.PyJWK]:
    """Whom the token names, and the pinned key that it names. Nothing of it is believed yet."""
    try:
        header = jwt.get_unverified_header(token)
        claimed = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise NotTrusted("The token is not a JWT.") from error
    if header.get("typ") != "JWT" or header.get("alg") not in ALGORITHMS:
        raise NotTrusted(f"The token's header should say typ JWT and alg {' or '.join(ALGORITHMS)}.")
    client = CdsClient.objects.filter(iss=str(claimed.get("iss", ""))[:300], is_active=True).first()
    if client is None:
        raise NotTrusted("The token's issuer is not registered here. `wardround hospital cds-client add` does it.")
    if "jku" in header and (not client.jku or header["jku"] != client.jku):
        raise NotTrusted("The token names another key set (jku) than the one that is registered for its issuer.")
    if claimed.get("tenant", "") != client.tenant:
        raise NotTrusted(
            "The token speaks for another organization (tenant) than the one that is registered for its issuer. "
            "`wardround hospital cds-client add --tenant` registers one."
        )
    for entry in client.keys["keys"]:
        if entry.get("kid") == header.get("kid"):
            try:
                return client, jwt.PyJWK.from_dict(entry, algorithm=header["alg"])
            except jwt.PyJWTError as error:
                raise NotTrusted("The token's alg is not that of the key (kid) that it names.") from error
    raise NotTrusted("The token is signed with a key (kid) that is not registered for its issuer.")


def _verified(token: str, *, key: jwt.PyJWK, endpoint: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=list(ALGORITHMS),
            audience=[endpoint, f"{endpoint}/"],
            leeway=_CLOCKS_DIFFER,
            options={"require": list(_CLAIMS)},
        )
    except jwt.MissingRequiredClaimError as error:
        raise NotTrusted(f"The token lacks a claim; it needs {', '.join(_CLAIMS)}.") from error
    except jwt.ExpiredSignatureError as error:
        raise NotTrusted("The token has expired. Make a new one for each call.") from error
    except jwt.ImmatureSignatureError as error:
        raise NotTrusted("The token is of the future; compare the clocks.") from error
    except jwt.InvalidAudienceError as error:
        raise NotTrusted("The token is for another address; aud should be the address that is called.") from error
    except jwt.InvalidSignatureError as error:
        raise NotTrusted("The token's signature is not that of the registered key.") from error
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise NotTrusted("The token's claims cannot be read.") from error
    if not all(type(claims[name]) in (int, float) for name in ("exp", "iat")):
        raise NotTrusted("The token's exp and iat should be numbers: seconds since 1970-01-01T00:00:00Z.")
    if claims["exp"] - claims["iat"] > LONGEST_LIFE.total_seconds():
        raise NotTrusted("The token lives for more than an hour; make a new one for each call.")
    if not isinstance(claims["jti"], str) or not claims["jti"]:
        raise NotTrusted("The token's jti should be a text that is used once.")
    return claims


def _use(claims: dict[str, Any], *, client: CdsClient) -> None:
    """Remember the token until it would be refused anyway; raises NotTrusted when it was used before."""
    now = timezone.now()
    expires = datetime.fromtimestamp(claims["exp"], tz=UTC) + _CLOCKS_DIFFER * 2
    UsedToken.objects.filter(expires__lt=now).delete()
    try:
        with transaction.atomic():
            digest = hashlib.sha256(claims["jti"].encode()).hexdigest()
            UsedToken.objects.create(client=client, jti=digest, expires=expires)
    except IntegrityError as error:
        raise NotTrusted("The token was used before. Make a new one, with a jti of its own, for each call.") from error
