"""The files of exports on the disk: encrypted, bound to their job and number, gone with it."""

import shutil
from pathlib import Path

from django.conf import settings

from wardround.web.sealed_file import read_sealed, write_sealed


def keep(job_id: str, number: int, content: bytes) -> None:
    folder = _folder(job_id)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    write_sealed(folder / f"{number}.sealed", content, home=settings.HOME, purpose=f"export {job_id} {number}")


def fetch(job_id: str, number: int) -> bytes:
    """The NDJSON. Raises SealedFileError."""
    return read_sealed(_folder(job_id) / f"{number}.sealed", home=settings.HOME, purpose=f"export {job_id} {number}")


def forget(job_id: str) -> None:
    """Remove all files of a job; it need not have any."""
    shutil.rmtree(_folder(job_id), ignore_errors=True)


def _folder(job_id: str) -> Path:
    return Path(settings.HOME.path) / "exports" / job_id
