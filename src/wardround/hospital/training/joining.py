"""Joining a federation: pin the coordinator's key, ask with this hospital's public keys, install the admission."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.federation.durable import write_whole
from wardround.federation.identity import fingerprint, public_bytes
from wardround.federation.joining import Admission, Invitation, JoinRequest, read_letter, write_letter
from wardround.hospital.records.access import require
from wardround.hospital.training.engine.kit import install_certificate, make_request
from wardround.hospital.training.models import Federation
from wardround.hospital.training.pins import coordinator_path
from wardround.web.audit.trail import record_one


class JoiningError(Exception):
    """This hospital cannot join so; the message says what would be right."""


def ask_to_join(letter: bytes, *, coordinator_fingerprint: str, by: object) -> bytes:
    """Pin the coordinator that invited, and return the signed join request; asked again, the same request.

    `coordinator_fingerprint` is what the coordinator's operator said by another way than the invitation came.
    """
    actor = require(by, "approve")
    invitation, identity = read_letter(letter, kind=Invitation)
    if _plain(fingerprint_of(identity)) != _plain(coordinator_fingerprint):
        raise JoiningError(
            "The fingerprint is not that of the invitation's key. Do not go on; ask the coordinator again."
        )
    known = Federation.objects.first()
    if known is not None:
        if known.coordinator_identity != identity or known.hospital != invitation.hospital:
            raise JoiningError(f"This hospital already belongs to {known.coordinator}. One home is in one federation.")
        return bytes(known.request)
    home = settings.HOME
    request = JoinRequest(
        hospital=invitation.hospital,
        title=home.name,
        sealing_key=public_bytes(home.sealing_key().public_key()).hex(),
        engine_request=make_request(home, name=invitation.hospital).decode(),
        token=invitation.token,
    )
    data = write_letter(request, key=home.identity_key())
    write_whole(coordinator_path(home), identity.encode())
    with transaction.atomic():
        Federation.objects.create(
            coordinator=invitation.coordinator,
            coordinator_identity=identity,
            hospital=invitation.hospital,
            engine_host=invitation.engine_host,
            engine_port=invitation.engine_port,
            web=invitation.web,
            request=data,
            asked=timezone.now(),
        )
        record_one(
            actor, "federation.ask", what=invitation.coordinator, detail={"fingerprint": fingerprint_of(identity)}
        )
    return data


def finish_joining(letter: bytes, *, by: object) -> Federation:
    """Install the certificate that the pinned coordinator sent. From now on the engine connects."""
    actor = require(by, "approve")
    known = joined_federation()
    admission, _ = read_letter(letter, kind=Admission, signer=known.coordinator_identity)
    if admission.hospital != known.hospital:
        raise JoiningError(f"The admission is for {admission.hospital}, and this hospital asked as {known.hospital}.")
    install_certificate(
        settings.HOME,
        certificate=admission.certificate.encode(),
        root=admission.root.encode(),
        name=known.hospital,
        host=admission.engine_host,
        port=admission.engine_port,
    )
    with transaction.atomic():
        known.engine_host, known.engine_port = admission.engine_host, admission.engine_port
        known.joined = known.joined or timezone.now()
        known.save()
        record_one(actor, "federation.join", what=known.coordinator)
    return known


def joined_federation() -> Federation:
    """The federation this hospital asked to join. Raises JoiningError before that."""
    known = Federation.objects.first()
    if known is None:
        raise JoiningError("This hospital is in no federation yet. Join one: wardround hospital join --invitation FILE")
    return known


def own_fingerprint() -> str:
    """What this hospital tells others by telephone."""
    return fingerprint(settings.HOME.identity_key().public_key())


def fingerprint_of(identity: str) -> str:
    """The fingerprint of an Ed25519 public key given in hexadecimal."""
    return fingerprint(Ed25519PublicKey.from_public_bytes(bytes.fromhex(identity)))


def compared_groups(fingerprint: str, *, typed: str) -> list[tuple[str, str, bool]]:
    """Group by group: what the letter's key has, what was typed, and whether they are the same."""
    digits, shown = _plain(typed), fingerprint.split()
    told = [digits[at : at + 4] for at in range(0, 4 * len(shown), 4)]
    return [(mine, theirs, mine == theirs) for mine, theirs in zip(shown, told, strict=True)]


def _plain(text: str) -> str:
    return "".join(text.lower().split()).replace(":", "")
