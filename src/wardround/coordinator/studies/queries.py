"""Every read of the published studies."""

from dataclasses import dataclass
from datetime import datetime

from wardround.coordinator.studies.models import Study
from wardround.federation.joining import Peer, Publication, read_letter


class NoSuchStudyError(Exception):
    """There is no published study of this name."""


@dataclass(frozen=True)
class StudyLine:
    """One published study."""

    name: str
    title: str
    hash: str
    published: datetime
    hospitals: tuple[str, ...]


def studies() -> tuple[StudyLine, ...]:
    """All published studies, newest first."""
    return tuple(
        StudyLine(
            name=study.name,
            title=study.title,
            hash=study.hash,
            published=study.published,
            hospitals=tuple(peer.name for peer in peers_of(study)),
        )
        for study in Study.objects.order_by("-published", "-id")
    )


def study_named(name: str) -> Study:
    """The newest published study of this name, or the one with this hash (or its beginning)."""
    study = Study.objects.filter(name=name).order_by("-published", "-id").first()
    if study is None and len(name) >= 8:
        study = Study.objects.filter(hash__startswith=name).first()
    if study is None:
        raise NoSuchStudyError(f"No study {name!r} is published. Publish it with: wardround coordinator publish FILE")
    return study


def publications_for(hospital: str) -> list[bytes]:
    """The signed letters of the studies in which this hospital is to take part, oldest first."""
    letters = (bytes(study.publication) for study in Study.objects.order_by("published", "id"))
    return [letter for letter in letters if hospital in (peer.name for peer in _publication(letter).roster)]


def peers_of(study: Study) -> tuple[Peer, ...]:
    return _publication(bytes(study.publication)).roster


def _publication(letter: bytes) -> Publication:
    return read_letter(letter, kind=Publication)[0]
