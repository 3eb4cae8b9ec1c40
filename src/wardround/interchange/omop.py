"""OMOP CDM 5.4 tables as CSV to FHIR, one Draft per person; concept ids stay as they are.

Each table is passed over once to note where every person's rows stand (16 bytes a row), then read person by person:
memory stays small and no copy of the patients' data is made.
"""

import io
import re
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from wardround.interchange.delimited import BYTE_ORDER_MARK, Record, cells, records
from wardround.interchange.draft import Draft, Readings, Reject, Source
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.building import Resource
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.mapping import Mapping
from wardround.interchange.omop_rows import REQUIRED, Row, location_of, patient_of, resource_of

ENDINGS = (".csv",)
PERSON_FILE = "omop"  # the Source of a person, whose rows come from several files
_MARK = re.compile(rb"^==> ([^\r\n]{1,100}) <==\r?\n", re.MULTILINE)
EVENTS = ("visit_occurrence", "measurement", "observation", "procedure_occurrence", "condition_occurrence")
_TABLES = ("person", *EVENTS)
_NOT_OURS = "This table is not read: it is none of person, location, " + ", ".join(EVENTS) + "."


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """One Draft per person, with a Reject for every row that cannot be read; files are known by their table's name.

    Rows whose person is not in the person table become Drafts of their own, which refer to the person by its id.
    """
    yield from empty_folders(paths, endings=ENDINGS)
    files: dict[str, Path] = {}
    for path in named_files(paths, endings=ENDINGS):
        table = path.stem.lower()
        if table not in (*_TABLES, "location"):
            yield Reject(Source(path.name, "file", path.name.encode()), _NOT_OURS)
        elif table in files:
            yield Reject(
                Source(path.name, "file", path.name.encode()),
                f"The table {table} is there twice; only the first is read.",
            )
        else:
            files[table] = path
    with ExitStack() as stack:
        tables: dict[str, _Table] = {}
        for table, path in files.items():
            try:
                file = stack.enter_context(path.open("rb"))
                tables[table] = _Table(table, path.name, file, mapping)
            except OSError:
                yield Reject(Source(path.name, "file", path.name.encode()), "The file cannot be opened.")
            except Unreadable as error:
                yield Reject(Source(path.name, "line 1", path.name.encode()), f"The header cannot be used: {error}.")
        yield from _persons(tables, mapping)


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read a person, or one row with its header, from a quarantined, perhaps corrected Source; it keeps its place.

    A row other than a person's refers to the person by its id.
    """
    parts = _sections(source.raw) if source.file == PERSON_FILE else {source.file: source.raw}
    tables: dict[str, _Table] = {}
    for file_name, raw in parts.items():
        name = Path(file_name).stem.lower()
        if name not in (*_TABLES, "location"):
            yield Reject(source, _NOT_OURS)
            return
        try:
            tables[name] = _Table(name, file_name, io.BytesIO(raw), mapping)
        except Unreadable as error:
            yield Reject(source, f"The header of {name} cannot be used: {error}.")
            return
    for reading in _persons(tables, mapping):
        yield replace(reading, source=source)


def _sections(raw: bytes) -> dict[str, bytes]:
    """The tables of one person's Source: each behind a line that names its file."""
    named = _MARK.split(raw)
    return {name.decode("utf-8", "replace"): rows for name, rows in zip(named[1::2], named[2::2], strict=True)}


def _persons(tables: dict[str, "_Table"], mapping: Mapping) -> Iterator[Draft | Reject]:
    ids: set[int] = set()
    for table in tables.values():
        yield from table.find_rows()
        if table.name != "location":
            ids.update(table.persons())
    locations = tables.get("location")
    for person in sorted(ids):
        resources: list[Resource] = []
        raw: list[bytes] = []
        for name in _TABLES:
            if name not in tables:
                continue
            table = tables[name]
            rows: list[bytes] = []
            for record in table.records_of(person):
                try:
                    row = table.row(record)
                    place = _location(row, locations) if name == "person" else None
                    resources.append(_resource(name, row, person, place, mapping))
                    rows.append(_ended(record.raw))
                    raw += place.raw if place else []
                except Unreadable as error:
                    yield Reject(table.source(record), f"The row cannot be read: {error}.")
            if rows:
                raw += [table.marked_header(), *rows]
        if resources:
            yield Draft(tuple(resources), Source(PERSON_FILE, f"person {person}", b"".join(raw)))


class _Location(NamedTuple):
    address: Resource
    raw: list[bytes]


def _resource(name: str, row: Row, person: int, place: _Location | None, mapping: Mapping) -> Resource:
    if name == "person":
        return patient_of(row, location=place.address if place else None, mapping=mapping)
    return resource_of(name, row, person=person, mapping=mapping)


def _location(row: Row, locations: "_Table | None") -> _Location | None:
    number = row.text("location_id")
    if locations is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    record = next(locations.records_of(int(number)), None)
    if record is None:
        return None
    return _Location(location_of(locations.row(record)), [locations.marked_header(), _ended(record.raw)])


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\n") else raw + b"\n"


class _Table:
    """One CSV file and where each person's rows stand in it (for `location`: each location's)."""

    def __init__(self, name: str, file_name: str, file: BinaryIO, mapping: Mapping) -> None:
        self.name = name
        self._file_name = file_name
        self._file = file
        self._encoding = mapping.encoding
        first = next(records(file), None)
        if first is None:
            raise Unreadable("the table is empty")
        if first.fault:
            raise Unreadable(first.fault)
        self._header = _ended(first.raw.removeprefix(BYTE_ORDER_MARK))
        self._delimiter = mapping.delimiter or max(",;\t|", key=lambda d: first.raw.count(d.encode()))
        header = cells(first.raw, delimiter=self._delimiter, encoding=self._encoding)
        self._columns = {column.strip().lower(): number for number, column in enumerate(header)}
        self._width = len(header)
        if self._width != len(self._columns):
            raise Unreadable("a column stands in it twice")
        missing = [column for column in REQUIRED[name] if column not in self._columns]
        if missing:
            raise Unreadable(f"the table {name} needs the column {missing[0]}")
        self._start = len(first.raw)
        self._key = self._columns["location_id" if name == "location" else "person_id"]
        self._places: dict[int, array[int]] = {}

    def find_rows(self) -> Iterator[Reject]:
        """Note every row's place; what belongs to no person is rejected."""
        for record in self.all_records():
            try:
                key = self.row(record).whole_number("location_id" if self.name == "location" else "person_id")
            except Unreadable as error:
                yield Reject(self.source(record), f"The row cannot be read: {error}.")
            else:
                self._places.setdefault(key, array("q")).extend((record.line, record.offset))

    def all_records(self) -> Iterator[Record]:
        self._file.seek(self._start)
        return records(self._file, line=2, offset=self._start)

    def persons(self) -> list[int]:
        return list(self._places)

    def records_of(self, key: int) -> Iterator[Record]:
        places = self._places.get(key, array("q"))
        for index in range(0, len(places), 2):
            self._file.seek(places[index + 1])
            yield next(records(self._file, line=places[index], offset=places[index + 1]))

    def row(self, record: Record) -> Row:
        """The row's cells by column; raises Unreadable when it is broken off."""
        if record.fault:
            raise Unreadable(record.fault)
        values = cells(record.raw, delimiter=self._delimiter, encoding=self._encoding)
        if len(values) != self._width:
            raise Unreadable(f"it has {len(values)} cells where the header has {self._width}; it may be broken off")
        return Row(self._columns, [value.strip() for value in values])

    def marked_header(self) -> bytes:
        return f"==> {self._file_name} <==\n".encode() + self._header

    def source(self, record: Record) -> Source:
        return Source(self._file_name, f"line {record.line}", self._header + record.raw)
