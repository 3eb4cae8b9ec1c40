"""Nothing crosses the wall but the listed kinds with exactly their fields."""

import pickle
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from wardround.federation.errors import MessageError
from wardround.federation.message_kinds import KINDS, document
from wardround.federation.messages import decode, encode

IDENTITY = Ed25519PrivateKey.generate()
EXAMPLES = {
    "name": "basel",
    "names": ["amsterdam", "basel"],
    "hash": "a" * 64,
    "text": "fit",
    "whole": 1,
    "number": 0.5,
    "data": b"\x00\x01",
    "data by name": {"basel": b"one", "amsterdam": b""},
}


def fields_of(kind):
    return {field.name: EXAMPLES[field.type] for field in KINDS[kind].fields}


def example(kind):
    return encode(kind, fields_of(kind), identity=IDENTITY)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_back_as_it_went(kind):
    read = decode(example(kind), direction=KINDS[kind].direction)

    assert read.kind.name == kind
    assert dict(read.fields) == fields_of(kind)
    assert encode(kind, read.fields, identity=IDENTITY) == example(kind)


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.direction == "to coordinator"])
def test_everything_that_leaves_a_hospital_is_signed(kind):
    data = example(kind)
    read = decode(data, direction="to coordinator")

    assert read.is_signed_by(IDENTITY.public_key())
    assert not read.is_signed_by(Ed25519PrivateKey.generate().public_key())
    flipped = data[:-1] + bytes([data[-1] ^ 1])
    assert not decode(flipped, direction="to coordinator").is_signed_by(IDENTITY.public_key())


def test_the_only_purposes_and_kinds_that_leave_a_hospital_are_these():
    leaving = {name for name, kind in KINDS.items() if kind.direction == "to coordinator"}

    assert leaving == {
        "advertised", "shared", "masked", "agreed", "unmasked", "model received", "refusal",
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_never_goes_the_other_way(kind):
    other = "to hospital" if KINDS[kind].direction == "to coordinator" else "to coordinator"

    with pytest.raises(MessageError, match=f"never goes {other}"):
        decode(example(kind), direction=other)


def test_a_field_that_is_not_listed_does_not_leave():
    with pytest.raises(MessageError, match="no field 'patient'"):
        encode("refusal", {**fields_of("refusal"), "patient": "x"}, identity=IDENTITY)


def test_a_kind_that_is_not_listed_does_not_leave():
    with pytest.raises(MessageError, match="no message of the kind 'records'"):
        encode("records", {}, identity=IDENTITY)


def test_a_missing_field_is_named():
    with pytest.raises(MessageError, match="lacks its field 'sentence'"):
        encode("refusal", {"study": "a" * 64, "run": "r"}, identity=IDENTITY)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("study", "A" * 64),
        ("study", "a" * 63),
        ("run", "x" * 65),
        ("run", 5),
        ("round", -1),
        ("round", True),
        ("round", 1.0),
        ("bound", float("nan")),
        ("bound", 2.0**41),
        ("bound", "0.9"),
        ("bound", True),
        ("length", 10**9),
    ],
)
def test_a_value_of_another_type_or_size_is_no_message(field, value):
    with pytest.raises(MessageError, match=f"field {field!r}"):
        encode("advertise", {**fields_of("advertise"), field: value})


@pytest.mark.parametrize("names", [["b", "a"], ["a", "a"], ["../a"], ["A"], [""], [f"n{i}" for i in range(51)], "ab"])
def test_names_are_sorted_unique_and_plain(names):
    with pytest.raises(MessageError):
        encode("consistency", {**fields_of("consistency"), "survivors": names})


def test_data_beyond_its_limit_does_not_leave():
    with pytest.raises(MessageError, match="'share_key'"):
        encode("advertised", {**fields_of("advertised"), "share_key": bytes(33)}, identity=IDENTITY)


def test_a_longer_data_field_than_allowed_is_refused_before_it_is_read():
    data = example("advertised")
    longer = data.replace(b'"share_key":2', b'"share_key":99999999999')
    header = int.from_bytes(longer[4:8], "big") + 10
    with pytest.raises(MessageError, match="longer than allowed"):
        decode(longer[:4] + header.to_bytes(4, "big") + longer[8:], direction="to coordinator")


@pytest.mark.parametrize(
    "data", [b"", b"WRD\x01", b"WRD\x02" + bytes(20), pickle.dumps({"kind": "refusal"}), b"{}", bytes(100)]
)
def test_other_bytes_are_refused(data):
    with pytest.raises(MessageError):
        decode(data, direction="to coordinator")


def test_a_message_has_one_encoding_only():
    data = example("refusal")
    spaced = data.replace(b'{"fields"', b'{ "fields"')
    length = int.from_bytes(data[4:8], "big") + 1

    with pytest.raises(MessageError, match="canonical form"):
        decode(data[:4] + length.to_bytes(4, "big") + spaced[8:], direction="to coordinator")
    with pytest.raises(MessageError, match="longer or shorter"):
        decode(data + b"\0", direction="to coordinator")
    with pytest.raises(MessageError):
        decode(data[:-1], direction="to coordinator")


@settings(deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_damaged_message_is_refused_or_no_longer_signed(kind, data):
    good = example(kind)
    position = data.draw(st.integers(0, len(good) - 1))
    damaged = good[:position] + bytes([good[position] ^ data.draw(st.integers(1, 255))]) + good[position + 1 :]
    try:
        read = decode(damaged, direction=KINDS[kind].direction)
    except MessageError:
        return
    assert not read.is_signed_by(IDENTITY.public_key())


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_never_a_message(data):
    with pytest.raises(MessageError):
        decode(b"WRD\x01" + data, direction="to hospital")


def test_the_documentation_lists_every_field_of_every_kind():
    text = (Path(__file__).resolve().parents[2] / "docs" / "messages.md").read_text("utf-8")

    assert text == document(), "Write it anew with message_kinds.document()."
    for kind in KINDS.values():
        assert f"### {kind.name}\n" in text
        assert all(f"| `{field.name}` |" in text for field in kind.fields)
