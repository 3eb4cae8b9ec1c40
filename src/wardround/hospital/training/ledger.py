"""The hospital's own account of every message that left it. No Django."""

from pathlib import Path

from wardround.federation.receipts import Receipt, read_receipts
from wardround.web.home import Home


def ledger_path(home: Home) -> Path:
    """Where the receipts are; the engine's worker writes one before each message leaves."""
    return home.receipts / "outgoing.jsonl"


def read_ledger(home: Home) -> list[Receipt]:
    """All receipts, oldest first, each verified. Raises ReceiptError when a line was tampered with."""
    return list(read_receipts(ledger_path(home), identity=home.identity_key().public_key()))
