"""One OMOP table as text, and where each person's rows stand in it."""

from array import array
from collections.abc import Iterator
from typing import BinaryIO

from wardround.interchange.delimited import BYTE_ORDER_MARK, Record, cells, records
from wardround.interchange.draft import Reject, Source
from wardround.interchange.errors import Unreadable
from wardround.interchange.mapping import Mapping
from wardround.interchange.omop.rows import REQUIRED, Row


def ended(raw: bytes) -> bytes:
    """A row with the line end that the last of a file may lack."""
    return raw if raw.endswith(b"\n") else raw + b"\n"


class Table:
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
        self._header = ended(first.raw.removeprefix(BYTE_ORDER_MARK))
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
        self.concepts: set[str] = set()  # that the rows name, once they were found

    def find_rows(self) -> Iterator[Reject]:
        """Note every row's place; what belongs to no person is rejected."""
        for record in self.all_records():
            try:
                row = self.row(record)
                key = row.whole_number("location_id" if self.name == "location" else "person_id")
            except Unreadable as error:
                yield Reject(self.source(record), f"The row cannot be read: {error}.")
            else:
                self.concepts |= row.concepts()
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
