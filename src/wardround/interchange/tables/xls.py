"""Old Excel workbooks (.xls: BIFF) by python-calamine: what each cell says as far as that library tells."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum, XmlError, ZipError

from wardround.interchange.errors import Unreadable
from wardround.interchange.tables.cell_text import DecimalSign, clock_text, moment_text, number_text
from wardround.interchange.tables.sheets import MAX_CELL_LETTERS, MERGED, Sheet, SheetRow, disjoint

_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE compound file
MAX_BYTES = 256 * 1024 * 1024
_FAILURES = (CalamineError, XmlError, ZipError, OSError, ValueError, OverflowError)


class XlsBook:
    """An opened workbook. Number formats and hidden rows are not in what the library gives. Raises Unreadable."""

    def __init__(self, file: BinaryIO, *, decimal: DecimalSign | None) -> None:
        if file.read(len(_MARK)) != _MARK:
            raise Unreadable("it is no Excel workbook of the .xls kind; what kind it is its ending should say")
        if file.seek(0, 2) > MAX_BYTES:
            raise Unreadable(f"it is larger than {MAX_BYTES // 1024**2} MiB; save the sheet as CSV")
        file.seek(0)
        self._decimal = decimal
        self._book = _tried(lambda: CalamineWorkbook.from_filelike(file))
        self.sheets = [
            Sheet(sheet.name, sheet.visible != SheetVisibleEnum.Visible, lambda name=sheet.name: self._rows(name))  # type: ignore[misc]
            for sheet in self._book.sheets_metadata
        ]

    def _rows(self, name: str) -> Iterator[SheetRow]:
        sheet = _tried(lambda: self._book.get_sheet_by_name(name))
        if sheet.start is None:
            return
        merged = disjoint((first[0] + 1, last[0] + 1) for first, last in sheet.merged_cell_ranges or ())
        top, left = sheet.start
        rows = _tried(sheet.iter_rows)
        at, number = 0, top
        while (row := _tried(lambda: next(rows, None))) is not None:
            number += 1
            cells = tuple(self._text(cell) for cell in row)
            while at < len(merged) and merged[at][1] < number:
                at += 1
            is_merged = at < len(merged) and merged[at][0] <= number and any(cells)
            yield SheetRow(number, ("",) * left + cells, MERGED if is_merged else "")

    def _text(self, cell: Any) -> str:
        if isinstance(cell, bool):
            return "TRUE" if cell else "FALSE"
        if isinstance(cell, int | float):
            return number_text(cell, decimal=self._decimal)
        if isinstance(cell, datetime):
            return moment_text(cell, with_time=cell.time() != time())
        if isinstance(cell, date):
            return cell.isoformat()
        if isinstance(cell, time):
            return cell.strftime("%H:%M:%S")
        return clock_text(cell) if isinstance(cell, timedelta) else str(cell)[:MAX_CELL_LETTERS]


def _tried(ask: Any) -> Any:
    """What the library answers; what it refuses, or stumbles over, is Unreadable."""
    try:
        return ask()
    except _FAILURES:
        raise Unreadable("it is damaged, locked by a password, or of a kind that is not read here") from None
    except BaseException as failure:
        # A panic of the library's Rust reaches Python outside of Exception.
        if type(failure).__name__ != "PanicException":
            raise
        raise Unreadable("it is damaged, and the library that reads it gave up") from None
