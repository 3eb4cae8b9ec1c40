"""Joining: one key per name, a fingerprint that a person compared, and every refusal in the audit trail."""

import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from wardround.coordinator.members.actions import MembershipError, admit, invite, receive_request, revoke
from wardround.coordinator.members.models import Member
from wardround.coordinator.members.queries import members, roster
from wardround.federation.identity import fingerprint, public_bytes
from wardround.federation.joining import (
    Admission,
    Invitation,
    JoinRequest,
    LetterError,
    public_hex,
    read_letter,
    write_letter,
)
from wardround.hospital.training.engine.kit import make_request
from wardround.web.audit.models import AuditEvent
from wardround.web.home import Home

pytestmark = pytest.mark.django_db


def request_of(hospital: Home, *, invitation: bytes, name: str = "", key: Ed25519PrivateKey | None = None) -> bytes:
    invited, _ = read_letter(invitation, kind=Invitation)
    request = JoinRequest(
        hospital=name or invited.hospital,
        title=hospital.name,
        sealing_key=public_bytes(hospital.sealing_key().public_key()).hex(),
        engine_request=make_request(hospital, name=invited.hospital).decode(),
        token=invited.token,
    )
    return write_letter(request, key=key or hospital.identity_key())


def seen_by_telephone(hospital: Home) -> str:
    return fingerprint(hospital.identity_key().public_key())


def test_a_hospital_joins_with_its_own_key_and_gets_a_certificate_under_its_name(hospital, operator, settings):
    letter = request_of(hospital, invitation=invite("Budapest", by=operator))

    receive_request(letter, by=operator)
    admission = admit("budapest", fingerprint_seen=seen_by_telephone(hospital), by=operator)

    body, _ = read_letter(admission, kind=Admission, signer=public_hex(settings.HOME.identity_key()))
    certificate = x509.load_pem_x509_certificate(body.certificate.encode())
    root = x509.load_pem_x509_certificate(body.root.encode())
    certificate.verify_directly_issued_by(root)
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "budapest"
    request = x509.load_pem_x509_csr(make_request(hospital, name="budapest"))
    assert certificate.public_key() == request.public_key()
    assert [peer.name for peer in roster()] == ["budapest"]
    assert b"PRIVATE" not in letter + admission
    assert AuditEvent.objects.filter(action="member.admit", outcome="done").count() == 1


def test_nobody_is_admitted_by_another_fingerprint(hospital, operator):
    receive_request(request_of(hospital, invitation=invite("Budapest", by=operator)), by=operator)

    with pytest.raises(MembershipError, match="not the request's"):
        admit("budapest", fingerprint_seen="0000 " * 8, by=operator)

    assert roster() == ()
    assert AuditEvent.objects.filter(action="member.admit", outcome="refused").count() == 1


def test_a_second_key_for_a_name_is_refused_and_the_first_stays(hospital, operator, tmp_path):
    invitation = invite("Budapest", by=operator)
    receive_request(request_of(hospital, invitation=invitation), by=operator)
    admit("budapest", fingerprint_seen=seen_by_telephone(hospital), by=operator)
    impostor = Home.create(tmp_path / "impostor", kind="hospital", name="Budapest")

    with pytest.raises(MembershipError, match="already asked with a key"):
        receive_request(request_of(impostor, invitation=invitation), by=operator)

    assert Member.objects.get(name="budapest").identity == public_hex(hospital.identity_key())
    assert AuditEvent.objects.filter(action="member.request", outcome="refused").count() == 1


def test_the_same_request_again_changes_nothing(hospital, operator):
    letter = request_of(hospital, invitation=invite("Budapest", by=operator))
    receive_request(letter, by=operator)
    first = admit("budapest", fingerprint_seen=seen_by_telephone(hospital), by=operator)

    receive_request(letter, by=operator)

    assert admit("budapest", fingerprint_seen=seen_by_telephone(hospital), by=operator) == first


def test_a_request_without_an_invitation_and_one_with_a_wrong_secret_are_told_the_same(hospital, operator):
    genuine = invite("Budapest", by=operator)
    invited, _ = read_letter(genuine, kind=Invitation)
    forged = write_letter(Invitation(**{**vars(invited), "token": "0" * 64}), key=hospital.identity_key())

    with pytest.raises(MembershipError) as wrong_secret:
        receive_request(request_of(hospital, invitation=forged), by=operator)
    with pytest.raises(MembershipError) as unknown:
        receive_request(request_of(hospital, invitation=genuine, name="vienna"), by=operator)

    assert str(wrong_secret.value) == str(unknown.value)


def test_a_name_is_invited_once(operator):
    invite("Budapest", by=operator)

    with pytest.raises(MembershipError, match="already known"):
        invite("Budapest", by=operator)


@pytest.mark.parametrize("name", ["Budapest", "../etc", "a" * 41, "-a"])
def test_a_short_name_that_could_be_anything_else_is_refused(operator, name):
    with pytest.raises(MembershipError, match="short name"):
        invite("Budapest", name=name, by=operator)


def test_a_revoked_hospital_is_in_no_roster_and_comes_back_under_another_name_only(hospital, operator):
    letter = request_of(hospital, invitation=invite("Budapest", by=operator))
    receive_request(letter, by=operator)
    admit("budapest", fingerprint_seen=seen_by_telephone(hospital), by=operator)

    revoke("budapest", by=operator)

    assert roster() == ()
    assert [(line.name, line.standing) for line in members()] == [("budapest", "revoked")]
    with pytest.raises(MembershipError, match="was revoked"):
        receive_request(letter, by=operator)


def test_a_changed_letter_is_refused(hospital, operator):
    letter = json.loads(request_of(hospital, invitation=invite("Budapest", by=operator)))
    letter["letter"]["title"] = "Budapest II"

    with pytest.raises(MembershipError, match="was changed after it was signed"):
        receive_request(json.dumps(letter).encode(), by=operator)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"letter": 1}', b"\xff", b'{"letter": {}, "signer": "00"}'])
def test_bytes_that_are_no_letter_are_refused_with_a_sentence(data):
    with pytest.raises(LetterError, match="not a signed join request"):
        read_letter(data, kind=JoinRequest)


def test_a_letter_of_another_kind_is_refused(operator):
    with pytest.raises(LetterError, match="not a join request"):
        read_letter(invite("Budapest", by=operator), kind=JoinRequest)


class TestOverHttp:
    def test_a_request_is_taken_in_and_the_admission_fetched_after_the_comparison(self, client, hospital, operator):
        letter = request_of(hospital, invitation=invite("Budapest", by=operator))

        asked = client.post("/federation/join", letter, content_type="application/json")
        too_early = client.get("/federation/admissions/budapest")
        admission = admit("budapest", fingerprint_seen=seen_by_telephone(hospital), by=operator)
        fetched = client.get("/federation/admissions/budapest")

        assert (asked.status_code, asked.json()["standing"]) == (202, "requested")
        assert too_early.status_code == 404
        assert fetched.content == admission

    def test_a_stranger_is_refused_with_a_sentence(self, client):
        reply = client.post("/federation/join", b"{}", content_type="application/json")

        assert reply.status_code == 403
        assert "signed join request" in reply.json()["refused"]


@pytest.mark.parametrize("body", ["x", ["x"], 1, None, True])
def test_a_letter_that_is_rightly_signed_and_no_letter_is_refused(body):
    from wardround.federation import joining
    from wardround.federation.canonical import canonical

    key = Ed25519PrivateKey.generate()
    signature = key.sign(joining._LETTER_LABEL + canonical(body)).hex()
    data = json.dumps({"letter": body, "signer": public_hex(key), "signature": signature}).encode()

    with pytest.raises(LetterError, match="not a signed join request"):
        read_letter(data, kind=JoinRequest)
