"""HL7 v2 messages as text: framing, separators, character set, segments, fields, escapes (HL7 v2.9, chapter 2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from wardround.interchange.errors import Unreadable
from wardround.interchange.texts import charset

MAX_MESSAGE_BYTES = 32 * 1024 * 1024
MAX_REPETITIONS = 1000
_CHUNK = 64 * 1024
_LINE_END = re.compile(rb"[\r\n\x0b\x1c]+")  # also MLLP's start and end of block
_ENDS = b"\r\n\x0b\x1c"
_PADDING = _ENDS + b" \t\x00\x1a"
_BATCH = (b"FHS", b"BHS", b"BTS", b"FTS")
_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_NULL = '""'
_JAPANESE = "iso2022_jp_ext"
_SWITCHES = r"{0}(?:C[0-9A-Fa-f]{{4}}|M[0-9A-Fa-f]{{4}}(?:[0-9A-Fa-f]{{2}})?){0}"
_FORMAT = re.compile(r"\.(br|sp|ce|sk|in|ti|fi|nf)([+-]?\d{0,2})", re.ASCII)

Place = tuple[int, int, int, int]  # field, repetition, component, subcomponent
WHOLE: Place = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of one message, or of something between messages that is none (`fault` says what)."""

    raw: bytes
    fault: str = ""


def pieces(file: BinaryIO) -> Iterator[Piece]:
    """The messages of a file, one after the other; batch headers and empty lines are passed over."""
    gathering: _Gathering | None = None
    for line in _lines(file):
        begins = line.startswith(b"MSH")
        if begins or line.startswith(_BATCH):
            if gathering is not None:
                yield gathering.piece()
            gathering = _Gathering(is_message=True) if begins else None
        elif not line.strip(_PADDING):
            continue
        elif gathering is None:
            gathering = _Gathering(is_message=False)
        if gathering is not None:
            gathering.add(line)
    if gathering is not None:
        yield gathering.piece()


class _Gathering:
    """The lines of one piece, as far as it is not too long."""

    def __init__(self, *, is_message: bool) -> None:
        self._is_message = is_message
        self._lines: list[bytes] = []
        self._size = 0

    def add(self, line: bytes) -> None:
        self._size += len(line)
        if self._size <= MAX_MESSAGE_BYTES:
            self._lines.append(line)

    def piece(self) -> Piece:
        raw = b"".join(self._lines)
        if not self._is_message:
            return Piece(raw, "it stands outside of any message; a message begins with MSH")
        if self._size > MAX_MESSAGE_BYTES:
            return Piece(raw, f"it is longer than {MAX_MESSAGE_BYTES} bytes")
        return Piece(raw)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines with their ends. One of more than MAX_MESSAGE_BYTES comes in parts."""
    size = _CHUNK
    rest = file.read(size).removeprefix(b"\xef\xbb\xbf")
    while rest:
        end = 0
        for match in _LINE_END.finditer(rest):
            if match.end() == len(rest):  # it may go on in the next chunk
                break
            yield rest[end : match.end()].lstrip(_ENDS)
            end = match.end()
        # Twice as much when no line ended, so that a long line is not scanned again and again.
        size = _CHUNK if end else min(size * 2, MAX_MESSAGE_BYTES)
        chunk = file.read(size)
        if not chunk or len(rest) - end > MAX_MESSAGE_BYTES:
            yield rest[end:].lstrip(_ENDS)
            rest = chunk
        else:
            rest = rest[end:] + chunk


@dataclass(frozen=True, slots=True)
class Separators:
    """MSH-1 and MSH-2."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str


class Segment:
    """One segment. Fields, components and so on count from 1, repetitions from 0, as HL7 counts them.

    What is read of it is noted in `read`, so that what carries data and was never read can be named. `peek` notes nothing.
    """

    __slots__ = ("_codec", "_fields", "_separators", "name", "read")

    def __init__(self, text: str, *, separators: Separators, codec: str) -> None:
        fields = text.split(separators.field)
        self.name = fields[0]
        # MSH-1 is the separator itself.
        self._fields = [self.name, separators.field, *fields[1:]] if self.name == "MSH" else fields
        self._separators = separators
        self._codec = codec
        self.read: set[Place] = set()

    def __len__(self) -> int:
        """The number of the last field that is there."""
        return len(self._fields) - 1

    def repetitions(self, field: int) -> list["Repetition"]:
        """The repetitions of a field; none where the field is absent, empty or HL7's explicit null.

        Raises Unreadable for too many.
        """
        raw = self._raw(field)
        if not raw or raw == _NULL:
            return []
        if raw.count(self._separators.repetition) >= MAX_REPETITIONS and not self._names_separators(field):
            raise Unreadable(f"{self.name}-{field} repeats more than {MAX_REPETITIONS} times")
        parts = [raw] if self._names_separators(field) else raw.split(self._separators.repetition)
        return [self._repetition(part, field, number) for number, part in enumerate(parts)]

    def first(self, field: int) -> "Repetition":
        """The first repetition of a field; an empty one where the field is absent or empty."""
        raw = self._raw(field)
        if raw and not self._names_separators(field):
            raw = raw.split(self._separators.repetition, 1)[0]
        return self._repetition(raw, field, 0)

    def text(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """One part of the first repetition, "" where it is absent or HL7's explicit null."""
        return self.first(field).text(component, subcomponent) if self._raw(field) else ""

    def peek(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """What `text` gives, without a note that it was read: for a decision that does not take the data along."""
        if not self._raw(field):
            return ""
        unnoted = self.first(field)
        unnoted.read = set()
        return unnoted.text(component, subcomponent)

    def is_null(self, field: int) -> bool:
        """Is it HL7's explicit null, which says that what was there before is gone?"""
        return self._raw(field) == _NULL

    def has(self, field: int) -> bool:
        """Does the field carry anything but an explicit null?"""
        return self._raw(field) not in ("", _NULL)

    def as_sent(self) -> str:
        """The whole segment as it was sent. Nothing of it is left unread then."""
        self.read.add(WHOLE)
        return self._separators.field.join(self._fields if self.name != "MSH" else [self.name, *self._fields[2:]])

    def unread(self) -> list[str]:
        """The places that carry data and were not read: "22" (a field), "5.8" (a component), "11.1.2" (a subcomponent)."""
        if WHOLE in self.read:
            return []
        found: dict[str, None] = {}
        for field in range(1, len(self._fields)):
            raw = self._fields[field]
            if raw and raw != _NULL and not raw.isspace() and not self._names_separators(field):
                found |= dict.fromkeys(self._unread_in(field, raw))
        return list(found)

    def _unread_in(self, field: int, raw: str) -> list[str]:
        marks, places, is_read = self._separators, [], False
        if not (marks.component in raw or marks.repetition in raw or marks.subcomponent in raw):
            return [] if (field, 0, 1, 1) in self.read or (field, 0, 0, 0) in self.read else [str(field)]
        for number, repetition in enumerate(raw.split(marks.repetition)):
            if (field, number, 0, 0) in self.read:
                is_read = True
                continue
            for c, component in enumerate(repetition.split(marks.component), 1):
                for s, part in enumerate(component.split(marks.subcomponent), 1):
                    if (field, number, c, s) in self.read:
                        is_read = True
                    elif part and part != _NULL and not part.isspace():
                        places.append(f"{field}.{c}.{s}" if s > 1 else f"{field}.{c}")
        return places if is_read else [str(field)] if places else []

    def _repetition(self, raw: str, field: int, number: int) -> "Repetition":
        return Repetition(
            raw, separators=self._separators, codec=self._codec, read=self.read, field=field, number=number
        )

    def _raw(self, field: int) -> str:
        return self._fields[field] if field < len(self._fields) else ""

    def _names_separators(self, field: int) -> bool:
        return self.name == "MSH" and field in (1, 2)


class Repetition:
    """One repetition of a field. What is read of it is noted in `read`, which is its segment's."""

    __slots__ = ("_codec", "_components", "_field", "_number", "_separators", "raw", "read")

    def __init__(
        self, raw: str, *, separators: Separators, codec: str, read: set[Place], field: int = 0, number: int = 0
    ) -> None:
        self.raw = raw
        self._components = raw.split(separators.component)
        self._separators = separators
        self._codec = codec
        self._field = field
        self._number = number
        self.read = read

    def text(self, component: int = 1, subcomponent: int = 1) -> str:
        if component > len(self._components):
            return ""
        part = self._components[component - 1]
        if self._separators.subcomponent in part:
            parts = part.split(self._separators.subcomponent)
            if subcomponent > len(parts):
                return ""
            part = parts[subcomponent - 1]
        elif subcomponent > 1:
            return ""
        self.read.add((self._field, self._number, component, subcomponent))
        return "" if part == _NULL else unescaped(part, separators=self._separators, codec=self._codec).strip()

    def peek(self, component: int = 1, subcomponent: int = 1) -> str:
        """What `text` gives, without a note that it was read."""
        noted, self.read = self.read, set()
        found = self.text(component, subcomponent)
        self.read = noted
        return found

    def whole(self) -> str:
        """The whole repetition as one text: an unescaped separator in it is taken as typed."""
        self.read.add((self._field, self._number, 0, 0))
        return "" if self.raw == _NULL else unescaped(self.raw, separators=self._separators, codec=self._codec).strip()

    def __len__(self) -> int:
        """The number of its last component."""
        return len(self._components)


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed message: its segments in order, MSH first."""

    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        return self.segments[0]

    @property
    def kind(self) -> tuple[str, str]:
        """Message type and trigger event: ("ADT", "A04")."""
        return self.header.text(9, 1), self.header.text(9, 2)


def parse(raw: bytes, *, encoding: str | None) -> Message:
    """Parse one message; `encoding` holds where MSH-18 is silent. Raises Unreadable with a part of a sentence."""
    separators = separators_of(raw)
    codec = codec_of(raw, separators, encoding)
    try:
        text = raw.decode(codec or "utf-8")
    except (UnicodeDecodeError, LookupError):
        if codec is None:
            raise Unreadable(
                "MSH-18 names no character set and it is not UTF-8; set the mapping's source.encoding"
            ) from None
        raise Unreadable(f"its bytes are not {codec}, the character set that it names") from None
    if "\0" in text:
        raise Unreadable("it holds zero bytes")
    if separators.escape in text and re.search(_SWITCHES.format(re.escape(separators.escape)), text):
        raise Unreadable(
            r"it switches character sets within its text (\C..\ or \M..\), which is not read; UNICODE UTF-8 would be"
        )
    segments: list[Segment] = []
    for line in re.split(r"[\r\n\x0b\x1c]+", text):
        if not line.strip():
            continue
        segment = Segment(line, separators=separators, codec=codec or "utf-8")
        if _SEGMENT_NAME.fullmatch(segment.name) is None:
            raise Unreadable(f"its line {len(segments) + 1} is no segment; a segment begins with three capitals and |")
        segments.append(segment)
    return Message(tuple(segments))


def separators_of(raw: bytes) -> Separators:
    head = raw[3:9].decode("latin-1")
    if raw[:3] != b"MSH" or len(head) < 5:
        raise Unreadable("it breaks off in MSH")
    field, encoding = head[0], head[1:].split(head[0])[0]
    if len(encoding) == 4 and encoding[3].isalnum():
        raise Unreadable("MSH-2 does not name the separators, usually ^~\\&")
    if len(encoding) < 4:  # HL7 allows to leave the last ones out
        encoding += "^~\\&"[len(encoding) :]
    named = field + encoding[:4]
    if len(set(named)) != 5 or any(c.isalnum() or c.isspace() or ord(c) < 32 or ord(c) > 126 for c in named):
        raise Unreadable("MSH-1 and MSH-2 do not name five different separators, usually |^~\\&")
    return Separators(field, *encoding[:4])


def codec_of(raw: bytes, separators: Separators, encoding: str | None) -> str | None:
    header = re.split(rb"[\r\n]", raw, maxsplit=1)[0].decode("latin-1").split(separators.field)
    names = [name.strip() for name in header[17].split(separators.repetition)] if len(header) > 17 else []
    if not any(names):
        return encoding
    codecs = {charset(name) for name in names if name}
    # Switched by ISO 2022 between ASCII and the Japanese sets, which one codec reads; else the first holds for the text.
    codec = _JAPANESE if codecs <= {_JAPANESE, "ascii"} and _JAPANESE in codecs else charset(names[0] or "ASCII")
    if codec is not None and codec.startswith(("utf-16", "utf-32")):
        raise Unreadable(f"MSH-18 names {codec}, and its MSH is not written so; UNICODE UTF-8 would be read")
    if codec is None:
        raise Unreadable("MSH-18 names a character set that is not known here; 8859/2 or UNICODE UTF-8 would be")
    return codec


def unescaped(text: str, *, separators: Separators, codec: str = "utf-8") -> str:
    r"""The text with \F\ \S\ \T\ \R\ \E\ \.br\ \Xhh..\ resolved; highlighting is dropped, what is not known stays."""
    escape = separators.escape
    if escape not in text:
        return text
    known = {
        "F": separators.field,
        "S": separators.component,
        "T": separators.subcomponent,
        "R": separators.repetition,
        "E": escape,
        "P": "#",
        "H": "",
        "N": "",
    }
    parts = text.split(escape)
    result = [parts[0]]
    index = 1
    while index < len(parts):
        name = parts[index]
        closed = index + 1 < len(parts)
        replacement = known.get(name) if closed else None
        if replacement is None and closed and name[:1] == ".":
            replacement = _formatting(name)
        if replacement is None and closed and name[:1] == "X":
            replacement = _hexadecimal(name[1:], codec)
        if replacement is None:
            result.append(escape + name)
            index += 1
        else:
            result.append(replacement + parts[index + 1])
            index += 2
    return "".join(result)


def _formatting(name: str) -> str | None:
    """What a formatting command of FT leaves in plain text: line ends and blanks; indents and fills leave nothing."""
    match = _FORMAT.fullmatch(name)
    if match is None:
        return None
    command, number = match[1], abs(int(match[2] or "1")) if match[2] not in ("+", "-") else 1
    if command in ("br", "ce"):
        return "\n"
    return {"sp": "\n", "sk": " "}.get(command, "") * number


def _hexadecimal(digits: str, codec: str) -> str | None:
    try:
        return bytes.fromhex(digits).decode(codec)
    except (ValueError, LookupError):
        return None
