"""Where this hospital stands in joining a federation, and whose keys it has confirmed."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from wardround.federation.identity import fingerprint
from wardround.hospital.records.access import require
from wardround.hospital.training.approval_page import PeerLine, peer_lines
from wardround.hospital.training.joining import fingerprint_of, joined_federation
from wardround.hospital.training.models import ApprovedStudy, Federation
from wardround.hospital.training.pins import pinned_members
from wardround.hospital.training.queries import published


@dataclass(frozen=True)
class FederationPage:
    """`coordinator` is empty before the first invitation; `joined` is None until the admission is taken."""

    own_fingerprint: str
    coordinator: str
    coordinator_fingerprint: str
    hospital: str
    engine: str
    web: str
    asked: datetime | None
    joined: datetime | None
    peers: tuple[PeerLine, ...]


def federation_page(by: object) -> FederationPage:
    """Raises NotAllowed."""
    require(by, "training")
    found = Federation.objects.first()
    own = fingerprint(settings.HOME.identity_key().public_key())
    if found is None:
        return FederationPage(own, "", "", "", "", "", None, None, ())
    return FederationPage(
        own_fingerprint=own,
        coordinator=found.coordinator,
        coordinator_fingerprint=fingerprint_of(found.coordinator_identity),
        hospital=found.hospital,
        engine=f"{found.engine_host}:{found.engine_port}",
        web=found.web,
        asked=found.asked,
        joined=found.joined,
        peers=_peers(found.hospital),
    )


def join_request(by: object) -> tuple[str, bytes]:
    """The signed join request, as it was made: the hospital's name in it, and its bytes. Raises JoiningError before that."""
    require(by, "training")
    found = joined_federation()
    return found.hospital, bytes(found.request)


def _peers(me: str) -> tuple[PeerLine, ...]:
    """Every other hospital that a study named or a person confirmed; what the latest study says of it counts."""
    lines: dict[str, PeerLine] = {}
    for study in ApprovedStudy.objects.order_by("received", "id"):
        lines |= {line.name: line for line in peer_lines(published(study).roster)}
    for name, member in pinned_members(settings.HOME).members.items():
        lines.setdefault(name, PeerLine(name, name, member.fingerprint, is_confirmed=True))
    return tuple(line for name, line in sorted(lines.items()) if name != me)
