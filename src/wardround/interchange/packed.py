"""Compressed files as streams: gzip files and the members of zip archives, read without unpacking to disk; bombs are stopped."""

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from wardround.interchange.errors import Unreadable

GZIP_MARK = b"\x1f\x8b"
ZIP_MARK = b"PK\x03\x04"
# Health records as JSON pack to a tenth or a thirtieth; the format itself allows a thousandth.
MAX_RATIO = 250
FREE_BYTES = 64 * 1024 * 1024  # so little harms nobody, however well it packs
MAX_UNPACKED = 256 * 1024**3
MAX_MEMBERS = 10_000
_MAX_DIRECTORY_BYTES = 16 * 1024 * 1024
_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_IS_ENCRYPTED = 0x1
_DAMAGED = (EOFError, zlib.error, OSError, zipfile.BadZipFile, lzma.LZMAError, ValueError)


class Bomb(Unreadable):
    """A compressed file that would unpack to more than anybody means."""


class Budget:
    """How much may still come out of one compressed file, all its parts together."""

    def __init__(self) -> None:
        self._out = 0

    def spend(self, unpacked: int, *, packed: int) -> None:
        """Count bytes that came out of `packed` bytes so far; raises Bomb."""
        self._out += unpacked
        if self._out > FREE_BYTES and self._out > MAX_RATIO * packed:
            raise Bomb(f"it unpacks to more than {MAX_RATIO} times its size, which health records do not")
        if self._out > MAX_UNPACKED:
            raise Bomb(f"it unpacks to more than {MAX_UNPACKED // 1024**3} GiB; send it in parts")


class _Unpacked(io.RawIOBase):
    """A decompressor's output; whatever is wrong with the packed bytes is an Unreadable."""

    def __init__(self, stream: BinaryIO, *, packed: Callable[[], int], budget: Budget) -> None:
        self._stream = stream
        self._packed = packed
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._stream.read(len(buffer))
        except _DAMAGED:
            raise Unreadable("its compressed bytes are damaged or broken off") from None
        self._budget.spend(len(piece), packed=self._packed())
        buffer[: len(piece)] = piece
        return len(piece)


def gunzipped(file: BinaryIO) -> io.BufferedReader:
    """The unpacked bytes of an opened gzip file; reading it raises Unreadable for a bomb and for damage."""
    stream: BinaryIO = gzip.GzipFile(fileobj=file)  # type: ignore[assignment]
    return io.BufferedReader(_Unpacked(stream, packed=file.tell, budget=Budget()), 256 * 1024)


def first_bytes(path: Path, *, many: int) -> bytes:
    """The first bytes of a file, of what is in it where it is a gzip file; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(len(GZIP_MARK))
            file.seek(0)
            return (gunzipped(file) if start == GZIP_MARK else file).read(many)
    except (OSError, Unreadable):
        return b""  # whoever reads the file says what is wrong with it


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive: its name for people (never used as a path), and how to open it."""

    name: str
    open: Callable[[], io.BufferedReader]


def members(file: BinaryIO) -> Iterator[Member]:
    """The files of an opened zip archive, in the archive's order. Raises Unreadable for an archive that is not read."""
    size = file.seek(0, io.SEEK_END)
    if _directory_bytes(file, size) > _MAX_DIRECTORY_BYTES:
        raise Unreadable(f"the archive has a longer list of files than {MAX_MEMBERS} need")
    try:
        archive = zipfile.ZipFile(file)
    except (*_DAMAGED, RuntimeError):
        raise Unreadable("the archive is damaged or broken off") from None
    listed = [info for info in archive.infolist() if not info.is_dir()]
    if len(listed) > MAX_MEMBERS:
        raise Unreadable(f"the archive holds more than {MAX_MEMBERS} files; send it in parts")
    budget = Budget()
    for info in listed:
        yield Member(_harmless(info.filename), _opener(archive, info, packed=size, budget=budget))


def _opener(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, packed: int, budget: Budget
) -> Callable[[], io.BufferedReader]:
    def opened() -> io.BufferedReader:
        if info.flag_bits & _IS_ENCRYPTED:
            raise Unreadable("it is encrypted; unpack it with its password first")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("it is packed by a method that is not read here; pack it as deflate")
        try:
            stream: BinaryIO = archive.open(info)  # type: ignore[assignment]
        except (*_DAMAGED, RuntimeError):
            raise Unreadable("its compressed bytes are damaged or broken off") from None
        # All parts against the whole archive: members that overlap are found out, too.
        return io.BufferedReader(_Unpacked(stream, packed=lambda: packed, budget=budget), 256 * 1024)

    return opened


def _harmless(name: str) -> str:
    """A member's name as it may be shown: printable, of bounded length, without steps upwards."""
    steps = [step for step in name.replace("\\", "/").split("/") if step not in ("", ".", "..")]
    shown = "".join(letter if letter.isprintable() else "?" for letter in "/".join(steps))
    return shown[-150:] or "a file without a name"


def _directory_bytes(file: BinaryIO, size: int) -> int:
    """How long the archive says its directory is: asked before the directory is read into memory."""
    tail_at = max(0, size - 65_557 - 20)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise Unreadable("the archive is damaged or broken off")
    (length,) = struct.unpack_from("<L", tail, at + 12)
    locator = tail[at - 20 : at] if at >= 20 else b""
    if locator.startswith(_LOCATOR_64):
        (end_at,) = struct.unpack_from("<Q", locator, 8)
        if end_at + 56 > size:
            raise Unreadable("the archive is damaged or broken off")
        file.seek(end_at)
        end = file.read(56)
        if end.startswith(_END_64):
            (length,) = struct.unpack_from("<Q", end, 40)
    return int(length)
