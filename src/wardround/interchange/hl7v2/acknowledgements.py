"""Acknowledgements of HL7 v2 messages, in the original and the enhanced mode (HL7 v2.9, 2.9.2, 2.9.3, 2.14)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wardround.interchange.errors import Unreadable
from wardround.interchange.hl7v2.messages import Separators, codec_of, separators_of

Verdict = Literal["accepted", "error", "rejected"]
Code = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
_APPLICATION: dict[Verdict, Code] = {"accepted": "AA", "error": "AE", "rejected": "AR"}
_COMMIT: dict[Verdict, Code] = {"accepted": "CA", "error": "CE", "rejected": "CR"}
_STANDARD = Separators("|", "^", "~", "\\", "&")
_MOST_HEADER_BYTES = 8 * 1024
_MOST_IN_MSA, _MOST_IN_ERR = 80, 250  # the lengths of MSA-3 and ERR-8
_NAMES = {
    "202": "Unsupported processing id",
    "206": "Application record locked",
    "207": "Application internal error",
}  # HL7 table 0357
_MSH = re.compile(rb"(?:^|[\r\n]|\xef\xbb\xbf)(MSH[^\r\n]*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VERSION = re.compile(r"2\.(\d)(\.\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a message. `sentence` says what is wrong, without anything from the message."""

    verdict: Verdict
    sentence: str = ""
    error: Literal["202", "206", "207"] = "207"  # of HL7's table 0357


class Header:
    """The MSH of a message that is to be answered; as much of it as can be read."""

    def __init__(self, raw: bytes) -> None:
        found = _MSH.search(raw)  # a batch header may stand before it
        line = found[1] if found else b""
        self.separators, self.codec, self._fields = _STANDARD, "ascii", ["MSH", "|"]
        try:
            if len(line) > _MOST_HEADER_BYTES:
                return
            self.separators = separators_of(line)
        except Unreadable:
            return
        self.codec, is_named = _codec(line)
        name, *fields = line.decode(self.codec, "replace").split(self.separators.field)
        self._fields = [name, self.separators.field, *fields]
        if not is_named and len(self._fields) > 18:
            self._fields[18] = ""

    def field(self, number: int) -> str:
        """A field as it was sent, escapes and all, but without control characters: they could end a frame."""
        text = self._fields[number] if number < len(self._fields) else ""
        return _CONTROL.sub("", text).strip()

    @property
    def is_readable(self) -> bool:
        return len(self._fields) > 2

    @property
    def minor_version(self) -> int:
        """5 of version 2.5; a message that does not say is answered as one of 2.5."""
        match = _VERSION.match(self.field(12))
        return int(match[1]) if match else 5

    @property
    def is_acknowledgement(self) -> bool:
        return self.field(9).split(self.separators.component)[0] in ("ACK", "MCF")

    @property
    def is_enhanced(self) -> bool:
        return bool(self.field(15) or self.field(16))


def acknowledgements(raw: bytes, result: Result, *, time: datetime, control_id: str) -> list[bytes]:
    """What is to be sent back: one message, or in the enhanced mode none, one, or a commit and an application one.

    `control_id` (17 characters at most) is the answer's own. A commit that does not accept is the last word.
    """
    header = Header(raw)
    if not header.is_enhanced:
        return [_message(header, result, _APPLICATION[result.verdict], time, control_id)]
    answers = []
    if _is_wanted(header.field(15), result.verdict):
        answers.append(_message(header, result, _COMMIT[result.verdict], time, f"{control_id}-C"))
    if _is_wanted(header.field(16), result.verdict) and (result.verdict == "accepted" or not answers):
        answers.append(_message(header, result, _APPLICATION[result.verdict], time, f"{control_id}-A"))
    return answers


def _is_wanted(condition: str, verdict: Verdict) -> bool:
    """HL7 table 0155. In the enhanced mode an empty condition means never; one that is not in the table, always."""
    if condition in ("", "NE"):
        return False
    return {"SU": verdict == "accepted", "ER": verdict != "accepted"}.get(condition, True)


def _message(header: Header, result: Result, code: Code, time: datetime, control_id: str) -> bytes:
    marks = header.separators
    encoding = marks.component + marks.repetition + marks.escape + marks.subcomponent
    turned = [header.field(number) for number in (5, 6, 3, 4)]
    silent = ("NE", "NE") if header.is_enhanced else ("", "")
    msh = [
        *("MSH", encoding, *turned, time.strftime("%Y%m%d%H%M%S%z"), "", _kind(header), control_id),
        *(header.field(11) or "P", header.field(12) or "2.5", "", "", *silent, "", header.field(18)),
    ]
    text = _escaped(result.sentence[:_MOST_IN_MSA], marks) if header.minor_version < 7 else ""
    msa = ["MSA", code, header.field(10), text]
    segments = [msh, msa]
    if result.verdict != "accepted":
        segments.append(_error(header, result))
    lines = [marks.field.join(segment).rstrip(marks.field) for segment in segments]
    return "".join(f"{line}\r" for line in lines).encode(header.codec, "replace")


def _kind(header: Header) -> str:
    mark = header.separators.component
    event = [*header.field(9).split(mark), "", ""][1]
    if header.minor_version < 4 or not event:
        return "ACK"
    return f"ACK{mark}{event}{mark}ACK"


def _error(header: Header, result: Result) -> list[str]:
    marks, name = header.separators, _NAMES[result.error]
    if header.minor_version < 5:  # ERR-1 only: segment, sequence, field, code
        return ["ERR", marks.component * 3 + marks.subcomponent.join((result.error, name, "HL70357"))]
    sentence = _escaped(result.sentence[:_MOST_IN_ERR], marks)
    return ["ERR", "", "", marks.component.join((result.error, name, "HL70357")), "E", "", "", "", sentence]


def _escaped(text: str, marks: Separators) -> str:
    letters = {
        marks.field: "F",
        marks.component: "S",
        marks.repetition: "R",
        marks.escape: "E",
        marks.subcomponent: "T",
    }
    written = " ".join(text.split())
    return "".join(f"{marks.escape}{letters[c]}{marks.escape}" if c in letters else c for c in written)


def _codec(line: bytes) -> tuple[str, bool]:
    """The sender's character set, and whether MSH-18 of the answer may name it as the message did."""
    try:
        codec = codec_of(line, separators_of(line), "utf-8") or "utf-8"
        line.decode(codec)
        if "MSH|\r".encode(codec) == b"MSH|\r":
            return codec, True
    except (Unreadable, UnicodeError, LookupError):
        pass
    return "latin-1", False  # every byte comes back as it was
