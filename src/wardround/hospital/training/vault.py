"""Files of training that a hospital keeps encrypted: cohorts, received models, its own parts. No Django."""

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
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.add(path, arcname=path.relative_to(folder).as_posix(), recursive=False)
    write_sealed(_cohort_path(home, study_hash), buffer.getvalue(), home=home, purpose=f"cohort {study_hash}")


@contextmanager
def opened_cohort(home: Home, study_hash: str) -> Iterator[Path]:
    """The cohort's MEDS folder in clear, for as long as the block runs. Raises SealedFileError."""
    content = read_sealed(_cohort_path(home, study_hash), home=home, purpose=f"cohort {study_hash}")
    with private_folder(home) as folder:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(folder, filter="data")
        yield folder


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


def _received(study_hash: str) -> str:
    return f"received-{study_hash[:16]}-"


def _cohort_path(home: Home, study_hash: str) -> Path:
    return home.cohorts / f"{study_hash}.sealed"


def _model_path(home: Home, name: str) -> Path:
    return home.models / f"{name}.sealed"
