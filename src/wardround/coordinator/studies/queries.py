"""Every read of the published studies."""

from dataclasses import dataclass
from datetime import datetime

from wardround.coordinator.studies.models import HandedOut, Study
from wardround.federation.joining import Peer, Publication, read_letter
from wardround.federation.study import SignedStudy, verify
from wardround.federation.study import Study as StudyDocument


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


def study_with_hash(hash_: str) -> Study:
    """The published study with this hash. Raises NoSuchStudyError."""
    study = Study.objects.filter(hash=hash_).first()
    if study is None:
        raise NoSuchStudyError("No study with this hash is published.")
    return study


def versions_of(name: str) -> tuple[Study, ...]:
    """Every published document of this name, oldest first: each is a study of its own."""
    return tuple(Study.objects.filter(name=name).order_by("published", "id"))


def document_of(study: Study) -> StudyDocument:
    """The document as its hospitals read it. What this coordinator signed is its own, so it is read and not verified."""
    signed = SignedStudy.from_bytes(_publication(bytes(study.publication)).study_bytes)
    return verify(signed, signed.signer)


def handed_out(study: Study) -> dict[str, datetime]:
    """When each hospital first fetched the study from here; a letter that was carried by hand is not seen."""
    return dict(HandedOut.objects.filter(study=study).values_list("hospital", "first"))


def studies_for(hospital: str) -> list[Study]:
    """The studies in which this hospital is to take part, oldest first."""
    found = Study.objects.order_by("published", "id")
    return [study for study in found if hospital in (peer.name for peer in peers_of(study))]


def publications_for(hospital: str) -> list[bytes]:
    """The signed letters of the studies in which this hospital is to take part, oldest first."""
    return [bytes(study.publication) for study in studies_for(hospital)]


def peers_of(study: Study) -> tuple[Peer, ...]:
    """The hospitals that the study was published to, with their keys."""
    return _publication(bytes(study.publication)).roster


def _publication(letter: bytes) -> Publication:
    return read_letter(letter, kind=Publication)[0]
