"""The hospital's own account of everything that it sent: one signed, chained line per message, never rewritten.

A receipt is on the disk before its message may leave. The chain shows a line that was altered, removed, inserted or
moved; lines cut off at the end show only against a ``head`` that was noted elsewhere.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wardround.federation.canonical import NotCanonical, canonical, read_canonical
from wardround.federation.durable import sync_folder
from wardround.federation.errors import ReceiptError
from wardround.federation.message_kinds import Field
from wardround.federation.messages import Message, decode

_LABEL = b"wardround receipt 1\0"
_START = "0" * 64
_LARGEST_LINE = 64 * 1024
_FIRST_BYTES = 16
# Shares of secrets, which leave in clear: a ledger keeps no part of them.
_SECRET = frozenset({"seeds", "mask_keys"})


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One message that left: what for, which fields, how large, and the hash that identifies its bytes.

    ``purpose`` is what is summed, or the kind itself; ``fields`` gives each field's name and size in bytes (for a
    value in the header: as it is written there). ``shown`` holds what a person can be shown of each: a value of the
    header as it is, of data the first bytes in hexadecimal; of a share of a secret nothing.
    """

    number: int
    time: str
    study: str
    run: str
    purpose: str
    round: int | None
    kind: str
    fields: dict[str, int]
    size: int
    sha256: str
    message_signature: str
    previous: str
    shown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ExaminedLine:
    """One line of a ledger with what is wrong with it, as a sentence; empty when nothing is.

    ``receipt`` of a line with a problem is what it claims, and None where it claims nothing that can be read.
    ``sha256`` is of the line: what the next one must name. ``is_checked``: its signature was looked at.
    """

    place: int
    receipt: Receipt | None
    problem: str
    sha256: str
    is_checked: bool = True


class Receipts:
    """The ledger in one file of a hospital's home. Several processes may write to it."""

    def __init__(self, path: Path, *, identity: Ed25519PrivateKey) -> None:
        self._path = path
        self._identity = identity

    def record(self, message: bytes, *, time: datetime) -> Receipt:
        """Write the receipt of a message that is about to leave; returns once it is safely on the disk.

        Raises MessageError for bytes that are no message to the coordinator: those must not leave. Raises ReceiptError
        when the ledger cannot be written; then the message must not leave either.
        """
        read = decode(message, direction="to coordinator")
        try:
            created = not self._path.exists()
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                number, previous = _tail(file)
                receipt = _receipt(read, number=number, previous=previous, time=time)
                file.write(self._line(receipt))
                file.flush()
                os.fsync(file.fileno())
            if created:
                sync_folder(self._path.parent)
        except OSError as error:
            raise ReceiptError(f"The ledger of receipts cannot be written: {error.strerror}.") from error
        return receipt

    def _line(self, receipt: Receipt) -> bytes:
        body = canonical(asdict(receipt))
        signature = self._identity.sign(_LABEL + body).hex()
        return canonical({"receipt": asdict(receipt), "signature": signature}) + b"\n"


def read_receipts(path: Path, *, identity: Ed25519PublicKey) -> Iterator[Receipt]:
    """All receipts, oldest first, each verified. Raises ReceiptError naming the first line that was tampered with.

    A last line without its end was being written when the power failed; its message never left, and it is left out.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    except OSError as error:
        raise ReceiptError(f"The ledger of receipts cannot be read: {error.strerror}.") from error
    with file:
        for line in examine_receipts(_whole_lines(file), identity=identity):
            if line.problem or line.receipt is None:
                raise ReceiptError(line.problem)
            yield line.receipt


def examine_receipts(lines: Iterable[bytes], *, identity: Ed25519PublicKey) -> Iterator[ExaminedLine]:
    """Every line, with what is wrong with it: a ledger that was tampered with is shown, not hidden.

    A line after one with a problem of its own is not blamed for it.
    """
    before: ExaminedLine | None = None
    for line in lines:
        place = before.place + 1 if before else 1
        expected = before.receipt.number + 1 if before and before.receipt else place
        receipt, problem = None, ""
        try:
            receipt = _verified(line, number=expected, identity=identity)
        except ReceiptError as error:
            receipt, problem = _claimed(line), str(error)
        follows = before is None or bool(before.problem) or (receipt is not None and receipt.previous == before.sha256)
        if before is None:
            follows = receipt is None or receipt.previous == _START
        if not problem and receipt is not None and not (follows and receipt.number == expected):
            problem = _misplaced(receipt.number)
        before = ExaminedLine(place=place, receipt=receipt, problem=problem, sha256=hashlib.sha256(line).hexdigest())
        yield before


def chained_receipts(lines: Iterable[bytes], *, after: ExaminedLine | None = None) -> Iterator[ExaminedLine]:
    """Every line with its place in the chain, and no signature looked at: hundreds of times cheaper.

    Each line names the hash of the one before it, so where the chain is whole, a valid signature of the last line speaks
    for the bytes of all. It does not say that each was rightly signed when it was written: see ``with_signature``.
    """
    before = after
    for line in lines:
        place = before.place + 1 if before else 1
        receipt = _claimed(line)
        expected = before.receipt.number + 1 if before and before.receipt else place
        problem = ""
        if receipt is None:
            problem = f"Line {place} of the ledger is not a receipt."
        elif receipt.previous != (before.sha256 if before else _START) or receipt.number != expected:
            problem = _misplaced(receipt.number)
        digest = hashlib.sha256(line).hexdigest()
        before = ExaminedLine(place=place, receipt=receipt, problem=problem, sha256=digest, is_checked=False)
        yield before


def with_signature(examined: ExaminedLine, *, line: bytes, identity: Ed25519PublicKey) -> ExaminedLine:
    """The same line after its signature was looked at."""
    try:
        _verified(line, number=examined.receipt.number if examined.receipt else examined.place, identity=identity)
    except ReceiptError as error:
        return replace(examined, problem=str(error), is_checked=True)
    return replace(examined, is_checked=True)


def _misplaced(number: int) -> str:
    return f"Receipt {number} does not follow the one before it: a line was removed, added or moved."


def _whole_lines(file: IO[bytes]) -> Iterator[bytes]:
    number = 1
    while line := file.readline(_LARGEST_LINE):
        if not line.endswith(b"\n"):
            if file.read(1):
                raise ReceiptError(f"Receipt {number} is longer than a receipt can be.")
            return
        yield line
        number += 1


def _claimed(line: bytes) -> Receipt | None:
    try:
        return Receipt(**json.loads(line)["receipt"])
    except (ValueError, LookupError, TypeError):
        return None


def head(path: Path) -> tuple[int, str]:
    """How many receipts there are and the last line's hash: to be noted elsewhere, against lines cut off at the end."""
    try:
        with path.open("rb") as file:
            number, previous = _tail(file)
    except FileNotFoundError:
        return 0, _START
    except OSError as error:
        raise ReceiptError(f"The ledger of receipts cannot be read: {error.strerror}.") from error
    return number - 1, previous


def _receipt(message: Message, *, number: int, previous: str, time: datetime) -> Receipt:
    return Receipt(
        number=number,
        time=time.isoformat(),
        study=message.text("study"),
        run=message.text("run"),
        purpose=str(message.fields.get("purpose", message.kind.name)),
        round=message.fields.get("round"),
        kind=message.kind.name,
        fields={name: _size(value) for name, value in message.fields.items()},
        size=len(message.raw),
        sha256=message.sha256,
        message_signature=message.signature.hex(),
        previous=previous,
        shown={entry.name: _shown(entry, message) for entry in message.kind.fields if entry.name not in _SECRET},
    )


def _shown(entry: Field, message: Message) -> Any:
    value = message.fields[entry.name]
    if isinstance(value, bytes):
        return value[:_FIRST_BYTES].hex()
    if isinstance(value, dict):
        return {name: value[name][:_FIRST_BYTES].hex() for name in sorted(value)}
    return list(value) if isinstance(value, tuple) else value


def _size(value: Any) -> int:
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(len(part) for part in value.values())
    return len(canonical(value))


def _tail(file: IO[bytes]) -> tuple[int, str]:
    """The next receipt's number and what it must follow; the file's position is left where it is to be written."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - 2 * _LARGEST_LINE)
    file.seek(start)
    tail = file.read(end - start)
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) < len(tail) and "+" in file.mode:
        # A torn last line: the power failed before its message could leave.
        file.truncate(start + len(whole))
    file.seek(start + len(whole))
    if not whole:
        if start:
            raise ReceiptError("The ledger of receipts ends in a line that is longer than a receipt can be.")
        return 1, _START
    last = whole[whole.rfind(b"\n", 0, len(whole) - 1) + 1 :]
    try:
        return int(json.loads(last)["receipt"]["number"]) + 1, hashlib.sha256(last).hexdigest()
    except (ValueError, LookupError, TypeError) as error:
        raise ReceiptError("The last line of the ledger of receipts is not a receipt.") from error


def _verified(line: bytes, *, number: int, identity: Ed25519PublicKey) -> Receipt:
    try:
        document = read_canonical(line[:-1])
        body = document["receipt"]
        identity.verify(bytes.fromhex(document["signature"]), _LABEL + canonical(body))
        return Receipt(**body)
    except InvalidSignature as error:
        raise ReceiptError(f"Receipt {number} was altered after this hospital signed it.") from error
    except (NotCanonical, ValueError, LookupError, TypeError) as error:
        raise ReceiptError(f"Line {number} of the ledger is not a receipt.") from error
