"""Files of training that a hospital keeps encrypted: cohorts, received models, its own parts. No Django."""

import hashlib
import hmac
import io
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wardround.web.home import Home
from wardround.web.sealed_file import read_sealed, write_sealed

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory; what is made in it is private and removed


def keep(home: Home, name: str, content: bytes) -> None:
    """Keep a model file, encrypted and bound to its name."""
    write_sealed(_model_path(home, name), content, home=home, purpose=f"model {name}")


def fetch(home: Home, name: str) -> bytes:
    """The content. Raises SealedFileError."""
    return read_sealed(_model_path(home, name), home=home, purpose=f"model {name}")


def has(home: Home, name: str) -> bool:
    return _model_path(home, name).exists()


def names(home: Home, *, prefix: str) -> list[str]:
    """The names of kept files that begin so, oldest first."""
    found = sorted(home.models.glob(f"{prefix}*.sealed"), key=lambda path: path.stat().st_mtime)
    return [path.name.removesuffix(".sealed") for path in found]


def received_name(study_hash: str, run_id: str) -> str:
    """The name under which the global model of a run is kept when it arrives."""
    return f"{_received(study_hash)}{run_id}"


def received_runs(home: Home, study_hash: str) -> list[tuple[str, str]]:
    """The runs of a study that brought a model, each with the model's name; in the order of arrival."""
    prefix = _received(study_hash)
    return [(name.removeprefix(prefix), name) for name in names(home, prefix=prefix)]


def keep_cohort(home: Home, study_hash: str, folder: Path) -> None:
    """Keep a cohort's MEDS folder as one encrypted file."""
    write_sealed(_cohort_path(home, study_hash), _packed(folder), home=home, purpose=f"cohort {study_hash}")


@contextmanager
def opened_cohort(home: Home, study_hash: str) -> Iterator[Path]:
    """The cohort's MEDS folder in clear, for as long as the block runs. Raises SealedFileError."""
    content = read_sealed(_cohort_path(home, study_hash), home=home, purpose=f"cohort {study_hash}")
    with _unpacked(home, content) as folder:
        yield folder


def keep_shown(home: Home, study_hash: str, folder: Path) -> str:
    """Keep the cohort that a dry run shows, in place of an earlier one's; its hash, keyed with this home's key.

    The hash is of the event tables: the same patients with the same values have the same.
    """
    code = hmac.new(home.key("mac"), b"shown cohort 1", hashlib.sha256)
    for path in sorted((folder / "data").rglob("*.parquet")):
        code.update(hashlib.sha256(path.read_bytes()).digest())
    digest = code.hexdigest()
    purpose = _shown_purpose(study_hash, digest)
    write_sealed(_shown_path(home, study_hash), _packed(folder), home=home, purpose=purpose)
    return digest


@contextmanager
def opened_shown(home: Home, study_hash: str, *, digest: str) -> Iterator[Path]:
    """The cohort of the dry run that showed this hash. Raises SealedFileError, also when it is another dry run's."""
    purpose = _shown_purpose(study_hash, digest)
    with _unpacked(home, read_sealed(_shown_path(home, study_hash), home=home, purpose=purpose)) as folder:
        yield folder


def freeze_shown(home: Home, study_hash: str, *, digest: str) -> None:
    """From now on this is the study's cohort, as it was shown. Raises SealedFileError."""
    purpose = _shown_purpose(study_hash, digest)
    content = read_sealed(_shown_path(home, study_hash), home=home, purpose=purpose)
    write_sealed(_cohort_path(home, study_hash), content, home=home, purpose=f"cohort {study_hash}")


def has_shown(home: Home, study_hash: str) -> bool:
    return _shown_path(home, study_hash).exists()


def drop_shown(home: Home, study_hash: str) -> None:
    """It was decided: what a dry run kept is not needed any more."""
    _shown_path(home, study_hash).unlink(missing_ok=True)


def has_cohort(home: Home, study_hash: str) -> bool:
    return _cohort_path(home, study_hash).exists()


@contextmanager
def private_folder(home: Home) -> Iterator[Path]:
    """A folder only this user may read, in memory where the system has one; it is gone after the block."""
    where = _MEMORY if _MEMORY.is_dir() else home.run
    folder = Path(tempfile.mkdtemp(prefix=f"wardround-{home.id}-", dir=where))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _packed(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.add(path, arcname=path.relative_to(folder).as_posix(), recursive=False)
    return buffer.getvalue()


@contextmanager
def _unpacked(home: Home, content: bytes) -> Iterator[Path]:
    with private_folder(home) as folder:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(folder, filter="data")
        yield folder


def _shown_purpose(study_hash: str, digest: str) -> str:
    return f"shown cohort {study_hash} {digest}"


def _received(study_hash: str) -> str:
    return f"received-{study_hash[:16]}-"


def _cohort_path(home: Home, study_hash: str) -> Path:
    return home.cohorts / f"{study_hash}.sealed"


def _shown_path(home: Home, study_hash: str) -> Path:
    return home.cohorts / f"{study_hash}.shown.sealed"


def _model_path(home: Home, name: str) -> Path:
    return home.models / f"{name}.sealed"
