"""Everything that changes what this hospital approved."""

import hmac
from collections.abc import Callable, Mapping
from typing import NamedTuple

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
from wardround.hospital.training.cohort import build_cohort, refuse_too_few
from wardround.hospital.training.joining import joined_federation
from wardround.hospital.training.models import ApprovedStudy, DryRun, StudyStanding
from wardround.hospital.training.pins import pinned_members, save_pinned
from wardround.hospital.training.policy import policy_of
from wardround.hospital.training.queries import published
from wardround.hospital.training.shown_cohort import MOST_CHANGED, ChangedSince, changed_since
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
    """Ask the coordinator for its publications and keep the new ones; how many are new. Raises PostError, and ApprovalError
    where the coordinator has no web address."""
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
    with transaction.atomic():
        _locked(study)
        members = pinned_members(settings.HOME).pin(member, confirmed_fingerprint=fingerprint)
        record_one(actor, "member.confirm", what=name, detail={"fingerprint": member.fingerprint})
        save_pinned(settings.HOME, members)
    return member


def approve_as_shown(
    study: ApprovedStudy, *, last_characters: str, dry_run: str, decision: str, by: object
) -> ApprovedStudy:
    """Approve the document whose page somebody read, whose hash's last eight characters they typed, and the cohort of
    the dry run that the page showed: it is frozen as it is. `decision`: the page's `decision_mark`; who decided since, for
    example withdrew, is not overruled unseen. Raises ApprovalError or FederationError."""
    actor = require(by, "approve")
    if not hmac.compare_digest(study.hash[-TYPED:].encode(), last_characters.strip().lower().encode()):
        raise ApprovalError(
            f"These are not the last {TYPED} characters of the document's hash, so nothing is approved. "
            f"They are {study.hash[-TYPED:]}."
        )
    _refuse_if_approved(study)
    _with_roster(study, confirmed={})
    if is_frozen(study):
        return _approved(study, peers={}, actor=actor, freeze=None, decision=decision)
    dry = _dry_run_shown(study, number=dry_run)
    refuse_too_few(dry.result["patients"], minimum=_needed(study))
    changed = changed_since(published(study).study, result=dry.result, by=by)
    if changed.is_material:
        raise ApprovalError(
            f"Since the dry run of {timezone.localtime(dry.asked):%d-%b-%Y %H:%M} {_what_changed(changed)}. "
            "Nothing is approved. Run it again, and decide on what it shows then."
        )

    def freeze() -> Frozen:
        _dry_run_shown(study, number=dry_run)
        vault.freeze_shown(settings.HOME, study.hash, digest=dry.result["cohort"])
        return Frozen(dry.result["patients"], dict(dry.result["dropped"]))

    return _approved(study, peers={}, actor=actor, freeze=freeze, decision=decision)


def approve(study: ApprovedStudy, *, exact_hash: str, peers: Mapping[str, str], by: object) -> ApprovedStudy:
    """Approve exactly this document, freeze its cohort, and let the engine start it. For a command: counting takes its time.

    `exact_hash` is the whole hash as the steward confirms it. `peers` are fingerprints confirmed by another way, for
    each hospital of the roster that is not pinned yet. Raises ApprovalError or FederationError.
    """
    actor = require(by, "approve")
    if not hmac.compare_digest(study.hash, exact_hash.strip().lower()):
        raise ApprovalError(f"The study's hash is {study.hash}. Approve it with that hash, whole, or not at all.")
    _refuse_if_approved(study)
    _with_roster(study, confirmed=peers)
    if is_frozen(study):
        return _approved(study, peers=peers, actor=actor, freeze=None)
    with vault.private_folder(settings.HOME) as folder:
        facts = build_cohort(published(study).study, folder=folder, by=by)
        refuse_too_few(facts.patients, minimum=_needed(study))

        def freeze() -> Frozen:
            vault.keep_cohort(settings.HOME, study.hash, folder)
            return Frozen(facts.patients, dict(facts.dropped))

        return _approved(study, peers=peers, actor=actor, freeze=freeze)


class Frozen(NamedTuple):
    """How many patients a frozen cohort has, and why others were left out."""

    patients: int
    dropped: dict[str, int]


def is_frozen(study: ApprovedStudy) -> bool:
    """Has the study its cohort? Once per study: two sums over cohorts that differ by a patient would give that patient away."""
    return study.patients is not None and vault.has_cohort(settings.HOME, study.hash)


def decision_mark(study: ApprovedStudy) -> str:
    """Names the latest decision about a study, for a page that is decided from."""
    return f"{study.standing} {study.decided.isoformat() if study.decided else ''}".strip()


def _approved(
    study: ApprovedStudy,
    *,
    peers: Mapping[str, str],
    actor: Actor,
    freeze: Callable[[], Frozen] | None,
    decision: str | None = None,
) -> ApprovedStudy:
    """The decision itself, one at a time: of two people who approve at once, the second is told of the first."""
    home = settings.HOME
    with transaction.atomic():
        row = _locked(study)
        _refuse_if_approved(row)
        if decision is not None and decision != decision_mark(row):
            raise ApprovalError(
                "Since you opened the page, somebody decided on this study. Look at what they said, and decide then."
            )
        if not is_frozen(row):
            if freeze is None:
                raise ApprovalError(
                    "The study's cohort is not there any more. Run it dry, and decide on what it shows."
                )
            row.patients, row.dropped = freeze()
        save_pinned(home, _with_roster(row, confirmed=peers))
        row.standing, row.decided, row.decided_by = StudyStanding.APPROVED, timezone.now(), actor.name
        row.reason = ""
        row.save()
        record_one(actor, "study.approve", what=f"Study/{row.hash[:16]}", detail={"hash": row.hash})
        # Last, and inside: the engine may start the study only if all of the above stands.
        write_approved(home, study_hash=row.hash, letter=bytes(row.publication))
    vault.drop_shown(home, study.hash)
    study.refresh_from_db()
    return study


def _locked(study: ApprovedStudy) -> ApprovedStudy:
    """The study as it stands now; nobody else decides about it until the transaction ends."""
    return ApprovedStudy.objects.select_for_update().get(pk=study.pk)


def _refuse_if_approved(study: ApprovedStudy) -> None:
    if study.standing == StudyStanding.APPROVED:
        when = f", {timezone.localtime(study.decided):%d-%b-%Y %H:%M}" if study.decided else ""
        raise ApprovalError(f"The study is approved already, by {study.decided_by}{when}.")


def _dry_run_shown(study: ApprovedStudy, *, number: str) -> DryRun:
    """The latest dry run, which must be the one that the page showed."""
    latest = DryRun.objects.filter(study=study).order_by("-asked", "-id").first()
    if latest is None:
        raise ApprovalError("An approval freezes exactly what a dry run showed. Start a dry run first.")
    if latest.state != DryRun.State.DONE:
        raise ApprovalError(
            "The latest dry run has no result. Wait for it or run it again, and decide on what it shows."
        )
    if "cohort" not in latest.result or not vault.has_shown(settings.HOME, study.hash):
        raise ApprovalError(
            "The cohort of the last dry run is not kept any more. Run it again, and decide on what it shows."
        )
    if str(latest.pk) != number:
        raise ApprovalError("There was a dry run since you opened the page. Look at what it shows, and decide then.")
    return latest


def _what_changed(changed: ChangedSince) -> str:
    if changed.patients is None:
        return f"the records of more than {MOST_CHANGED} patients were written to"
    many = "a patient" if changed.patients == 1 else f"{changed.patients} patients"
    return f"values of {many} that it read were corrected or withdrawn"


def _needed(study: ApprovedStudy) -> int:
    return max(published(study).study.privacy.minimum_patients, policy_of(settings.HOME).minimum_patients)


def refuse(study: ApprovedStudy, *, reason: str, by: object) -> ApprovedStudy:
    """This hospital takes no part in the study; it may think better of it later."""
    actor = require(by, "approve")
    stated = _stated(reason)
    with transaction.atomic():
        if _locked(study).standing == StudyStanding.APPROVED:
            raise ApprovalError("The study is approved. Withdraw the approval.")
        decided = _decided(study, StudyStanding.REFUSED, action="study.refuse", reason=stated, actor=actor)
    vault.drop_shown(settings.HOME, study.hash)
    return decided


def withdraw(study: ApprovedStudy, *, by: object, reason: str = "") -> ApprovedStudy:
    """From now on the engine refuses this study here; a run that goes on loses this hospital at its next start."""
    actor = require(by, "approve")
    with transaction.atomic():
        if _locked(study).standing != StudyStanding.APPROVED:
            raise ApprovalError("The study is not approved, so there is no approval to withdraw.")
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
        study.save(update_fields=["standing", "decided", "decided_by", "reason"])
        record_one(actor, action, what=f"Study/{study.hash[:16]}", detail={"reason": study.reason} if reason else {})
    return study


def member_of(peer: Peer) -> Member:
    """A peer of a roster as something that can be pinned."""
    return Member(
        name=peer.name,
        identity=Ed25519PublicKey.from_public_bytes(bytes.fromhex(peer.identity)),
        sealing=X25519PublicKey.from_public_bytes(bytes.fromhex(peer.sealing_key)),
    )


def _with_roster(study: ApprovedStudy, *, confirmed: Mapping[str, str]) -> PinnedMembers:
    """The pinned members and, with them, every hospital of the roster. Raises ApprovalError for one nobody confirmed."""
    members, me = pinned_members(settings.HOME), joined_federation().hospital
    for peer in published(study).roster:
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
