"""Records of a CSV file with their place, so that one broken line costs one line and memory stays flat."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from wardround.interchange.errors import Unreadable

MAX_RECORD_BYTES = 1024 * 1024
MAX_RECORD_LINES = 50  # a quoted cell may hold line ends, but not a whole file
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Record:
    """One record's bytes, where they begin (line from 1, byte offset from 0), and what is wrong with them already."""

    line: int
    offset: int
    raw: bytes
    fault: str = ""


def records(file: BinaryIO, *, line: int = 1, offset: int = 0) -> Iterator[Record]:
    """The records of a file from its current place; empty lines are passed over.

    A record ends where its double quotes are closed. One that does not end in time is given with a fault, and reading
    goes on at its second line.
    """
    lines = _Lines(file, line=line, offset=offset)
    while (first := lines.next()) is not None:
        if not first.raw.strip():
            continue
        if first.fault:
            yield first
            continue
        parts = [first]
        size, quotes = len(first.raw), first.raw.count(b'"')
        while quotes % 2 and len(parts) < MAX_RECORD_LINES and size < MAX_RECORD_BYTES:
            part = lines.next()
            if part is None:
                break
            parts.append(part)
            size += len(part.raw)
            quotes += part.raw.count(b'"')
        if quotes % 2 or size >= MAX_RECORD_BYTES:
            lines.put_back(parts[1:])
            yield Record(first.line, first.offset, first.raw, "a double quote is opened and not closed")
        else:
            yield Record(first.line, first.offset, b"".join(part.raw for part in parts))


def cells(raw: bytes, *, delimiter: str, encoding: str | None) -> list[str]:
    """The cells of one record; without an encoding it has to be UTF-8. Raises Unreadable with a part of a sentence."""
    try:
        text = raw.removeprefix(BYTE_ORDER_MARK).decode(encoding or "utf-8")
    except UnicodeDecodeError:
        named = f"written in {encoding}" if encoding else "UTF-8; name its encoding in the mapping's source.encoding"
        raise Unreadable(f"it is not {named}") from None
    if "\0" in text:
        raise Unreadable("it holds zero bytes")
    try:
        rows = list(csv.reader([text.rstrip("\r\n")], delimiter=delimiter, strict=True))
    except csv.Error:
        raise Unreadable("its quotes do not match, or a cell is too long") from None
    return rows[0] if rows else []


class _Lines:
    """Physical lines with their places; lines can be put back."""

    def __init__(self, file: BinaryIO, *, line: int, offset: int) -> None:
        self._file = file
        self._line = line
        self._offset = offset
        self._waiting: deque[Record] = deque()

    def next(self) -> Record | None:
        if self._waiting:
            return self._waiting.popleft()
        raw = self._file.readline(MAX_RECORD_BYTES)
        if not raw:
            return None
        whole = raw.endswith(b"\n") or len(raw) < MAX_RECORD_BYTES
        record = Record(self._line, self._offset, raw, "" if whole else f"it is longer than {MAX_RECORD_BYTES} bytes")
        self._offset += len(raw)
        self._line += 1
        while not whole:  # pass over the rest of the line
            rest = self._file.readline(MAX_RECORD_BYTES)
            self._offset += len(rest)
            whole = rest.endswith(b"\n") or len(rest) < MAX_RECORD_BYTES
        return record

    def put_back(self, lines: list[Record]) -> None:
        self._waiting.extendleft(reversed(lines))
