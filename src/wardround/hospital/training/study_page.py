"""What a person sees of a study before deciding: the document, who takes part, what would leave, and what a dry run found."""

from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from wardround.federation.study import Study
from wardround.hospital.records.access import require
from wardround.hospital.training import vault
from wardround.hospital.training.actions import decision_mark, is_frozen
from wardround.hospital.training.approval_page import PeerLine, peer_lines
from wardround.hospital.training.document_changes import Change, changes
from wardround.hospital.training.dry_run import latest_dry_run
from wardround.hospital.training.leaving import LeavingKind, LeavingSum, kinds_that_leave, sums_of
from wardround.hospital.training.models import ApprovedStudy, DryRun, StudyStanding
from wardround.hospital.training.policy import policy_of
from wardround.hospital.training.queries import NotKnownError, published


@dataclass(frozen=True)
class StudyPage:
    """`needed`: patients that this hospital must have, by the study and by its own policy. `before`: the version that was
    approved here before, and `changes` what differs from it; None and empty for a first version."""

    row: ApprovedStudy
    document: Study
    peers: tuple[PeerLine, ...]
    needed: int
    sums: tuple[LeavingSum, ...]
    kinds: tuple[LeavingKind, ...]
    before: ApprovedStudy | None
    changes: tuple[Change, ...]
    dry: DryRun | None

    @property
    def unconfirmed(self) -> tuple[PeerLine, ...]:
        return tuple(peer for peer in self.peers if not peer.is_confirmed)

    @property
    def is_approved(self) -> bool:
        return self.row.standing == StudyStanding.APPROVED

    @property
    def is_frozen(self) -> bool:
        """Was it approved before, so that its cohort stands?"""
        return is_frozen(self.row)

    @property
    def can_be_approved(self) -> bool:
        """Is there something to approve: a frozen cohort, or one that the latest dry run showed?"""
        if self.is_frozen:
            return True
        is_kept = vault.has_shown(settings.HOME, self.row.hash)
        return is_kept and bool(self.dry and self.dry.result.get("cohort") and self.dry.result.get("enough"))

    @property
    def decision_mark(self) -> str:
        return decision_mark(self.row)

    @property
    def last_characters(self) -> str:
        return self.row.hash[-8:]


def study_with_hash(study_hash: str, *, by: object, to: Literal["training", "approve"] = "training") -> ApprovedStudy:
    """Raises NotAllowed, or NotKnownError."""
    require(by, to)
    found = ApprovedStudy.objects.filter(hash=study_hash).first()
    if found is None:
        raise NotKnownError("No study with this hash is known here.")
    return found


def study_page(study_hash: str, *, by: object) -> StudyPage:
    """Counts no patient: a dry run does that, beside the page. Raises NotAllowed, or NotKnownError."""
    row = study_with_hash(study_hash, by=by)
    found = published(row)
    before = _approved_before(row)
    return StudyPage(
        row=row,
        document=found.study,
        peers=peer_lines(found.roster),
        needed=max(found.study.privacy.minimum_patients, policy_of(settings.HOME).minimum_patients),
        sums=sums_of(found.study),
        kinds=kinds_that_leave(),
        before=before,
        changes=tuple(changes(published(before).study.document(), found.study.document())) if before else (),
        dry=latest_dry_run(row),
    )


def _approved_before(row: ApprovedStudy) -> ApprovedStudy | None:
    """The latest other version of this study that this hospital approved, also when it was withdrawn since."""
    others = ApprovedStudy.objects.filter(name=row.name, patients__isnull=False).exclude(pk=row.pk)
    return others.filter(received__lte=row.received).order_by("-decided", "-id").first()
