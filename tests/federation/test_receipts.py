"""The hospital's account of what it sent: complete, chained, signed."""

import json
import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wardround.federation.errors import MessageError, ReceiptError
from wardround.federation.messages import decode, encode
from wardround.federation.receipts import Receipts, head, read_receipts

IDENTITY = Ed25519PrivateKey.generate()
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def message(number=0):
    fields = {"study": "5" * 64, "run": "run-1", "round": number, "model": "a" * 64}
    return encode("model received", fields, identity=IDENTITY)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "receipts.jsonl"


@pytest.fixture
def filled(path):
    receipts = Receipts(path, identity=IDENTITY)
    for number in range(4):
        receipts.record(message(number), time=NOON)
    return path


def read(path):
    return list(read_receipts(path, identity=IDENTITY.public_key()))


def test_a_receipt_says_what_left_for_what_and_how_large(filled):
    third = read(filled)[2]

    assert (third.number, third.study, third.run, third.purpose, third.round, third.kind) == (
        3, "5" * 64, "run-1", "model received", 2, "model received",
    )  # fmt: skip
    assert third.time == "2026-11-24T12:00:00+00:00"
    assert (third.size, third.sha256) == (len(message(2)), decode(message(2), direction="to coordinator").sha256)
    assert third.message_signature == message(2)[-64:].hex()
    assert third.fields == {"study": 66, "run": 7, "round": 1, "model": 66}


def test_a_masked_vector_is_noted_by_size_and_not_by_content(path):
    fields = {
        "study": "5" * 64, "run": "run-1", "purpose": "fit", "round": 1, "attempt": 0,
        "session": "b" * 64, "participants": ["basel"], "words": b"\x01\x02\x03\x04" * 100,
    }  # fmt: skip
    receipt = Receipts(path, identity=IDENTITY).record(encode("masked", fields, identity=IDENTITY), time=NOON)

    assert receipt.purpose == "fit"
    assert receipt.fields["words"] == 400
    assert path.read_bytes().count(b"\x01\x02\x03\x04") == 0


def test_what_is_not_a_listed_message_gets_no_receipt_and_must_not_leave(path):
    receipts = Receipts(path, identity=IDENTITY)

    with pytest.raises(MessageError):
        receipts.record(b"patient 17", time=NOON)
    fields = {"study": "5" * 64, "run": "r", "purpose": "fit", "round": 1, "attempt": 0, "survivors": []}
    request = encode("consistency", fields)
    with pytest.raises(MessageError, match="never goes to coordinator"):
        receipts.record(request, time=NOON)
    assert read(path) == []


def test_the_receipt_is_on_the_disk_before_the_message_may_leave(filled, monkeypatch):
    synced = []

    def fsync(descriptor):
        synced.append((Path(f"/proc/self/fd/{descriptor}").readlink(), filled.read_bytes()))

    monkeypatch.setattr(os, "fsync", fsync)

    Receipts(filled, identity=IDENTITY).record(message(7), time=NOON)

    assert synced == [(filled, filled.read_bytes())]
    assert filled.stat().st_mode & 0o777 == 0o600


def test_without_a_disk_nothing_leaves(tmp_path):
    with pytest.raises(ReceiptError, match="cannot be written"):
        Receipts(tmp_path / "missing" / "receipts.jsonl", identity=IDENTITY).record(message(), time=NOON)


def lines_of(path):
    return path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    "field", ["time", "study", "run", "purpose", "kind", "sha256", "message_signature", "previous"]
)
def test_an_altered_receipt_is_found(filled, field):
    lines = lines_of(filled)
    entry = json.loads(lines[1])
    entry["receipt"][field] = "x" + entry["receipt"][field][1:]
    lines[1] = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    filled.write_bytes(b"".join(lines))

    with pytest.raises(ReceiptError, match="Receipt 2 was altered"):
        read(filled)


def test_a_removed_receipt_is_found(filled):
    lines = lines_of(filled)
    filled.write_bytes(b"".join(lines[:1] + lines[2:]))

    with pytest.raises(ReceiptError, match="removed, added or moved"):
        read(filled)


def test_a_removed_first_receipt_is_found(filled):
    filled.write_bytes(b"".join(lines_of(filled)[1:]))

    with pytest.raises(ReceiptError, match="removed, added or moved"):
        read(filled)


def test_swapped_and_doubled_receipts_are_found(filled):
    lines = lines_of(filled)
    for order in ([0, 2, 1, 3], [0, 1, 1, 2, 3]):
        filled.write_bytes(b"".join(lines[position] for position in order))
        with pytest.raises(ReceiptError, match="removed, added or moved"):
            read(filled)


def test_a_receipt_signed_by_somebody_else_is_found(filled, path):
    other = Ed25519PrivateKey.generate()
    Receipts(path, identity=other).record(message(9), time=NOON)

    with pytest.raises(ReceiptError, match="Receipt 5 was altered"):
        read(filled)


def test_receipts_cut_off_at_the_end_show_against_a_noted_head(filled):
    noted = head(filled)
    filled.write_bytes(b"".join(lines_of(filled)[:-1]))

    assert len(read(filled)) == 3
    assert noted[0] == 4
    assert head(filled) != noted


def test_a_line_torn_by_a_power_failure_is_left_out_and_the_ledger_goes_on(filled):
    with filled.open("ab") as file:
        file.write(lines_of(filled)[3][:50])

    assert len(read(filled)) == 4
    Receipts(filled, identity=IDENTITY).record(message(7), time=NOON)
    assert [receipt.number for receipt in read(filled)] == [1, 2, 3, 4, 5]


def test_an_endless_line_is_refused(path):
    path.write_bytes(b"x" * 300_000)

    with pytest.raises(ReceiptError, match="longer than a receipt"):
        read(path)


def test_no_ledger_yet_is_no_receipts(path):
    assert read(path) == []
    assert head(path) == (0, "0" * 64)


def _write_many(path, count):
    receipts = Receipts(path, identity=IDENTITY)
    for number in range(count):
        receipts.record(message(number), time=NOON)


def test_two_processes_write_one_chain(path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(path, 15)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [receipt.number for receipt in read(path)] == list(range(1, 31))
