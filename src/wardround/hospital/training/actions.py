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
from wardround.hospital.training import vault
from wardround.hospital.training.approved import read_publication, remove_approved, write_approved
from wardround.hospital.training.cohort import freeze_cohort
from wardround.hospital.training.joining import joined_federation
from wardround.hospital.training.models import ApprovedStudy, StudyStanding
from wardround.hospital.training.pins import pinned_members, save_pinned
from wardround.hospital.training.policy import policy_of
from wardround.hospital.training.queries import published
from wardround.web.audit.trail import record_one


class ApprovalError(Exception):
    """The study is not approved; the message says why."""


def receive_publication(letter: bytes, *, by: object) -> ApprovedStudy:
    """Keep a study that the pinned coordinator signed; it waits for a decision. Raises FederationError."""
    actor = require(by, "training")
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


def approve(study: ApprovedStudy, *, exact_hash: str, peers: Mapping[str, str], by: object) -> ApprovedStudy:
    """Approve exactly this document, freeze its cohort, and let the engine start it.

    `exact_hash` is the whole hash as the steward confirms it. `peers` are fingerprints confirmed by another way, for
    each hospital of the roster that is not pinned yet. Raises ApprovalError or FederationError.
    """
    actor = require(by, "training")
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
        study.save()
        record_one(actor, "study.approve", what=f"Study/{study.hash[:16]}", detail={"hash": study.hash})
        # Last, and inside: the engine may start the study only if all of the above stands.
        write_approved(home, study_hash=study.hash, letter=bytes(study.publication))
    return study


def withdraw(study: ApprovedStudy, *, by: object) -> ApprovedStudy:
    """From now on the engine refuses this study here; a run that goes on loses this hospital at its next start."""
    actor = require(by, "training")
    with transaction.atomic():
        remove_approved(settings.HOME, study_hash=study.hash)
        study.standing, study.decided, study.decided_by = StudyStanding.WITHDRAWN, timezone.now(), actor.name
        study.save()
        record_one(actor, "study.withdraw", what=f"Study/{study.hash[:16]}")
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
