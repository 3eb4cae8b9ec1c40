"""How far an import is, and about how long it will take yet."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from wardround.hospital.intake.report import Report
from wardround.interchange.files import named_files

Progress = Callable[[Report], None]

_SECONDS_A_MINUTE, _SECONDS_AN_HOUR = 60, 3600
_SMALLEST_GZIP = 18  # header and trailer
_SAYS_NOTHING = (".parquet", ".xlsx", ".xls", ".ods", ".zip")  # compressed inside: their size is not their content's


def expected_bytes(files: Sequence[Path], *, endings: tuple[str, ...]) -> int:
    """How many bytes there are to read, decompressed; 0 where that cannot be known beforehand."""
    found = named_files(files, endings=endings)
    if any(file.suffix.lower() in _SAYS_NOTHING for file in found):
        return 0
    try:
        return sum(_decompressed(file) if file.suffix.lower() == ".gz" else file.stat().st_size for file in found)
    except OSError:
        return 0


def line_of(report: Report) -> str:
    """One line for the person who waits."""
    line = f"{report.messages} messages, {report.resources} resources, {report.resources_per_second:.0f} per second"
    left = report.seconds_left
    if left is None:
        return line
    share = min(report.bytes_read / report.bytes_expected, 1.0)
    return f"{line}, {share:.0%}, about {_duration(left)} left"


def _decompressed(file: Path) -> int:
    """The size that a gzip file's last four bytes state (RFC 1952, ISIZE): modulo 4 GiB, so never below the file's own."""
    with file.open("rb") as opened:
        if opened.read(2) != b"\x1f\x8b" or file.stat().st_size < _SMALLEST_GZIP:
            return file.stat().st_size
        opened.seek(-4, 2)
        (size,) = struct.unpack("<I", opened.read(4))
    return max(int(size), file.stat().st_size)


def _duration(seconds: float) -> str:
    if seconds < _SECONDS_A_MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _SECONDS_AN_HOUR:
        return f"{seconds / _SECONDS_A_MINUTE:.0f} min"
    return f"{seconds / _SECONDS_AN_HOUR:.1f} h"
