"""Everything that changes who is a member."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.coordinator.engine.address import address_of
from wardround.coordinator.engine.authority import RefusedRequestError
from wardround.coordinator.engine.kit import authority_of
from wardround.coordinator.members.invitations import forget_invitation, keep_invitation, kept_invitation
from wardround.coordinator.members.models import Member, Standing
from wardround.federation.identity import NAME
from wardround.federation.identity import fingerprint as fingerprint_of
from wardround.federation.joining import Admission, Invitation, JoinRequest, LetterError, read_letter, write_letter
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one
from wardround.web.home import slug_of

LONGEST_REASON, LONGEST_TITLE = 300, 200


class MembershipError(Exception):
    """The membership cannot change so; the message says what would be right."""


def invite(title: str, *, name: str = "", by: Actor) -> bytes:
    """Make an invitation for one hospital; the letter holds a secret that admits one request."""
    title = title.strip()
    if not title or len(title) > LONGEST_TITLE:
        raise MembershipError(f"Give the hospital's name, of at most {LONGEST_TITLE} characters, for example: Zurich.")
    name = name or slug_of(title)
    if NAME.fullmatch(name) is None:
        raise MembershipError(
            f"{name!r} cannot be a hospital's short name. Use at most 40 small letters, digits and hyphens."
        )
    token = secrets.token_hex(32)
    home = settings.HOME
    address = address_of(home)
    with transaction.atomic():
        if Member.objects.filter(name=name).exists():
            raise MembershipError(f"{name} is already known. A hospital that lost its key joins under a new name.")
        member = Member.objects.create(name=name, title=title, since=timezone.now(), token_digest=_digest(token))
        record_one(by, "member.invite", what=f"Member/{name}")
    invitation = Invitation(
        coordinator=home.name,
        hospital=member.name,
        title=member.title,
        engine_host=address.host,
        engine_port=address.port,
        web=address.web,
        token=token,
    )
    letter = write_letter(invitation, key=home.identity_key())
    keep_invitation(home, name=name, letter=letter)
    return letter


def invitation_again(name: str, *, by: Actor) -> bytes:
    """The letter of an invitation that waits for its request. Who takes it is in the trail: it holds a secret."""
    member = Member.objects.filter(name=name, standing=Standing.INVITED).first()
    letter = kept_invitation(settings.HOME, name=name) if member else None
    if letter is None:
        raise MembershipError(f"There is no invitation of {name} that waits for an answer.")
    record_one(by, "member.invitation", what=f"Member/{name}")
    return letter


def receive_request(data: bytes, *, by: Actor) -> Member:
    """Keep a hospital's join request until a person has compared its fingerprint."""
    try:
        request, identity = read_letter(data, kind=JoinRequest)
    except LetterError as error:
        raise MembershipError(str(error)) from error
    with _refusals_audited("member.request", name=request.hospital, by=by), transaction.atomic():
        member = Member.objects.filter(name=request.hospital).first()
        if member is None or not hmac.compare_digest(member.token_digest, _digest(request.token)):
            # The same sentence for both, so that nobody learns who was invited.
            raise MembershipError("The request does not belong to an invitation of this coordinator.")
        if member.standing == Standing.REVOKED:
            raise MembershipError(f"{member.name} was revoked. Invite the hospital under a new name.")
        if member.identity and bytes(member.request) != data:
            raise MembershipError(f"{member.name} has already asked with a key. Invite the hospital under a new name.")
        if member.standing == Standing.INVITED:
            member.identity, member.sealing_key, member.request = identity, request.sealing_key, data
            member.standing, member.since = Standing.REQUESTED, timezone.now()
            member.save()
            detail = {"fingerprint": fingerprint(identity)}
            record_one(by, "member.request", what=f"Member/{member.name}", detail=detail)
    forget_invitation(settings.HOME, name=member.name)
    return member


def admit(name: str, *, fingerprint_seen: str, by: Actor) -> bytes:
    """Make the hospital a member and return its signed admission.

    `fingerprint_seen` is the fingerprint the operator got from the hospital by another way (telephone, in person).
    """
    with _refusals_audited("member.admit", name=name, by=by), transaction.atomic():
        member = Member.objects.filter(name=name).first()
        if member is None or member.standing not in (Standing.REQUESTED, Standing.MEMBER):
            raise MembershipError(f"{name} has no request waiting. Bring its request: members --request FILE.")
        if not hmac.compare_digest(_plain(fingerprint(member.identity)), _plain(fingerprint_seen)):
            raise MembershipError("The fingerprint is not the request's. Do not admit it; ask the hospital again.")
        if member.standing == Standing.MEMBER:
            return bytes(member.admission)
        member.admission = _admission(member)
        member.standing, member.since = Standing.MEMBER, timezone.now()
        member.save()
        record_one(by, "member.admit", what=f"Member/{name}", detail={"fingerprint": fingerprint(member.identity)})
    return bytes(member.admission)


def revoke(name: str, *, reason: str = "", by: Actor) -> None:
    """From now on the hospital is in no roster, and the engine lets it in no more."""
    reason = " ".join(reason.split())
    if len(reason) > LONGEST_REASON:
        raise MembershipError(f"A reason has at most {LONGEST_REASON} characters.")
    with transaction.atomic():
        member = Member.objects.filter(name=name).first()
        if member is None or member.standing == Standing.REVOKED:
            raise MembershipError(f"{name} is not a member.")
        member.standing, member.since, member.revoked_because = Standing.REVOKED, timezone.now(), reason
        member.save(update_fields=["standing", "since", "revoked_because"])
        record_one(by, "member.revoke", what=f"Member/{name}", detail={"reason": reason} if reason else {})
    forget_invitation(settings.HOME, name=name)


def note_that_it_asked(member: Member) -> None:
    """A member has shown by its signature that it is there. It is no deed, so it is not in the audit trail."""
    Member.objects.filter(pk=member.pk).update(asked=timezone.now())


def fingerprint(identity: str) -> str:
    """The fingerprint of an Ed25519 public key given in hexadecimal."""
    return fingerprint_of(Ed25519PublicKey.from_public_bytes(bytes.fromhex(identity)))


def _admission(member: Member) -> bytes:
    home = settings.HOME
    address = address_of(home)
    request, _ = read_letter(bytes(member.request), kind=JoinRequest, signer=member.identity)
    try:
        certificate = authority_of(home).sign(
            request.engine_request.encode(), name=member.name, organisation=member.name, role="client"
        )
    except RefusedRequestError as error:
        raise MembershipError(str(error)) from error
    admission = Admission(
        hospital=member.name,
        engine_host=address.host,
        engine_port=address.port,
        certificate=certificate.decode(),
        root=authority_of(home).root_pem.decode(),
    )
    return write_letter(admission, key=home.identity_key())


@contextmanager
def _refusals_audited(action: str, *, name: str, by: Actor) -> Iterator[None]:
    """A refused key is what an auditor looks for, so it is written after the error has undone the transaction."""
    try:
        yield
    except MembershipError as refusal:
        record_one(by, action, outcome="refused", what=f"Member/{name[:60]}", detail={"reason": str(refusal)})
        raise


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _plain(text: str) -> str:
    return "".join(text.lower().split()).replace(":", "")
