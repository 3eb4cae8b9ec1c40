"""Rows as bytes, one piece at a time: NDJSON, a JSON array, CSV with a header (SQL on FHIR v2, "Output formats")."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from wardround.interchange.fhir.json import dumps
from wardround.interchange.sql_on_fhir.running import Row
from wardround.interchange.sql_on_fhir.view import View

Format = Literal["ndjson", "json", "csv"]
MEDIA_TYPES: dict[Format, str] = {"ndjson": "application/x-ndjson", "json": "application/json", "csv": "text/csv"}


def written(view: View, rows: Iterable[Row], *, form: Format) -> Iterator[bytes]:
    """The rows of a view in one of the three formats; numbers as they were written in the resources."""
    match form:
        case "ndjson":
            return (dumps(row) + b"\n" for row in rows)
        case "json":
            return _array(rows)
        case "csv":
            return _table(view, rows)


def _array(rows: Iterable[Row]) -> Iterator[bytes]:
    before = b"["
    for row in rows:
        yield before + dumps(row)
        before = b",\n"
    yield b"]" if before == b",\n" else b"[]"


def _table(view: View, rows: Iterable[Row]) -> Iterator[bytes]:
    names = [column.name for column in view.columns]
    yield _line(names)
    for row in rows:
        yield _line([_cell(row[name]) for name in names])


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # RFC 4180
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return dumps(value).decode()
