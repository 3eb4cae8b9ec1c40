"""The files of an upload on the disk: sealed part by part as they come in, and opened only while somebody reads them."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from wardround.web.sealed_file import read_sealed, write_sealed

PART = 8 * 1024 * 1024
_LONGEST_NAME = 200  # bytes; a file system takes 255
_OPENED = "opened-"


@dataclass(frozen=True)
class Kept:
    """One uploaded file as it is kept: its own name, its size, and into how many parts it was sealed."""

    name: str
    size: int
    parts: int


class KeptFile(UploadedFile):  # type: ignore[type-arg]
    """What Django hands to a view of a file that was sealed on its way in."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(file=None, name=kept.name, size=kept.size)
        self.kept = kept


class SealingHandler(FileUploadHandler):
    """Django's way to take a file while it arrives: nothing of it is ever written in clear."""

    chunk_size = 1024 * 1024

    def __init__(self, upload_id: str, *, most: int) -> None:
        super().__init__()
        self.is_too_large = False
        self.upload_id = upload_id
        self._room = most
        self._file = -1
        self._part = 0
        self._buffer = bytearray()

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super().new_file(*arguments, **named)
        self._file, self._part = self._file + 1, 0
        self._buffer.clear()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's own signature
        self._room -= len(raw_data)
        if self._room < 0:
            self.is_too_large = True
            raise StopUpload(connection_reset=False)
        self._buffer += raw_data
        if len(self._buffer) >= PART:
            self._seal()

    def file_complete(self, file_size: int) -> KeptFile:
        if self._buffer or not self._part:
            self._seal()
        return KeptFile(Kept(name=_short(self.file_name or "file"), size=file_size, parts=self._part))

    def upload_interrupted(self) -> None:
        forget(self.upload_id)

    def _seal(self) -> None:
        folder = _folder(self.upload_id)
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        name, purpose = _part(self.upload_id, self._file, self._part)
        write_sealed(folder / name, bytes(self._buffer), home=settings.HOME, purpose=purpose)
        self._part += 1
        self._buffer.clear()


@contextmanager
def opened(upload_id: str, files: Sequence[Kept]) -> Iterator[list[Path]]:
    """The files in clear, in a folder of this user alone, gone when the reading ends; what a killed process left is swept."""
    folder = _shelf() / f"{_OPENED}{upload_id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        paths = []
        for number, file in enumerate(files):
            path = folder / str(number) / Path(file.name).name
            path.parent.mkdir(mode=0o700)
            with path.open("wb") as clear:
                _write_parts(clear, upload_id=upload_id, number=number, parts=file.parts)
            paths.append(path)
        yield paths
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget(upload_id: str) -> None:
    """Remove all files of an upload; it need not have any."""
    shutil.rmtree(_folder(upload_id), ignore_errors=True)


def sweep() -> None:
    """Remove what was opened by a process that was killed. Call it where nobody reads an upload: at a worker's start."""
    for folder in _shelf().glob(f"{_OPENED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _write_parts(clear: IO[bytes], *, upload_id: str, number: int, parts: int) -> None:
    for part in range(parts):
        name, purpose = _part(upload_id, number, part)
        clear.write(read_sealed(_folder(upload_id) / name, home=settings.HOME, purpose=purpose))


def _part(upload_id: str, file: int, part: int) -> tuple[str, str]:
    return f"{file}-{part}.sealed", f"upload {upload_id} {file} {part}"


def _short(name: str) -> str:
    """The name that a browser sent, no longer than a file system takes; its end says what the file is."""
    encoded = name.encode("utf-8", "replace")
    if len(encoded) <= _LONGEST_NAME:
        return encoded.decode()
    return encoded[-_LONGEST_NAME:].decode("utf-8", "ignore")


def _shelf() -> Path:
    return Path(settings.HOME.path) / "uploads"


def _folder(upload_id: str) -> Path:
    return _shelf() / upload_id
