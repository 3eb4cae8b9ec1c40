"""The files of global models, encrypted under the coordinator's own key. No Django: the run's process writes them."""

from pathlib import Path

from wardround.web.home import Home
from wardround.web.sealed_file import read_sealed, write_sealed


def keep_model(home: Home, *, run_id: str, artifact: bytes) -> None:
    """Write a run's model file; the process that leads the run does this, before it says that the run is done."""
    write_sealed(model_path(home, run_id=run_id), artifact, home=home, purpose=_purpose(run_id))


def open_model(home: Home, *, run_id: str) -> bytes:
    """The artifact's bytes. Raises SealedFileError."""
    return read_sealed(model_path(home, run_id=run_id), home=home, purpose=_purpose(run_id))


def model_path(home: Home, *, run_id: str) -> Path:
    return home.models / f"{run_id}.sealed"


def _purpose(run_id: str) -> str:
    return f"global model {run_id}"
