"""Everything that changes what this hospital approved."""

import hmac
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.federation.identity import Member, PinnedMembers
from wardround.federation.joining import Peer
from wardround.hospital.records.access import require
from wardround.hospital.training import post, vault
from wardround.hospital.training.approved import read_publication, remove_approved, write_approved
from wardround.hospital.training.cohort import freeze_cohort
from wardround.hospital.training.joining import joined_federation
from wardround.hospital.training.models import ApprovedStudy, StudyStanding
from wardround.hospital.training.pins import pinned_members, save_pinned
from wardround.hospital.training.policy import policy_of
from wardround.hospital.training.queries import published
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

TYPED = 8  # characters of the hash that a person types: enough that nobody approves a document by habit


class ApprovalError(Exception):
    """The study is not approved; the message says why."""


def receive_publication(letter: bytes, *, by: object) -> ApprovedStudy:
    """Keep a study that the pinned coordinator signed; it waits for a decision. Raises FederationError."""
    actor = require(by, "approve")
    found = read_publication(letter, coordinator_identity=joined_federation().coordinator_identity)
    study = found.study
    with transaction.atomic():
        known = ApprovedStudy.objects.filter(hash=study.hash).first()
        if known is not None:
            return known  # also when the letter names another roster now: what was decided was decided about the first
        received = ApprovedStudy.objects.create(
            hash=study.hash,
            name=study.name,
            version=str(study.version),
            title=study.title,
            publication=letter,
            received=timezone.now(),
        )
        record_one(actor, "study.receive", what=f"Study/{study.hash[:16]}")
    return received


def receive_published(*, by: object) -> int:
    """Ask the coordinator for its publications and keep the new ones; how many are new. Raises PostError."""
    require(by, "approve")
    federation, before = joined_federation(), ApprovedStudy.objects.count()
    if not federation.web:
        raise ApprovalError(f"{federation.coordinator} has no web address here; its studies come as files.")
    for letter in post.fetch_publications(federation.web, home=settings.HOME):
        receive_publication(letter, by=by)
    return ApprovedStudy.objects.count() - before


def confirm_peer(study: ApprovedStudy, *, name: str, fingerprint: str, by: object) -> Member:
    """Pin a hospital of the study's roster by the fingerprint its people told by another way. Raises IdentityError."""
    actor = require(by, "approve")
    peer = next((one for one in published(study).roster if one.name == name), None)
    if peer is None:
        raise ApprovalError("This hospital is not in the study's list.")
    member = member_of(peer)
    members = pinned_members(settings.HOME).pin(member, confirmed_fingerprint=fingerprint)
    with transaction.atomic():
        record_one(actor, "member.confirm", what=name, detail={"fingerprint": member.fingerprint})
        save_pinned(settings.HOME, members)
    return member


def approve_as_shown(study: ApprovedStudy, *, last_characters: str, by: object) -> ApprovedStudy:
    """Approve the document whose page somebody read, and whose hash's last eight characters they typed."""
    if not hmac.compare_digest(study.hash[-TYPED:].encode(), last_characters.strip().lower().encode()):
        raise ApprovalError(
            f"These are not the last {TYPED} characters of the document's hash, so nothing is approved. "
            f"They are {study.hash[-TYPED:]}."
        )
    return approve(study, exact_hash=study.hash, peers={}, by=by)


def approve(study: ApprovedStudy, *, exact_hash: str, peers: Mapping[str, str], by: object) -> ApprovedStudy:
    """Approve exactly this document, freeze its cohort, and let the engine start it.

    `exact_hash` is the whole hash as the steward confirms it. `peers` are fingerprints confirmed by another way, for
    each hospital of the roster that is not pinned yet. Raises ApprovalError or FederationError.
    """
    actor = require(by, "approve")
    if not hmac.compare_digest(study.hash, exact_hash.strip().lower()):
        raise ApprovalError(f"The study's hash is {study.hash}. Approve it with that hash, whole, or not at all.")
    found = published(study)
    home = settings.HOME
    members = _with_roster(pinned_members(home), roster=found.roster, confirmed=peers, me=joined_federation().hospital)
    needed = max(found.study.privacy.minimum_patients, policy_of(home).minimum_patients)
    if study.patients is None or not vault.has_cohort(home, study.hash):
        # Once per study: two sums over cohorts that differ by a patient would give that patient away.
        facts = freeze_cohort(found.study, minimum=needed, by=by)
        study.patients, study.dropped = facts.patients, dict(facts.dropped)
    save_pinned(home, members)
    with transaction.atomic():
        study.standing, study.decided, study.decided_by = StudyStanding.APPROVED, timezone.now(), actor.name
        study.reason = ""
        study.save()
        record_one(actor, "study.approve", what=f"Study/{study.hash[:16]}", detail={"hash": study.hash})
        # Last, and inside: the engine may start the study only if all of the above stands.
        write_approved(home, study_hash=study.hash, letter=bytes(study.publication))
    return study


def refuse(study: ApprovedStudy, *, reason: str, by: object) -> ApprovedStudy:
    """This hospital takes no part in the study; it may think better of it later."""
    actor = require(by, "approve")
    if study.standing == StudyStanding.APPROVED:
        raise ApprovalError("The study is approved. Withdraw the approval.")
    return _decided(study, StudyStanding.REFUSED, action="study.refuse", reason=_stated(reason), actor=actor)


def withdraw(study: ApprovedStudy, *, by: object, reason: str = "") -> ApprovedStudy:
    """From now on the engine refuses this study here; a run that goes on loses this hospital at its next start."""
    actor = require(by, "approve")
    if study.standing != StudyStanding.APPROVED:
        raise ApprovalError("The study is not approved, so there is no approval to withdraw.")
    with transaction.atomic():
        remove_approved(settings.HOME, study_hash=study.hash)
        return _decided(study, StudyStanding.WITHDRAWN, action="study.withdraw", reason=reason.strip(), actor=actor)


def _stated(reason: str) -> str:
    if not reason.strip():
        raise ApprovalError("Say why: the reason is kept beside the decision.")
    return reason.strip()[:500]


def _decided(study: ApprovedStudy, standing: StudyStanding, *, action: str, reason: str, actor: Actor) -> ApprovedStudy:
    with transaction.atomic():
        study.standing, study.decided, study.decided_by = standing, timezone.now(), actor.name
        study.reason = reason[:500]
        study.save()
        record_one(actor, action, what=f"Study/{study.hash[:16]}", detail={"reason": study.reason} if reason else {})
    return study


def member_of(peer: Peer) -> Member:
    """A peer of a roster as something that can be pinned."""
    return Member(
        name=peer.name,
        identity=Ed25519PublicKey.from_public_bytes(bytes.fromhex(peer.identity)),
        sealing=X25519PublicKey.from_public_bytes(bytes.fromhex(peer.sealing_key)),
    )


def _with_roster(
    members: PinnedMembers, *, roster: tuple[Peer, ...], confirmed: Mapping[str, str], me: str
) -> PinnedMembers:
    for peer in roster:
        member, known = member_of(peer), members.members.get(peer.name)
        if peer.name == me:
            # This hospital needs no telephone to know its own key.
            fingerprint = member_of_home().fingerprint
        elif peer.name in confirmed:
            fingerprint = confirmed[peer.name]
        elif known is not None:
            fingerprint = known.fingerprint
        else:
            raise ApprovalError(
                f"The key of {peer.title} ({peer.name}) is not confirmed yet. Ask them for their fingerprint, and if it "
                f'is {member.fingerprint}, approve with --peer "{peer.name}={member.fingerprint}"'
            )
        members = members.pin(member, confirmed_fingerprint=fingerprint)
    return members


def member_of_home() -> Member:
    """This hospital itself."""
    home = settings.HOME
    return Member(
        name=joined_federation().hospital,
        identity=home.identity_key().public_key(),
        sealing=home.sealing_key().public_key(),
    )
