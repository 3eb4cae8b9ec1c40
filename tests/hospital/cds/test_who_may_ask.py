"""CDS Hooks, who may ask: only the signed, unused, timely token of a registered record, for the address that is called."""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

pytestmark = pytest.mark.django_db

DISCOVERY = "/cds-services"
ISS = "https://emr.hospital.example/"


def asked(client, bearer: str, path: str = DISCOVERY):
    return client.get(path, headers={"Authorization": f"Bearer {bearer}"})


def test_a_registered_record_is_told_the_services(client, register, token):
    register()

    response = asked(client, token(DISCOVERY))

    assert response.status_code == 200
    assert response.json() == {"services": []}


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (lambda _: {"iss": "https://somebody.example/"}, "issuer is not registered"),
        (lambda _: {"aud": "http://testserver/cds-services/heart"}, "another address"),
        (lambda now: {"exp": now - 300}, "expired"),
        (lambda now: {"iat": now + 900, "exp": now + 1200}, "future"),
        (lambda now: {"exp": now + 86_400}, "more than an hour"),
        (lambda now: {"exp": str(now + 60)}, "should be numbers"),
        (lambda now: {"iat": str(now)}, "should be numbers"),
        (lambda _: {"exp": float("inf")}, "cannot be read"),
        (lambda _: {"jti": 5}, "cannot be read"),
        (lambda _: {"jti": ""}, "used once"),
        (lambda _: {"jti": None}, "lacks a claim"),
        (lambda _: {"iat": None}, "lacks a claim"),
        (lambda _: {"exp": None}, "lacks a claim"),
        (lambda _: {"aud": None}, "lacks a claim"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(client, register, token, claims, said):
    register()

    response = asked(client, token(DISCOVERY, **claims(int(time.time()))))

    assert response.status_code == 401
    assert said in response.json()["issue"][0]["diagnostics"]


def test_a_token_counts_once(client, register, token):
    register()
    bearer = token(DISCOVERY)

    assert asked(client, bearer).status_code == 200
    again = asked(client, bearer)

    assert again.status_code == 401
    assert "used before" in again.json()["issue"][0]["diagnostics"]


def test_a_token_of_another_key_is_refused(client, register, token):
    register()

    assert asked(client, token(DISCOVERY, signed_with=ec.generate_private_key(ec.SECP384R1()))).status_code == 401


def test_the_audience_may_be_a_list_with_the_address(client, register, token):
    register()

    assert asked(client, token(DISCOVERY, aud=["http://testserver/cds-services"])).status_code == 200
    assert asked(client, token(DISCOVERY, aud=["http://testserver/cds-services/heart"])).status_code == 401


def test_an_algorithm_that_is_not_that_of_the_named_key_is_refused(client, register):
    register()
    now = int(time.time())
    claims = {"iss": ISS, "aud": "http://testserver/cds-services", "iat": now, "exp": now + 60, "jti": "x"}

    bearer = jwt.encode(claims, rsa.generate_private_key(65537, 2048), "RS384", {"kid": "k1", "typ": "JWT"})
    refused = asked(client, bearer)

    assert refused.status_code == 401
    assert "alg is not that of the key" in refused.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    ("registered", "stated", "status"),
    [("", None, 200), ("", "clinic-a", 401), ("clinic-a", "clinic-a", 200), ("clinic-a", "clinic-b", 401),
     ("clinic-a", None, 401), ("clinic-a", ["clinic-a"], 401)],
)  # fmt: skip
def test_tokens_speak_for_the_registered_organization_alone(client, register, token, registered, stated, status):
    register(tenant=registered)

    assert asked(client, token(DISCOVERY, tenant=stated)).status_code == status


@pytest.mark.parametrize("header", [{"kid": "k2"}, {"typ": "at+jwt"}, {"jku": "https://elsewhere.example/keys"}])
def test_a_token_with_a_wrong_header_is_refused(client, register, token, header):
    register(jku="https://emr.hospital.example/keys")

    assert asked(client, token(DISCOVERY, header=header)).status_code == 401


def test_a_token_may_name_the_registered_key_set(client, register, token):
    register(jku="https://emr.hospital.example/keys")

    header = {"jku": "https://emr.hospital.example/keys"}
    assert asked(client, token(DISCOVERY, header=header)).status_code == 200


def test_a_shared_secret_or_no_signature_is_refused(client, register, token):
    register()
    now = int(time.time())
    claims = {"iss": ISS, "aud": "http://testserver/cds-services", "iat": now, "exp": now + 60, "jti": "x"}
    headers = {"kid": "k1", "typ": "JWT"}

    shared = jwt.encode(claims, "a shared secret of more than sixty-four bytes, as HS512 asks for, is here", "HS512", headers)  # fmt: skip
    plain = jwt.encode(claims, None, "none", headers)

    assert asked(client, shared).status_code == 401
    assert asked(client, plain).status_code == 401


def test_a_session_counts_for_nothing(as_client, doctor):
    response = as_client(doctor).get(DISCOVERY)

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_refusal_is_in_the_audit_trail(client):
    from wardround.web.audit.models import AuditEvent

    asked(client, "nonsense")

    assert AuditEvent.objects.filter(action="cds.token", outcome="refused").count() == 1


def test_a_removed_record_is_refused(client, register, token):
    from wardround.hospital.cds.clients import remove_client
    from wardround.web.audit.actor import system_actor

    register()
    remove_client(ISS, by=system_actor("tests"))

    assert asked(client, token(DISCOVERY)).status_code == 401


def test_a_browser_page_of_a_registered_origin_may_call_and_no_other(client, register, token):
    register(origins=["https://emr.hospital.example"])

    known = client.options(DISCOVERY, headers={"Origin": "https://emr.hospital.example"})
    other = client.options(DISCOVERY, headers={"Origin": "https://elsewhere.example"})
    call = client.get(
        DISCOVERY, headers={"Authorization": f"Bearer {token(DISCOVERY)}", "Origin": "https://emr.hospital.example"}
    )

    assert known["Access-Control-Allow-Origin"] == "https://emr.hospital.example"
    assert "Access-Control-Allow-Origin" not in other
    assert call["Access-Control-Allow-Origin"] == "https://emr.hospital.example"


def test_a_page_that_may_call_may_also_read_why_it_is_refused(client, register, token):
    register(origins=["https://emr.hospital.example"])
    path = "/cds-services/heart"

    def refused(origin: str, bearer: str):
        headers = {"Authorization": f"Bearer {bearer}", "Origin": origin}
        return client.post(path, b"{}", content_type="application/json", headers=headers)

    unknown_service = refused("https://emr.hospital.example", token(path))
    no_token = refused("https://emr.hospital.example", "nonsense")
    elsewhere = refused("https://elsewhere.example", token(path))

    assert (unknown_service.status_code, no_token.status_code, elsewhere.status_code) == (404, 401, 404)
    assert unknown_service["Access-Control-Allow-Origin"] == "https://emr.hospital.example"
    assert no_token["Access-Control-Allow-Origin"] == "https://emr.hospital.example"
    assert "Access-Control-Allow-Origin" not in elsewhere


def test_an_issuer_is_any_uri_and_nothing_else(register):
    from wardround.hospital.cds.clients import add_client
    from wardround.hospital.cds.errors import ClientError
    from wardround.web.audit.actor import system_actor

    jwks = keys(entry(ec.generate_private_key(ec.SECP384R1()).public_key()))

    assert add_client("urn:oid:2.16.840.1.113883.4.1", jwks=jwks, by=system_actor("tests")).is_active
    for wrong in ("emr", "https://emr.example/ two", ""):
        with pytest.raises(ClientError, match="URI"):
            add_client(wrong, jwks=jwks, by=system_actor("tests"))


def keys(*entries: dict) -> bytes:
    return json.dumps({"keys": list(entries)}).encode()


def entry(key, **more: object) -> dict:
    kind = jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePublicKey) else jwt.algorithms.RSAAlgorithm
    return {**json.loads(kind.to_jwk(key)), "kid": "k1", **more}


@pytest.mark.parametrize(
    ("jwks", "said"),
    [
        (b"nothing", "JWK Set"),
        (keys(), "holds no key"),
        (keys({"kty": "EC"}), "kid of its own"),
        (keys({"kty": "EC", "kid": "a", "crv": "P-384", "d": "secret"}), "private"),
        (keys({"kty": "oct", "kid": "a"}), "ES384"),
        (keys(entry(ec.generate_private_key(ec.SECP256R1()).public_key())), "P-384"),
        (keys(entry(rsa.generate_private_key(65537, 1024).public_key())), "2048"),
    ],
)
def test_a_key_set_that_cannot_be_trusted_is_refused(register, jwks, said):
    from wardround.hospital.cds.errors import ClientError

    with pytest.raises(ClientError, match=said):
        register(jwks=jwks)


def test_an_rsa_key_signs_too(client, register, token):
    private = rsa.generate_private_key(65537, 2048)
    register(jwks=keys(entry(private.public_key())))
    now = int(time.time())
    claims = {"iss": ISS, "aud": "http://testserver/cds-services", "iat": now, "exp": now + 60, "jti": "x"}

    bearer = jwt.encode(claims, private, "RS384", {"kid": "k1", "typ": "JWT"})

    assert asked(client, bearer).status_code == 200


def test_a_person_who_may_not_operate_registers_nobody(db, doctor, key):
    from wardround.hospital.cds.clients import add_client
    from wardround.hospital.roles import NotAllowed

    with pytest.raises(NotAllowed):
        add_client(ISS, jwks=b"", by=doctor)


def test_an_operator_registers_lists_and_removes_a_record_by_command(tmp_path, settings, key, transactional_db):
    from typer.testing import CliRunner

    from wardround.cli import app

    file = tmp_path / "keys.json"
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    file.write_text(json.dumps({"keys": [{**public, "kid": "k1"}]}))
    home = ["--home", str(settings.HOME.path), "--json"]

    def run(*words: str) -> dict:
        done = CliRunner().invoke(app, ["hospital", "cds-client", *words, *home])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    added = run("add", "--iss", ISS, "--jwks", str(file), "--origin", "https://emr.hospital.example")
    listed = run("list")
    run("remove", "--iss", ISS)

    assert added["keys"] == ["k1"]
    assert [one["iss"] for one in listed["clients"]] == [ISS]
    assert run("list")["clients"] == []
