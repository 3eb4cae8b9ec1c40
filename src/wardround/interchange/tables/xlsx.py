"""Excel workbooks (.xlsx: ECMA-376) read as a stream: what each cell says, which rows are hidden, which cells are merged."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from wardround.interchange.errors import Unreadable
from wardround.interchange.packed import Member, members
from wardround.interchange.tables.cell_text import (
    PLAIN,
    CellFormat,
    DecimalSign,
    format_of,
    format_of_id,
    number_text,
    serial_text,
)
from wardround.interchange.tables.sheets import (
    HIDDEN,
    MAX_CELL_LETTERS,
    MAX_COLUMNS,
    MERGED,
    NO_RESULT,
    Sheet,
    SheetRow,
    disjoint,
)

_MAX_STRINGS = 5_000_000
_MAX_LETTERS = 256 * 1024 * 1024  # of all shared texts together
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]{0,200}?ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
_PIECE = 1024 * 1024
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # ECMA-376: a control character in a text


class XlsxBook:
    """An opened workbook. Raises Unreadable with a part of a sentence."""

    def __init__(self, file: BinaryIO, *, decimal: DecimalSign | None) -> None:
        self._members = {member.name: member for member in members(file)}
        self._decimal = decimal
        if "xl/workbook.xml" not in self._members:
            raise Unreadable("it is no Excel workbook: xl/workbook.xml is not in it")
        self._strings: list[str] | None = None
        self._from_1904 = False
        self._formats = self._cell_formats()
        self.sheets = self._sheets()

    def _sheets(self) -> list[Sheet]:
        targets = {
            element.get("Id", ""): element.get("Target", "")
            for element in self._elements("xl/_rels/workbook.xml.rels", "Relationship")
        }
        found = []
        for element in self._elements("xl/workbook.xml", "sheet", "workbookPr"):
            if _local(element) == "workbookPr":
                self._from_1904 = element.get("date1904", "0") in ("1", "true")
                continue
            relation = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
            target = targets.get(relation, "").lstrip("/").removeprefix("xl/")
            path = f"xl/{target}"
            if path in self._members and target.startswith("worksheets/"):
                name, state = element.get("name", ""), element.get("state", "visible")
                found.append(Sheet(name, state != "visible", lambda path=path: self._rows(path)))  # type: ignore[misc]
        return found

    def _cell_formats(self) -> list[CellFormat]:
        """The number format of each cell style, in the order in which cells name them."""
        if "xl/styles.xml" not in self._members:
            return []
        own: dict[str, str] = {}
        formats: list[CellFormat] = []
        for element in self._elements("xl/styles.xml", "numFmt", "cellXfs"):
            if _local(element) == "numFmt":
                own[element.get("numFmtId", "")] = element.get("formatCode", "General")
                continue
            for style in element:
                number = style.get("numFmtId", "0")
                code = own.get(number)
                is_id = number.isascii() and number.isdigit() and len(number) < 7
                formats.append(format_of(code) if code is not None else format_of_id(int(number) if is_id else 0))
        return formats

    def _shared_strings(self) -> list[str]:
        if self._strings is None:
            strings: list[str] = []
            letters = 0
            if "xl/sharedStrings.xml" in self._members:
                for element in self._elements("xl/sharedStrings.xml", "si"):
                    strings.append(_text_of(element))
                    letters += len(strings[-1])
                    if len(strings) > _MAX_STRINGS or letters > _MAX_LETTERS:
                        raise Unreadable("it holds more text than can be kept in memory; save the sheet as CSV")
            self._strings = strings
        return self._strings

    def _rows(self, path: str) -> Iterator[SheetRow]:
        merged = _merged_rows(self._members[path])
        strings = self._shared_strings()
        number, at = 0, 0
        for row in self._elements(path, "row"):
            number = _row_number(row, after=number)
            while at < len(merged) and merged[at][1] < number:
                at += 1
            cells: list[str] = []
            fault = HIDDEN if row.get("hidden") in ("1", "true") else ""
            for cell in row:
                if _local(cell) != "c":
                    continue
                column = _column_of(cell, after=len(cells))
                text = self._cell(cell, strings)
                if text is None:
                    fault, text = NO_RESULT, ""
                if text or column < len(cells):
                    cells.extend([""] * (column - len(cells)))
                    cells[column : column + 1] = [text]
            if at < len(merged) and merged[at][0] <= number and any(cells):
                fault = MERGED
            yield SheetRow(number, tuple(cells), fault)

    def _cell(self, cell: Element, strings: list[str]) -> str | None:
        """What the cell says; None for a formula whose result is not in the file."""
        kind = cell.get("t", "n")
        value, has_formula = "", False
        for part in cell:
            name = _local(part)
            if name == "v":
                value = part.text or ""
            elif name == "is":
                return _text_of(part)
            has_formula |= name == "f"
        if not value:
            return None if has_formula and kind != "str" else ""
        if kind == "s":
            known = value.isascii() and value.isdigit() and len(value) < 9 and int(value) < len(strings)
            if not known:
                raise Unreadable("a cell names a text that the workbook does not have")
            return strings[int(value)]
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "d":
            return value.removesuffix("T00:00:00").replace("T", " ")
        if kind != "n":  # str, e: a formula's text, or the name of its error
            return value[:MAX_CELL_LETTERS]
        return self._number(value, cell.get("s", "0"))

    def _number(self, value: str, style: str) -> str:
        is_index = style.isascii() and style.isdigit() and int(style[:9]) < len(self._formats)
        form = self._formats[int(style[:9])] if is_index else PLAIN
        if form.has_date or form.has_time or form.is_elapsed:
            return serial_text(value, form=form, from_1904=self._from_1904) or value
        return number_text(value, form=form, decimal=self._decimal)

    def _elements(self, path: str, *names: str) -> Iterator[Element]:
        """The elements of these local names, each thrown away after it was looked at."""
        member = self._members.get(path)
        if member is None:
            return
        try:
            with member.open() as stream:
                above: list[Any] = []
                for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
                    if event == "start":
                        above.append(element)
                        continue
                    above.pop()
                    if _local(element) in names:
                        yield element
                        element.clear()
                        if above:
                            above[-1].remove(element)
        except (ParseError, DefusedXmlException, ValueError, LookupError, AssertionError):
            raise Unreadable(f"its part {path[-100:]} is damaged or no XML that is read here") from None


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text_of(element: Element) -> str:
    """A text of one or several runs, without the reading aid (rPh) that East Asian texts carry."""
    parts = []
    for part in element:
        name = _local(part)
        if name == "t":
            parts.append(part.text or "")
        elif name == "r":
            parts += [run.text or "" for run in part if _local(run) == "t"]
    return _ESCAPED.sub(_character, "".join(parts)[:MAX_CELL_LETTERS])


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return match[0] if 0xD800 <= number < 0xE000 or not number else chr(number)


def _row_number(row: Element, *, after: int) -> int:
    text = row.get("r", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else after + 1
    return max(number, after + 1)


def _column_of(cell: Element, *, after: int) -> int:
    match = _CELL.fullmatch(cell.get("r", ""))
    column = column_index(match[1]) if match else after
    if column >= MAX_COLUMNS:
        raise Unreadable(f"it has more than {MAX_COLUMNS} columns")
    return column


def column_index(letters: str) -> int:
    """A column's place from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _merged_rows(member: Member) -> list[tuple[int, int]]:
    """The first and last row of each stretch of merged rows; Excel lists the merges behind the cells."""
    found: list[tuple[int, int]] = []
    with member.open() as stream:
        kept = b""
        while piece := stream.read(_PIECE):
            piece = kept + piece
            found += [_rows_of(match[1].decode()) for match in _MERGED.finditer(piece)]
            end = max((match.end() for match in _MERGED.finditer(piece)), default=0)
            kept = piece[max(end, len(piece) - 300) :]
    return disjoint(found)


def _rows_of(ref: str) -> tuple[int, int]:
    first, last = (int(_CELL.fullmatch(end)[2]) for end in ref.split(":"))  # type: ignore[index]
    return min(first, last), max(first, last)
