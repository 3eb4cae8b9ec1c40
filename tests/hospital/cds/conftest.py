"""Another hospital's record that asks over CDS Hooks: its keys, its tokens, and a patient of whom nobody here has heard."""

import base64
import json
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.append(str(Path(__file__).parents[2] / "browser"))

ISS = "https://emr.hospital.example/"
SITE = "http://testserver"
PATIENT = "their-patient-1"
OURS = ("http://loinc.org", "8480-6")


def key_set(key: ec.EllipticCurvePrivateKey, *, kid: str = "k1") -> bytes:
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return json.dumps({"keys": [{**public, "kid": kid, "alg": "ES384", "use": "sig"}]}).encode()


@pytest.fixture(scope="session")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


@pytest.fixture
def register(db, key) -> Callable:
    """Register the other record, as an operator does."""
    from wardround.hospital.cds.clients import add_client
    from wardround.web.audit.actor import system_actor

    def add(**options: object):
        facts = {"jwks": key_set(key), "name": "The other record", **options}
        return add_client(ISS, by=system_actor("tests"), **facts)

    return add


@pytest.fixture
def token(key) -> Callable[..., str]:
    """A token for one address; claims and header may be other than they should."""

    def make(path: str, *, signed_with=None, header: dict | None = None, **claims: object) -> str:
        now = int(time.time())
        body = {"iss": ISS, "aud": SITE + path, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4()), **claims}
        body = {name: value for name, value in body.items() if value is not None}
        headers = {"kid": "k1", "typ": "JWT", **(header or {})}
        return jwt.encode(body, signed_with or key, algorithm="ES384", headers=headers)

    return make


@pytest.fixture
def call(client, token) -> Callable:
    """POST to an address with a good token (or the one given)."""

    def post(path: str, body: object, *, bearer: str | None = None, **headers: str):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        authorization = f"Bearer {token(path) if bearer is None else bearer}"
        return client.post(
            path, text, content_type="application/json", headers={"Authorization": authorization, **headers}
        )

    return post


@pytest.fixture
def heart(db, settings):
    """The heart study's model, in use here."""
    from wardround.bench.heart_model import put_in_use

    put_in_use(settings.HOME)


@pytest.fixture
def prefetch() -> Callable[..., dict]:
    """What the other record sends of its patient: a whole heart visit before the angiography."""
    from wardround.bench.heart_visit import visit

    def make(*, birth: str = "1963-05-02", pressure: float = 160, examined: bool = False) -> dict:
        resources = [{**resource, "id": f"r{n}"} for n, resource in enumerate(visit(PATIENT, pressure=pressure))]
        of_type = {name: [r for r in resources if r["resourceType"] == name] for name in ("Observation", "Procedure")}
        if not examined:
            of_type["Procedure"] = []
            of_type["Observation"] = [r for r in of_type["Observation"] if "coronary_narrowing" not in json.dumps(r)]
        patient = {"resourceType": "Patient", "id": PATIENT, "gender": "female", "birthDate": birth}
        return {
            "patient": patient,
            "observations": _bundle(of_type["Observation"]),
            "procedures": _bundle(of_type["Procedure"]),
        }

    return make


@pytest.fixture
def request_of() -> Callable[..., dict]:
    """A call of the hook patient-view."""

    def make(prefetch: dict | None, *, patient: str = PATIENT, **fields: object) -> dict:
        body = {
            "hook": "patient-view",
            "hookInstance": str(uuid.uuid4()),
            "context": {"userId": "Practitioner/dr-k", "patientId": patient},
            "prefetch": prefetch,
            **fields,
        }
        return {name: value for name, value in body.items() if value is not None}

    return make


def _bundle(resources: list[dict]) -> dict:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources]}


def unsigned(claims: dict) -> str:
    """A token of alg none, made by hand."""
    parts = ({"alg": "none", "typ": "JWT", "kid": "k1"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."
