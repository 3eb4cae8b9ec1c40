"""Reading tables of every kind: from the files to one Draft or Reject per row."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol

from wardround.interchange.delimited import Record, cells, records
from wardround.interchange.draft import Draft, Readings, Reject, Source, partial_patients
from wardround.interchange.errors import Unreadable
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.mapping import Mapping
from wardround.interchange.packed import GZIP_MARK, gunzipped
from wardround.interchange.tables.layout import Layout, layout_of
from wardround.interchange.tables.ods import OdsBook
from wardround.interchange.tables.parquet import ParquetTable
from wardround.interchange.tables.repeats import REPEATED, Repeats
from wardround.interchange.tables.rows import Row
from wardround.interchange.tables.sheets import Sheet, SheetRow
from wardround.interchange.tables.xls import XlsBook
from wardround.interchange.tables.xlsx import XlsxBook

PACKED_ENDINGS = (".csv.gz", ".tsv.gz", ".txt.gz")
_DELIMITED = (".csv", ".tsv", ".txt", *PACKED_ENDINGS)
_PARQUET = (".parquet",)
BOOKS: dict[str, Callable[..., "_Book"]] = {".xlsx": XlsxBook, ".xlsm": XlsxBook, ".ods": OdsBook, ".xls": XlsBook}
ENDINGS = (*_DELIMITED, *BOOKS, *_PARQUET)
DELIMITERS = ",;\t|"
_EMPTY = "The table is empty; it needs a header line and one line per visit."
_TITLE_ROWS = 20  # how far down a sheet's header is looked for
_KEPT_DELIMITER, _KEPT_ENCODING = ",", "utf-8"  # of a typed row's bytes


class _Book(Protocol):
    sheets: list[Sheet]


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """Every row of every file: a Draft of its patient, visit, observations, procedures and conditions, or a Reject.

    The Source's bytes are the header and the row, so they can be read again by themselves (`read_again`); of a sheet or a
    Parquet file they are what the cells say, as CSV.
    """
    yield from empty_folders(paths, endings=ENDINGS)
    for path in named_files(paths, endings=ENDINGS):
        try:
            with path.open("rb") as file:
                yield from _read_file(file, path.name, mapping)
        except OSError:
            yield Reject(_whole(path.name), "The file cannot be opened.")


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read one row (with its header) from a quarantined, perhaps corrected Source; it keeps its place."""
    is_typed = _is_typed(source.file)
    if is_typed:
        mapping = replace(mapping, delimiter=_KEPT_DELIMITER, encoding=_KEPT_ENCODING)
    for reading in _read_delimited(io.BytesIO(source.raw), source.file, mapping, is_typed=is_typed):
        kept = Source(source.file, source.position, reading.source.raw)
        yield replace(reading, source=kept)


def _read_file(file: BinaryIO, name: str, mapping: Mapping) -> Iterator[Draft | Reject]:
    ending = Path(name.lower()).suffix
    if ending in BOOKS:
        yield from _guarded(_read_book(file, name, mapping), name)
    elif ending in _PARQUET:
        yield from _guarded(_read_parquet(file, name, mapping), name)
    else:
        is_packed = file.read(len(GZIP_MARK)) == GZIP_MARK
        file.seek(0)
        yield from _guarded(_read_delimited(gunzipped(file) if is_packed else file, name, mapping), name)


def _guarded(readings: Iterator[Draft | Reject], name: str) -> Iterator[Draft | Reject]:
    """A file that breaks off: what was read stays, the rest is refused by the file's name."""
    try:
        yield from readings
    except Unreadable as error:
        yield Reject(_whole(name), f"The file cannot be read to its end: {error}.")


def _whole(name: str) -> Source:
    return Source(name, "file", name.encode())


def _is_typed(name: str) -> bool:
    return name.lower().endswith((*BOOKS, *_PARQUET))


def _read_delimited(file: BinaryIO, name: str, mapping: Mapping, *, is_typed: bool = False) -> Iterator[Draft | Reject]:
    rows = records(file)
    first = next(rows, None)
    if first is None:
        yield Reject(Source(name, "file", b""), _EMPTY)
        return
    try:
        header = _header(first, mapping, is_typed=is_typed)
    except Unreadable as error:
        yield Reject(Source(name, f"line {first.line}", first.raw), f"The header cannot be used: {error}.")
        return
    repeats = Repeats(mapping)
    for row in rows:
        source = Source(name, f"line {row.line}", header.raw + row.raw)
        try:
            values = _cells(row, header, mapping)
        except Unreadable as error:
            yield Reject(source, f"The row cannot be read: {error}.")
        else:
            yield _reading(values, header.layout, mapping, source, repeats)


@dataclass(frozen=True)
class _Header:
    raw: bytes
    layout: Layout
    delimiter: str


def _header(record: Record, mapping: Mapping, *, is_typed: bool) -> _Header:
    if record.fault:
        raise Unreadable(record.fault)
    delimiter = mapping.delimiter or delimiter_in(record.raw)
    names = [name.strip() for name in cells(record.raw, delimiter=delimiter, encoding=mapping.encoding)]
    layout = layout_of(names, mapping, is_typed=is_typed)
    raw = record.raw if record.raw.endswith(b"\n") else record.raw + b"\n"
    return _Header(raw, layout, delimiter)


def delimiter_in(header: bytes) -> str:
    """The delimiter that a header line shows."""
    return max(DELIMITERS, key=lambda d: header.count(d.encode()))


def _cells(record: Record, header: _Header, mapping: Mapping) -> list[str]:
    if record.fault:
        raise Unreadable(record.fault)
    values = cells(record.raw, delimiter=header.delimiter, encoding=mapping.encoding)
    if len(values) != len(header.layout.columns):
        many = len(header.layout.columns)
        raise Unreadable(f"it has {len(values)} cells where the header has {many}; it may be broken off")
    return [value.strip() for value in values]


def _reading(values: list[str], layout: Layout, mapping: Mapping, source: Source, repeats: Repeats) -> Draft | Reject:
    try:
        resources = Row(layout, values, mapping).resources()
    except Unreadable as error:
        return Reject(source, f"The row cannot be read: {error}.")
    if repeats.contradict(resources):
        return Reject(source, REPEATED)
    return Draft(tuple(resources), source, unmapped=layout.unmapped(values), amendments=partial_patients(resources))


def _read_book(file: BinaryIO, name: str, mapping: Mapping) -> Iterator[Draft | Reject]:
    book = BOOKS[Path(name.lower()).suffix](file, decimal=mapping.decimal)
    sheet, left = chosen_sheet(book.sheets, mapping.sheet)
    rows = (row for row in sheet.rows() if any(cell.strip() for cell in row.cells))
    above, header = _find_header(rows, mapping)
    if header is None:
        yield Reject(
            _whole(name), f"The sheet {sheet.name[:60]} is empty; it needs a header row and one row per visit."
        )
        return
    names = [cell.strip() for cell in header.cells]
    try:
        layout = layout_of(names, mapping, is_typed=True)
    except Unreadable as error:
        raw = _as_csv(header.cells)
        yield Reject(Source(name, f"row {header.number}", raw), f"The header cannot be used: {error}.")
        return
    line = _as_csv(header.cells)
    repeats = Repeats(mapping)
    for row in rows:
        yield _of_sheet_row(row, layout, mapping, Source(name, f"row {row.number}", line), repeats)
    if left or above:
        places = (*(f"sheet {other[:60]}" for other in left), *(("rows above the header",) if above else ()))
        yield Draft((), Source(name, "what is beside the table", "\n".join(places).encode()), unmapped=places)


def _of_sheet_row(row: SheetRow, layout: Layout, mapping: Mapping, header: Source, repeats: Repeats) -> Draft | Reject:
    many = len(layout.columns)
    values = [cell.strip() for cell in row.cells]
    values += [""] * (many - len(values))
    is_wider = any(values[many:])
    if not is_wider:
        values = values[:many]
    source = replace(header, raw=header.raw + _as_csv(values))
    fault = row.fault or ("it has cells to the right of the header's last column" if is_wider else "")
    if fault:
        return Reject(source, f"The row cannot be read: {fault}.")
    return _reading(values, layout, mapping, source, repeats)


def chosen_sheet(sheets: list[Sheet], wanted: str | None) -> tuple[Sheet, list[str]]:
    """The sheet to read, and the names of those with something in them that are not read. Raises Unreadable."""
    filled = [sheet for sheet in sheets if sheet.name == wanted or next(sheet.rows(), None) is not None]
    names = ", ".join(sheet.name[:60] for sheet in sheets[:20]) or "none"
    if wanted is not None:
        found = next((sheet for sheet in sheets if sheet.name == wanted), None)
        if found is None:
            raise Unreadable(f"it has no sheet {wanted!r} as the mapping's source.sheet says; it has {names}")
    else:
        visible = [sheet for sheet in filled if not sheet.is_hidden]
        if len(visible) > 1:
            raise Unreadable(f'it has several sheets ({names}); name one in the mapping: source.sheet = "..."')
        if not visible:
            raise Unreadable(f"it has no visible sheet with anything in it; its sheets are {names}")
        found = visible[0]
    return found, [sheet.name for sheet in filled if sheet is not found]


def _find_header(rows: Iterator[SheetRow], mapping: Mapping) -> tuple[list[SheetRow], SheetRow | None]:
    """The rows above the header, and the header: the first row with every mapped column, else the first of all."""
    seen: list[SheetRow] = []
    for row in rows:
        if set(mapping.columns) <= {cell.strip() for cell in row.cells}:
            return seen, row
        seen.append(row)
        if len(seen) == _TITLE_ROWS:
            break
    return [], seen[0] if seen else None


def _as_csv(values: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue().encode(_KEPT_ENCODING, "replace")


def _read_parquet(file: BinaryIO, name: str, mapping: Mapping) -> Iterator[Draft | Reject]:
    table = ParquetTable(file, decimal=mapping.decimal, zone=mapping.zone)
    readable = tuple(column for column in table.names if column not in table.nested)
    nested = sorted(set(table.nested) & set(mapping.columns))
    if nested:
        reason = f"The column {nested[0][:60]} holds lists or structures, not single values."
        yield Reject(_whole(name), reason)
        return
    try:
        layout = layout_of(list(readable), mapping, is_typed=True)
    except Unreadable as error:
        yield Reject(_whole(name), f"The header cannot be used: {error}.")
        return
    line = _as_csv(readable)
    repeats = Repeats(mapping)
    for number, row in enumerate(table.rows(readable), start=1):
        values = [cell.strip() for cell in row]
        yield _reading(values, layout, mapping, Source(name, f"row {number}", line + _as_csv(row)), repeats)
    if table.nested:
        places = tuple(f"column {column[:60]}" for column in table.nested)
        yield Draft((), Source(name, "columns of lists", "\n".join(places).encode()), unmapped=places)
