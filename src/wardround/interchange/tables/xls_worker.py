"""Reads an .xls workbook from standard input and prints it as JSON lines: a process of its own, with little memory and time.

The library that reads the format panics on some damaged files, takes minutes on others, and asks for memory by what the
file says of itself. Here all of that ends this process and nothing else.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from wardround.interchange.tables.cell_text import DecimalSign, clock_text, moment_text, number_text
from wardround.interchange.tables.sheets import MAX_CELL_LETTERS, MERGED, disjoint

_MEMORY = 2 * 1024**3
_CPU_SECONDS = 60


def main(arguments: list[str]) -> None:
    """`sheets`, or `rows DECIMAL NAME`."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    if arguments[0] == "sheets":
        for sheet in book.sheets_metadata:
            _print([sheet.name, sheet.visible != SheetVisibleEnum.Visible])
        return
    decimal: DecimalSign | None = "comma" if arguments[1] == "comma" else None
    for row in _rows(book, arguments[2], decimal=decimal):
        _print(row)


def _rows(book: CalamineWorkbook, name: str, *, decimal: DecimalSign | None) -> Iterator[tuple[int, list[str], str]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return
    merged = disjoint((first[0] + 1, last[0] + 1) for first, last in sheet.merged_cell_ranges or ())
    top, left = sheet.start
    at = 0
    for number, row in enumerate(sheet.iter_rows(), start=top + 1):
        cells = [_text(cell, decimal=decimal) for cell in row]
        while at < len(merged) and merged[at][1] < number:
            at += 1
        is_merged = at < len(merged) and merged[at][0] <= number and any(cells)
        yield number, [""] * left + cells, MERGED if is_merged else ""


def _text(cell: Any, *, decimal: DecimalSign | None) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return number_text(cell, decimal=decimal)
    if isinstance(cell, datetime):
        return moment_text(cell, with_time=cell.time() != time())
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S")
    return clock_text(cell) if isinstance(cell, timedelta) else str(cell)[:MAX_CELL_LETTERS]


def _print(facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
