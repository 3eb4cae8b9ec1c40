"""The head of a table of any kind: its column names and its first rows, and what had to be found out to read them."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from wardround.interchange.delimited import cells, records
from wardround.interchange.errors import Unreadable
from wardround.interchange.packed import GZIP_MARK, gunzipped
from wardround.interchange.suggest import notes
from wardround.interchange.tables.parquet import ParquetTable
from wardround.interchange.tables.reader import BOOKS, ENDINGS, delimiter_in
from wardround.interchange.tables.sheets import SheetRow

MANY = 5000  # rows that are looked at
_LOOKED_AT = 1024 * 1024
_TITLE_ROWS = 20
# Letters that only the Central European code pages have at these places: ő Ő ű Ű.
_CENTRAL_EUROPEAN = re.compile(rb"[\xf5\xd5\xfb\xdb]")
_VALUE = re.compile(r"[-+]?\d+([.,]\d+)?|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*|\?|")


@dataclass(frozen=True)
class Head:
    """Column names, rows as wide as they are, and what the mapping's [source] has to say: (line, comment)."""

    names: tuple[str, ...]
    rows: list[list[str]]
    is_whole: bool
    source: list[tuple[str, str]] = field(default_factory=list)


def read_head(path: Path) -> Head:
    """Raises Unreadable with a sentence."""
    ending = path.suffix.lower()
    if not path.name.lower().endswith(ENDINGS):
        raise Unreadable(f"{path.name} is no table that is read here: it ends in none of {', '.join(ENDINGS)}.")
    try:
        with path.open("rb") as file:
            if ending in BOOKS:
                return _of_book(file, ending)
            if ending == ".parquet":
                return _of_parquet(file)
            return _of_text(file)
    except OSError:
        raise Unreadable(f"{path.name} cannot be opened.") from None
    except Unreadable as error:
        raise Unreadable(f"{path.name} cannot be used: {str(error).rstrip('.')}.") from None


def _of_text(file: BinaryIO) -> Head:
    start = file.read(len(GZIP_MARK))
    file.seek(0)
    stream: BinaryIO = gunzipped(file) if start == GZIP_MARK else file
    beginning = stream.read(_LOOKED_AT)
    file.seek(0)
    stream = gunzipped(file) if start == GZIP_MARK else file
    encoding, why = _encoding_of(beginning)
    found = records(stream)
    first = next(found, None)
    if first is None or first.fault:
        raise Unreadable("it has no header line")
    delimiter = delimiter_in(first.raw)
    names = [name.strip() for name in cells(first.raw, delimiter=delimiter, encoding=encoding)]
    rows: list[list[str]] = []
    more = False
    for record in found:
        if len(rows) == MANY:
            more = True
            break
        try:
            values = [] if record.fault else cells(record.raw, delimiter=delimiter, encoding=encoding)
        except Unreadable:
            continue
        if len(values) == len(names):
            rows.append([value.strip() for value in values])
    shown = "\\t" if delimiter == "\t" else delimiter
    source = [(f'delimiter = "{shown}"', ""), (f'encoding = "{encoding}"', why)]
    return _checked(names, rows, is_whole=not more, source=source)


def _encoding_of(beginning: bytes) -> tuple[str, str]:
    try:
        # The last character may be cut in two.
        beginning[: len(beginning) - 4 if len(beginning) == _LOOKED_AT else None].decode("utf-8")
    except UnicodeDecodeError:
        if _CENTRAL_EUROPEAN.search(beginning):
            return "cp1250", notes.CENTRAL_EUROPE.say()
        return "cp1252", notes.WESTERN_EUROPE.say()
    return "utf-8", ""


def _of_book(file: BinaryIO, ending: str) -> Head:
    book = BOOKS[ending](file, decimal=None)
    sheets = [sheet for sheet in book.sheets if not sheet.is_hidden and next(sheet.rows(), None) is not None]
    if not sheets:
        raise Unreadable("it has no visible sheet with anything in it")
    sheet, left = sheets[0], [other.name for other in sheets[1:]]
    filled = (row for row in sheet.rows() if any(cell.strip() for cell in row.cells))
    header, rows = _below_the_title(filled)
    names = [cell.strip() for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    read = [_as_wide(row, len(names)) for row in itertools.islice(rows, MANY + 1)]
    why = notes.OTHER_SHEETS.say(sheets=", ".join(left)[:200]) if left else ""
    source = [(f"sheet = {quoted(sheet.name)}", why)]
    return _checked(names, read[:MANY], is_whole=len(read) <= MANY, source=source)


def _below_the_title(rows: Iterator[SheetRow]) -> tuple[SheetRow, Iterator[SheetRow]]:
    """The header: the first of the first rows that is as full as the fullest of them, or nearly."""
    first = list(itertools.islice(rows, _TITLE_ROWS))
    if not first:
        raise Unreadable("the sheet is empty")
    fullest = max(sum(bool(cell.strip()) for cell in row.cells) for row in first)
    at = next(n for n, row in enumerate(first) if sum(bool(cell.strip()) for cell in row.cells) >= 0.6 * fullest)
    return first[at], itertools.chain(first[at + 1 :], rows)


def _as_wide(row: SheetRow, many: int) -> list[str]:
    values = [cell.strip() for cell in row.cells[:many]]
    return values + [""] * (many - len(values))


def _of_parquet(file: BinaryIO) -> Head:
    table = ParquetTable(file, decimal=None, zone=None)
    names = tuple(name for name in table.names if name not in table.nested)
    rows = [[cell.strip() for cell in row] for row in itertools.islice(table.rows(names), MANY + 1)]
    return _checked(list(names), rows[:MANY], is_whole=len(rows) <= MANY, source=[])


def _checked(names: list[str], rows: list[list[str]], *, is_whole: bool, source: list[tuple[str, str]]) -> Head:
    # A first line of values is a patient's: it must not become the names of a draft.
    if sum(bool(_VALUE.fullmatch(name)) for name in names) * 2 > len(names):
        raise Unreadable("its first line looks like values, not like column names; put a header line above it")
    if len({name for name in names if name}) != len([name for name in names if name]):
        raise Unreadable("two of its columns have the same name")
    return Head(tuple(names), rows, is_whole, source)


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    escaped = "".join(_ESCAPES.get(c, c) if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in text)
    return f'"{escaped}"'


_ESCAPES = {'"': '\\"', "\\": "\\\\"}
