"""What this hospital approved, as files that the engine's processes read. No Django.

`engine/approved/<study hash>.json` is the publication as the coordinator signed it. It is there while the study is
approved, and only then.
"""

from dataclasses import dataclass
from pathlib import Path

from wardround.federation.durable import write_whole
from wardround.federation.joining import Peer, Publication, read_letter
from wardround.federation.study import SignedStudy, Study, verify
from wardround.web.home import Home


@dataclass(frozen=True)
class Published:
    """A publication whose signatures fit: the study, its signed bytes, who takes part."""

    study: Study
    signed: SignedStudy
    roster: tuple[Peer, ...]


def read_publication(letter: bytes, *, coordinator_identity: str) -> Published:
    """Check both signatures against the pinned key of the coordinator. Raises LetterError or StudyError."""
    publication, _ = read_letter(letter, kind=Publication, signer=coordinator_identity)
    signed = SignedStudy.from_bytes(publication.study_bytes)
    study = verify(signed, bytes.fromhex(coordinator_identity))
    return Published(study=study, signed=signed, roster=publication.roster)


def write_approved(home: Home, *, study_hash: str, letter: bytes) -> None:
    """From now on the engine may start this study here. The last step of an approval."""
    _path(home, study_hash).parent.mkdir(mode=0o700, exist_ok=True)
    write_whole(_path(home, study_hash), letter)


def remove_approved(home: Home, *, study_hash: str) -> None:
    """From now on the engine may not start this study here."""
    _path(home, study_hash).unlink(missing_ok=True)


def is_approved(home: Home, study_hash: str) -> bool:
    return _path(home, study_hash).is_file()


def approved_letter(home: Home, study_hash: str) -> bytes:
    """The publication's bytes. Raises OSError when the study is not approved."""
    return _path(home, study_hash).read_bytes()


def _path(home: Home, study_hash: str) -> Path:
    return home.engine / "approved" / f"{study_hash}.json"
