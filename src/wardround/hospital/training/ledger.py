"""The hospital's own account of every message that left it. No Django."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wardround.federation.receipts import (
    ExaminedLine,
    Receipt,
    chained_receipts,
    examine_receipts,
    read_receipts,
    with_signature,
)
from wardround.web.home import Home

_MOST_SUSPECTS = 100
# Per ledger: how many bytes were followed, their SHA-256, and what was found. A changed byte makes all be followed anew.
_followed: dict[Path, tuple[int, bytes, tuple[ExaminedLine, ...]]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Ledger:
    """Every line, oldest first, with its place in the chain. Signatures were looked at where a line says so: always
    that of the last line, and those of both lines where the chain is broken. `checked` looks at more."""

    home: Home
    lines: tuple[ExaminedLine, ...]
    data: bytes

    def checked(self, lines: Sequence[ExaminedLine]) -> list[ExaminedLine]:
        """These lines with their signatures looked at."""
        wanted = [line.place for line in lines if not line.is_checked]
        if not wanted:
            return list(lines)
        of_file = self.data.splitlines(keepends=True)
        identity = self.home.identity_key().public_key()
        return [
            line if line.is_checked else with_signature(line, line=of_file[line.place - 1], identity=identity)
            for line in lines
        ]


def ledger_path(home: Home) -> Path:
    """Where the receipts are; the engine's worker writes one before each message leaves."""
    return home.receipts / "outgoing.jsonl"


def read_ledger(home: Home) -> list[Receipt]:
    """All receipts, oldest first, each verified. Raises ReceiptError when a line was tampered with."""
    return list(read_receipts(ledger_path(home), identity=home.identity_key().public_key()))


def examine_ledger(home: Home) -> tuple[ExaminedLine, ...]:
    """Every line, oldest first, with what is wrong with it; every signature is looked at, which takes its time."""
    lines = _data(home).splitlines(keepends=True)
    return tuple(examine_receipts(lines, identity=home.identity_key().public_key()))


def follow_ledger(home: Home) -> Ledger:
    """The ledger with its chain followed. Lines that were followed before are not again while their bytes are the same."""
    path, data = ledger_path(home), _data(home)
    with _lock:
        size, digest, known = _followed.get(path, (0, b"", ()))
        if not size or size > len(data) or hashlib.sha256(data[:size]).digest() != digest:
            size, known = 0, ()
        fresh = chained_receipts(data[size:].splitlines(keepends=True), after=known[-1] if known else None)
        lines = (*known, *fresh)
        _followed[path] = (len(data), hashlib.sha256(data).digest(), lines)
    return _with_suspects(Ledger(home=home, lines=lines, data=data))


def _with_suspects(ledger: Ledger) -> Ledger:
    """Where the chain is broken, a signature says which of two lines is not what it was."""
    lines = list(ledger.lines)
    broken = [at for at, line in enumerate(lines) if line.problem][:_MOST_SUSPECTS]
    suspects = sorted({*broken, *(at - 1 for at in broken if at), *([len(lines) - 1] if lines else [])})
    for at, line in zip(suspects, ledger.checked([lines[at] for at in suspects]), strict=True):
        lines[at] = line
    for at in broken:
        # A line after one that was altered is not blamed for it, if what it says is what this hospital signed.
        is_its_own = lines[at].problem != ledger.lines[at].problem
        if at and lines[at - 1].problem and not is_its_own and lines[at].receipt is not None:
            lines[at] = replace(lines[at], problem="")
    return replace(ledger, lines=tuple(lines))


def _data(home: Home) -> bytes:
    try:
        data = ledger_path(home).read_bytes()
    except FileNotFoundError:
        return b""
    return data[: data.rfind(b"\n") + 1]  # a last line without its end: its message never left
