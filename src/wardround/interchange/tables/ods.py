"""OpenDocument spreadsheets (.ods: ODF 1.3 part 3) read as a stream."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from wardround.interchange.errors import Unreadable
from wardround.interchange.packed import members
from wardround.interchange.tables.cell_text import CellFormat, DecimalSign, number_text
from wardround.interchange.tables.sheets import HIDDEN, MAX_CELL_LETTERS, MAX_COLUMNS, MERGED, Sheet, SheetRow

_MAX_ROWS = 16_777_216
_MAX_REPEATED_CELLS = 20_000_000  # cells that the file does not write out one by one, all together
_DAMAGED = (ParseError, DefusedXmlException, ValueError, LookupError, AssertionError)


class OdsBook:
    """An opened document. Raises Unreadable with a part of a sentence."""

    def __init__(self, file: BinaryIO, *, decimal: DecimalSign | None) -> None:
        self._content = {member.name: member for member in members(file)}.get("content.xml")
        self._decimal = decimal
        if self._content is None:
            raise Unreadable("it is no OpenDocument spreadsheet: content.xml is not in it")
        self.sheets = [
            Sheet(name, is_hidden=False, rows=lambda number=number: self._rows(number))  # type: ignore[misc]
            for number, name in enumerate(self._names())
        ]

    def _names(self) -> list[str]:
        return [_attribute(e, "name") for event, e, depth in self._events() if _is_sheet(event, e, depth, "start")]

    def _rows(self, wanted: int) -> Iterator[SheetRow]:
        sheet, number, repeated, merged_until = -1, 0, 0, 0
        for event, element, depth in self._events():
            sheet += _is_sheet(event, element, depth, "start")
            if sheet > wanted:
                return
            if event != "end" or _local(element) != "table-row":
                continue
            if sheet == wanted:
                times = _count(element, "number-rows-repeated")
                cells, is_merged, deep = self._cells(element)
                fault = HIDDEN if _attribute(element, "visibility") in ("collapse", "filter") else ""
                if any(cells):
                    repeated += (times - 1) * len(cells)
                    if repeated > _MAX_REPEATED_CELLS or number + times > _MAX_ROWS:
                        raise Unreadable("it repeats its cells more often than a table of patients does")
                    for _ in range(times):
                        number += 1
                        merges = is_merged or number <= merged_until
                        yield SheetRow(number, cells, MERGED if merges else fault)
                    merged_until = max(merged_until, number + deep - 1)
                else:
                    number += times
            element.clear()

    def _cells(self, row: Element) -> tuple[tuple[str, ...], bool, int]:
        """The row's texts, whether one of its cells is merged with others, and over how many rows from here."""
        cells: list[str] = []
        empty, is_merged, deep = 0, False, 1
        for cell in row:
            if _local(cell) not in ("table-cell", "covered-table-cell"):
                continue
            times = _count(cell, "number-columns-repeated")
            text = self._text(cell)
            spans = (_count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned"))
            is_merged |= spans != (1, 1)
            deep = max(deep, spans[1])
            if not text:
                empty += times
            elif len(cells) + empty + times > MAX_COLUMNS:
                raise Unreadable(f"it has more than {MAX_COLUMNS} columns")
            else:
                cells += [""] * empty + [text] * times
                empty = 0
        return tuple(cells), is_merged, deep

    def _text(self, cell: Element) -> str:
        kind = _attribute(cell, "value-type")
        shown = "\n".join(_paragraph(part) for part in cell if _local(part) == "p")[:MAX_CELL_LETTERS]
        if kind in ("float", "percentage", "currency"):
            value = _attribute(cell, "value")
            form = CellFormat(decimals=_decimals(value, shown), is_percent=kind == "percentage")
            return number_text(value, form=form, decimal=self._decimal)
        if kind == "date":
            return _attribute(cell, "date-value").replace("T", " ").removesuffix(" 00:00:00")
        if kind == "boolean":
            return _attribute(cell, "boolean-value").upper()
        return shown

    def _events(self) -> Iterator[tuple[str, Element, int]]:
        """Starts and ends of elements, with how many tables lie around: what is in a comment or a drawing is no sheet."""
        assert self._content is not None  # noqa: S101 - __init__ has seen to it
        depth = 0
        try:
            with self._content.open() as stream:
                for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
                    is_table = _local(element) == "table"
                    depth += is_table and event == "start"
                    yield event, element, depth
                    depth -= is_table and event == "end"
                    if is_table and event == "end":
                        element.clear()
        except _DAMAGED:
            raise Unreadable("its content.xml is damaged or no XML that is read here") from None


def _is_sheet(event: str, element: Element, depth: int, wanted: str) -> bool:
    return event == wanted and depth == 1 and _local(element) == "table"


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _attribute(element: Element, local: str) -> str:
    return next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == local), "")


def _count(element: Element, name: str) -> int:
    text = _attribute(element, name)
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _paragraph(element: Element) -> str:
    parts = [element.text or ""]
    for part in element:
        name = _local(part)
        if name == "s":
            parts.append(" " * min(_count(part, "c"), 100))
        elif name in ("tab", "line-break"):
            parts.append("\t" if name == "tab" else "\n")
        elif name != "annotation":
            parts.append(_paragraph(part))
        parts.append(part.tail or "")
    return "".join(parts)


def _decimals(value: str, shown: str) -> int:
    """How many digits the cell shows after its decimal sign, where the shown text is this number."""
    digits = "".join(letter for letter in shown if letter.isdigit())
    after = max(shown.rfind("."), shown.rfind(","))
    many = sum(letter.isdigit() for letter in shown[after + 1 :]) if after >= 0 else 0
    try:
        written = f"{abs(float(value)):.{many}f}"
    except (ValueError, OverflowError):
        return 0
    return many if written.replace(".", "") == digits else 0
