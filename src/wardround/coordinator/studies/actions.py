"""Everything that changes which studies are published."""

import base64
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.coordinator.members.queries import roster
from wardround.coordinator.studies.models import HandedOut, Study
from wardround.coordinator.studies.queries import studies_for
from wardround.federation.joining import Publication, write_letter
from wardround.federation.study import Study as StudyDocument
from wardround.federation.study import load_study, sign
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one


class PublishRefusedError(Exception):
    """The study cannot be published; the message says what would be right."""


def publish(path: Path, *, hospitals: tuple[str, ...] = (), by: Actor) -> Study:
    """Publish the study document in a file. Raises StudyError and PublishRefusedError; see `publish_study`."""
    return publish_study(load_study(path), hospitals=hospitals, by=by)


def publish_study(study: StudyDocument, *, hospitals: tuple[str, ...] = (), by: Actor) -> Study:
    """Sign a study document and publish it to its hospitals: all members, or those named.

    Published again it is the same study; its roster is that of the first time.
    """
    peers = roster(hospitals)
    missing = sorted(set(hospitals) - {peer.name for peer in peers})
    if missing:
        raise PublishRefusedError(f"{missing[0]} is no member. See the members with: wardround coordinator members")
    if not peers:
        raise PublishRefusedError(
            "There are no members yet. Invite hospitals first: wardround coordinator invite --name NAME"
        )
    key = settings.HOME.identity_key()
    signed = sign(study, key)
    publication = Publication(study=base64.b64encode(signed.to_bytes()).decode(), roster=peers)
    with transaction.atomic():
        known = Study.objects.filter(hash=study.hash).first()
        if known is not None:
            return known
        published = Study.objects.create(
            name=study.name,
            title=study.title,
            hash=study.hash,
            rounds=study.training.rounds,
            publication=write_letter(publication, key=key),
            published=timezone.now(),
            published_by=by.name,
        )
        record_one(by, "study.publish", what=f"Study/{study.hash[:16]}", detail={"hospitals": [p.name for p in peers]})
    return published


def note_handed_out(hospital: str) -> None:
    """A member has fetched its studies: note it for those that it had not fetched before."""
    now = timezone.now()
    new = [study for study in studies_for(hospital) if not study.handedout_set.filter(hospital=hospital).exists()]
    HandedOut.objects.bulk_create(
        [HandedOut(study=study, hospital=hospital, first=now) for study in new], ignore_conflicts=True
    )
