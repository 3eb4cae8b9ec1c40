"""A message as bytes and back: the kinds of ``message_kinds`` and nothing else, in an encoding of our own.

    WRD | version 1 | length of the header | header | parts | signature of signed kinds

The header is canonical JSON {"fields": {...}, "kind": ...}; a data field stands there as its length and follows as a
part, in the order of the kind's fields. A message has one encoding only: what differs from it in any byte is refused.
"""

import hashlib
import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wardround.federation.canonical import NotCanonical, canonical, read_canonical
from wardround.federation.errors import MessageError
from wardround.federation.identity import NAME
from wardround.federation.message_kinds import KINDS, MOST_MEMBERS, Direction, Field, Kind

MAGIC = b"WRD\x01"
LARGEST_HEADER = 64 * 1024
SIGNATURE_BYTES = 64
_LABEL = b"wardround message 1\0"
_HASH = re.compile(r"[0-9a-f]{64}")
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True)
class Message:
    """One message that has passed every check but its signature. ``raw`` are its bytes, the signature included."""

    kind: Kind
    fields: Mapping[str, Any]
    raw: bytes

    def text(self, name: str) -> str:
        """A field of type name, hash or text."""
        return str(self.fields[name])

    def whole(self, name: str) -> int:
        """A field of type whole."""
        return int(self.fields[name])

    def number(self, name: str) -> float:
        """A field of type number."""
        return float(self.fields[name])

    def names(self, name: str) -> tuple[str, ...]:
        """A field of type names, sorted."""
        return tuple(self.fields[name])

    def data(self, name: str) -> bytes:
        """A field of type data."""
        return bytes(self.fields[name])

    def by_name(self, name: str) -> dict[str, bytes]:
        """A field of type data by name."""
        return dict(self.fields[name])

    @property
    def sha256(self) -> str:
        """Of all bytes."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def signature(self) -> bytes:
        """Empty when the kind is not signed."""
        return self.raw[-SIGNATURE_BYTES:] if self.kind.signed else b""

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is that key's, over everything else in the message."""
        try:
            key.verify(self.signature, _signed(self.raw[:-SIGNATURE_BYTES]))
        except InvalidSignature:
            return False
        return self.kind.signed


def encode(kind: str, fields: Mapping[str, Any], *, identity: Ed25519PrivateKey | None = None) -> bytes:
    """The bytes of a message; a signed kind needs the sender's ``identity``. Raises MessageError when it is not one."""
    if kind not in KINDS:
        raise MessageError(f"There is no message of the kind {kind!r}.")
    known = KINDS[kind]
    _check_field_names(known, fields)
    shown: dict[str, Any] = {}
    parts: list[bytes] = []
    for field in known.fields:
        value = _checked(known, field, fields[field.name])
        if field.type == "data":
            shown[field.name] = len(value)
            parts.append(value)
        elif field.type == "data by name":
            shown[field.name] = {name: len(value[name]) for name in sorted(value)}
            parts += [value[name] for name in sorted(value)]
        else:
            shown[field.name] = value
    header = canonical({"kind": kind, "fields": shown})
    body = b"".join([MAGIC, _LENGTH.pack(len(header)), header, *parts])
    if not known.signed:
        return body
    if identity is None:
        raise MessageError(f"A message of the kind {kind!r} is signed, so it needs the sender's identity.")
    return body + identity.sign(_signed(body))


def decode(data: bytes, *, direction: Direction, kind: str | None = None) -> Message:
    """The message of these bytes; the signature is not yet checked. ``kind``: the only one that is expected.

    Raises MessageError for anything that is not exactly one known message in this direction.
    """
    header, position = _header(data)
    if not isinstance(header, dict) or header.keys() != {"kind", "fields"} or not isinstance(header["fields"], dict):
        raise MessageError("The message's header does not name a kind and its fields.")
    known = KINDS.get(header["kind"]) if isinstance(header["kind"], str) else None
    if known is None:
        raise MessageError("The message is of no known kind.")
    if known.direction != direction:
        raise MessageError(f"A message of the kind {known.name!r} never goes {direction}.")
    if kind is not None and known.name != kind:
        raise MessageError(f"A message of the kind {kind!r} was expected, and one of the kind {known.name!r} came.")
    _check_field_names(known, header["fields"])
    reader = _Parts(data, position=position, end=len(data) - (SIGNATURE_BYTES if known.signed else 0))
    fields: dict[str, Any] = {}
    for field in known.fields:
        value = header["fields"][field.name]
        if field.type == "data":
            value = reader.take(value, largest=field.largest)
        elif field.type == "data by name":
            if not isinstance(value, dict):
                raise MessageError(f"The field {field.name!r} of {known.name!r} is not given by name.")
            value = {name: reader.take(value[name], largest=field.largest) for name in sorted(value)}
        fields[field.name] = _checked(known, field, value)
    reader.finish()
    return Message(kind=known, fields=fields, raw=data)


def _header(data: bytes) -> tuple[Any, int]:
    start = len(MAGIC) + _LENGTH.size
    if len(data) < start or data[: len(MAGIC)] != MAGIC:
        raise MessageError("The bytes are not a message of this version of Wardround.")
    (length,) = _LENGTH.unpack(data[len(MAGIC) : start])
    if length > LARGEST_HEADER or start + length > len(data):
        raise MessageError("The message is cut off, or its header is too long.")
    try:
        return read_canonical(data[start : start + length]), start + length
    except NotCanonical as error:
        raise MessageError(f"The message's header cannot be read. {error}") from error


class _Parts:
    """Reads the data fields one after the other and insists that they fill the message exactly."""

    def __init__(self, data: bytes, *, position: int, end: int) -> None:
        self._data = data
        self._position = position
        self._end = end

    def take(self, length: Any, *, largest: int) -> bytes:
        if type(length) is not int or not 0 <= length <= largest or self._position + length > self._end:
            raise MessageError("A data field of the message is longer than allowed, or the message is cut off.")
        self._position += length
        return self._data[self._position - length : self._position]

    def finish(self) -> None:
        if self._position != self._end:
            raise MessageError("The message is longer or shorter than its fields.")


def _check_field_names(kind: Kind, fields: Mapping[str, Any]) -> None:
    known = {field.name for field in kind.fields}
    unknown, missing = sorted(fields.keys() - known), sorted(known - fields.keys())
    if unknown:
        raise MessageError(f"A message of the kind {kind.name!r} has no field {unknown[0]!r}.")
    if missing:
        raise MessageError(f"A message of the kind {kind.name!r} lacks its field {missing[0]!r}.")


def _checked(kind: Kind, field: Field, value: Any) -> Any:
    checks: Mapping[str, Callable[[Any], bool]] = {
        "name": _is_name,
        "hash": lambda v: isinstance(v, str) and _HASH.fullmatch(v) is not None,
        "text": lambda v: isinstance(v, str) and len(v) <= field.largest,
        "whole": lambda v: type(v) is int and 0 <= v <= field.largest,
        "number": lambda v: type(v) in (int, float) and math.isfinite(v) and abs(v) <= field.largest,
        "names": lambda v: _are_names(v, most=field.largest),
        "data": lambda v: isinstance(v, bytes) and len(v) <= field.largest,
        "data by name": lambda v: (
            isinstance(v, Mapping)
            and len(v) <= MOST_MEMBERS
            and all(
                _is_name(name) and isinstance(part, bytes) and len(part) <= field.largest for name, part in v.items()
            )
        ),
    }
    if not checks[field.type](value):
        raise MessageError(
            f"The field {field.name!r} of a message of the kind {kind.name!r} is not a valid {field.type}."
        )
    if field.type == "number":
        return float(value)
    return list(value) if field.type == "names" else value


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _are_names(value: Any, *, most: int) -> bool:
    if not isinstance(value, (list, tuple)) or len(value) > most or not all(_is_name(name) for name in value):
        return False
    return list(value) == sorted(set(value))


def _signed(body: bytes) -> bytes:
    # Hashed first: Ed25519 itself would read four megabytes twice with a slower hash.
    return _LABEL + hashlib.sha256(body).digest()
