"""What a steward sees before approving a study."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from wardround.federation.joining import Peer
from wardround.hospital.training.actions import member_of
from wardround.hospital.training.cohort import count_cohort
from wardround.hospital.training.joining import joined_federation
from wardround.hospital.training.models import ApprovedStudy
from wardround.hospital.training.pins import pinned_members
from wardround.hospital.training.queries import published


@dataclass(frozen=True)
class PeerLine:
    """One hospital of the roster. `is_confirmed`: a person here has compared its fingerprint before."""

    name: str
    title: str
    fingerprint: str
    is_confirmed: bool
    is_here: bool = False


@dataclass(frozen=True)
class ApprovalPage:
    """One study as it would run here."""

    name: str
    version: int
    title: str
    hash: str
    question: str
    purpose: str
    contact: str
    cohort: str
    label: str
    features: tuple[tuple[str, str, str], ...]  # name, title, code
    method: str
    rounds: int
    patients: int
    in_records: int
    dropped: Mapping[str, int]
    minimum_patients: int
    differential_privacy: str
    publish_site_metrics: bool
    not_for: tuple[str, ...]
    impression_first: bool
    peers: tuple[PeerLine, ...]
    standing: str

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        return tuple(peer.name for peer in self.peers if not peer.is_confirmed)

    def as_text(self) -> str:
        """The page for a terminal."""
        noise = "none" if self.differential_privacy == "off" else self.differential_privacy
        # No message names one hospital's figures; with this switch two sums may differ by one hospital.
        metrics = (
            "no message; but its AUROC and number of held-out patients may show when a hospital leaves the run"
            if self.publish_site_metrics
            else "nothing of its own"
        )
        lines = [
            f"{self.title} (version {self.version})",
            f"Question   {self.question}",
            f"Purpose    {self.purpose}",
            f"Contact    {self.contact}",
            f"Cohort     {self.cohort}",
            f"Patients   {self.patients} with a result here, of {self.in_records} in the records; {self.minimum_patients} are needed",
            *(f"           {count} left out: {reason}" for reason, count in self.dropped.items()),
            f"Training   {self.method}, at most {self.rounds} rounds; the coordinator sees sums over all hospitals only",
            f"Noise      {noise}",
            f"Published  {metrics}",
            "Fields     " + "\n           ".join(f"{title} ({code})" for _, title, code in self.features),
            "Hospitals  "
            + "\n           ".join(
                f"{peer.title} ({peer.name})  {peer.fingerprint}{'' if peer.is_confirmed else '  not confirmed'}"
                for peer in self.peers
            ),
            f"Hash       {self.hash}",
        ]
        return "\n".join(lines)


def approval_page(study: ApprovedStudy, *, by: object) -> ApprovalPage:
    """Everything a steward must see; counts the cohort anew. Raises UnusableCohortError."""
    found = published(study)
    document = found.study
    facts = count_cohort(document, by=by)
    return ApprovalPage(
        name=document.name,
        version=document.version,
        title=document.title,
        hash=study.hash,
        question=document.question,
        purpose=document.purpose,
        contact=document.contact,
        cohort=document.cohort.statement,
        label=document.cohort.label_name,
        features=tuple((feature.name, feature.title, feature.code) for feature in document.features),
        method=document.training.method,
        rounds=document.training.rounds,
        patients=facts.patients,
        in_records=facts.in_records,
        dropped=facts.dropped,
        minimum_patients=document.privacy.minimum_patients,
        differential_privacy=document.privacy.differential_privacy,
        publish_site_metrics=document.publish_site_metrics,
        not_for=document.not_for,
        impression_first=document.impression_first,
        peers=peer_lines(found.roster),
        standing=study.standing,
    )


def peer_lines(roster: tuple[Peer, ...]) -> tuple[PeerLine, ...]:
    """Each hospital of a roster, and whether its key is the one that a person here has confirmed."""
    me, pinned = joined_federation().hospital, pinned_members(settings.HOME).members
    lines = []
    for peer in roster:
        member = member_of(peer)
        known = pinned.get(peer.name)
        is_confirmed = peer.name == me or (known is not None and known.fingerprint == member.fingerprint)
        lines.append(PeerLine(peer.name, peer.title, member.fingerprint, is_confirmed, is_here=peer.name == me))
    return tuple(lines)
