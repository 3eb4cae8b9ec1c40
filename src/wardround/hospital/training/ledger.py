"""The hospital's own account of every message that left it. No Django."""

import hashlib
import threading
from pathlib import Path

from wardround.federation.receipts import ExaminedLine, Receipt, examine_receipts, read_receipts
from wardround.web.home import Home

# Per ledger: how many bytes are examined, their SHA-256, and what was found. A changed byte makes all be examined anew.
_examined: dict[Path, tuple[int, bytes, tuple[ExaminedLine, ...]]] = {}
_lock = threading.Lock()


def ledger_path(home: Home) -> Path:
    """Where the receipts are; the engine's worker writes one before each message leaves."""
    return home.receipts / "outgoing.jsonl"


def read_ledger(home: Home) -> list[Receipt]:
    """All receipts, oldest first, each verified. Raises ReceiptError when a line was tampered with."""
    return list(read_receipts(ledger_path(home), identity=home.identity_key().public_key()))


def examine_ledger(home: Home) -> tuple[ExaminedLine, ...]:
    """Every line, oldest first, with what is wrong with it. Lines whose bytes were examined before are not again."""
    path = ledger_path(home)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    data = data[: data.rfind(b"\n") + 1]  # a last line without its end: its message never left
    with _lock:
        size, digest, known = _examined.get(path, (0, b"", ()))
        if not size or size > len(data) or hashlib.sha256(data[:size]).digest() != digest:
            size, known = 0, ()
        fresh = examine_receipts(
            data[size:].splitlines(keepends=True),
            identity=home.identity_key().public_key(),
            after=known[-1] if known else None,
        )
        found = (*known, *fresh)
        _examined[path] = (len(data), hashlib.sha256(data).digest(), found)
    return found
