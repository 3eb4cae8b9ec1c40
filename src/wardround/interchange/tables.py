"""CSV and TSV tables by a mapping file: one row is one visit of one patient."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from wardround.interchange.delimited import Record, cells, records
from wardround.interchange.draft import Draft, Readings, Reject, Source
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.mapping import Column, Mapping
from wardround.interchange.texts import local_time, number_of

ENDINGS = (".csv", ".tsv", ".txt")
_DELIMITERS = ",;\t|"
_TIME_ROLES = ("visit_start", "visit_end", "time", "procedure")


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """Every row of every file: a Draft of its patient, visit, observations, procedures and conditions, or a Reject.

    The Source's bytes are the header and the row, so they can be read again by themselves (`read_again`).
    """
    yield from empty_folders(paths, endings=ENDINGS)
    for path in named_files(paths, endings=ENDINGS):
        try:
            with path.open("rb") as file:
                yield from _read_file(file, path.name, mapping)
        except OSError:
            yield Reject(Source(path.name, "file", path.name.encode()), "The file cannot be opened.")


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read one row (with its header) from a quarantined, perhaps corrected Source; it keeps its place."""
    for reading in _read_file(io.BytesIO(source.raw), source.file, mapping):
        kept = Source(source.file, source.position, reading.source.raw)
        yield replace(reading, source=kept)


def _read_file(file: BinaryIO, name: str, mapping: Mapping) -> Readings:
    rows = records(file)
    first = next(rows, None)
    if first is None:
        yield Reject(Source(name, "file", b""), "The table is empty; it needs a header line and one line per visit.")
        return
    try:
        header = _header(first, mapping)
    except Unreadable as error:
        yield Reject(Source(name, f"line {first.line}", first.raw), f"The header cannot be used: {error}.")
        return
    for row in rows:
        source = Source(name, f"line {row.line}", header.raw + row.raw)
        try:
            yield Draft(tuple(_resources(row, header, mapping)), source)
        except Unreadable as error:
            yield Reject(source, f"The row cannot be read: {error}.")


@dataclass(frozen=True)
class _Header:
    raw: bytes
    columns: tuple[Column, ...]
    times: frozenset[str]  # the columns that say when
    delimiter: str


def _header(record: Record, mapping: Mapping) -> _Header:
    if record.fault:
        raise Unreadable(record.fault)
    delimiter = mapping.delimiter or max(_DELIMITERS, key=lambda d: record.raw.count(d.encode()))
    names = [name.strip() for name in cells(record.raw, delimiter=delimiter, encoding=mapping.encoding)]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise Unreadable(f"the column {min(doubled)} stands there twice")
    unknown = [name for name in names if name not in mapping.columns]
    if unknown:
        raise Unreadable(
            f'the mapping does not say what the column {unknown[0]} is; add it to [columns], with "ignore" to leave it out'
        )
    missing = [name for name in mapping.columns if name not in names]
    if missing:
        raise Unreadable(f"the column {missing[0]} of the mapping is not in the table")
    raw = record.raw if record.raw.endswith(b"\n") else record.raw + b"\n"
    columns = tuple(mapping.columns[name] for name in names)
    times = {column.time for column in columns if column.time} | {c.name for c in columns if c.role in _TIME_ROLES}
    return _Header(raw, columns, frozenset(times), delimiter)


def _resources(record: Record, header: _Header, mapping: Mapping) -> Iterator[Resource]:
    if record.fault:
        raise Unreadable(record.fault)
    values = cells(record.raw, delimiter=header.delimiter, encoding=mapping.encoding)
    if len(values) != len(header.columns):
        raise Unreadable(f"it has {len(values)} cells where the header has {len(header.columns)}; it may be broken off")
    return iter(_Row(header, [value.strip() for value in values], mapping).resources())


class _Row:
    """One row and what it says. Cells that are empty say nothing."""

    def __init__(self, header: _Header, values: list[str], mapping: Mapping) -> None:
        self.mapping = mapping
        self.header = header
        self.cell = {column.name: value for column, value in zip(header.columns, values, strict=True)}
        self.by_role: dict[str, list[Column]] = {}
        for column in header.columns:
            self.by_role.setdefault(column.role, []).append(column)

    def resources(self) -> list[Resource]:
        number = self._first("mrn")
        if not number:
            raise Unreadable("the hospital number is empty")
        times = {name: self._time(name) for name in self.header.times}
        patient_key = Key(self.mapping.mrn_system, number)
        subject = patient_key.reference("Patient")
        start = self._time_of("visit_start", times)
        record = self._first("record") or (f"{number}:{start}" if start else number)
        visit_key = Key(self.mapping.record_system, f"{record}:visit")
        visit = visit_key.reference("Encounter") if start else None

        found = [self._patient(patient_key)]
        if start:
            end = self._time_of("visit_end", times)
            found.append(
                building.encounter(
                    visit_key,
                    subject=subject,
                    status="finished" if end else "unknown",
                    class_coding=building.UNKNOWN_CLASS,
                    start=start,
                    end=end,
                )
            )
        for column in self.header.columns:
            if self.cell[column.name] and column.role in ("observation", "procedure", "condition"):
                key = Key(self.mapping.record_system, f"{record}:{column.code}")
                found.append(self._event(column, key, subject=subject, visit=visit, start=start, times=times))
        return found

    def _event(
        self,
        column: Column,
        key: Key,
        *,
        subject: Resource,
        visit: Resource | None,
        start: str | None,
        times: dict[str, str | None],
    ) -> Resource:
        text, system = self.cell[column.name], self.mapping.system
        if column.role == "procedure":
            code = building.concept([building.coding(system, column.code)])
            return building.procedure(key, code=code, subject=subject, performed=times[column.name], encounter=visit)
        time = times[column.time] if column.time else start
        if time is None:
            raise Unreadable(f"{column.name} has a value, but {column.time or 'the visit'}, which dates it, is empty")
        if column.role == "condition":
            code = building.concept([building.coding(system, text)])
            return building.condition(key, code=code, subject=subject, recorded=time, encounter=visit)
        code = building.concept([building.coding(system, column.code)])
        value = self._value(column, text)
        return building.observation(key, code=code, subject=subject, value=value, time=time, encounter=visit)

    def _value(self, column: Column, text: str) -> dict[str, Any]:
        if column.measurement is not None and column.measurement in self.mapping.clinical["answers"]:
            return {"valueCodeableConcept": building.concept([building.coding(self.mapping.system, text)])}
        number = number_of(text, decimal=self.mapping.decimal)
        if number is None:
            return building.text_value(text, column.unit)
        return building.quantity(number, column.unit)

    def _patient(self, key: Key) -> Resource:
        given = [self.cell[column.name] for column in self.by_role.get("given", ()) if self.cell[column.name]]
        name = {"family": self._first("family"), "given": given}
        address = {
            "line": [line for line in (self._first("street"),) if line],
            "city": self._first("city"),
            "state": self._first("state"),
            "postalCode": self._first("postcode"),
            "country": self._first("country"),
        }
        contacts = [{"system": kind, "value": self._first(kind)} for kind in ("phone", "email") if self._first(kind)]
        return building.patient(
            identifiers=[building.hospital_number(key)],
            names=[{part: value for part, value in name.items() if value}],
            telecom=contacts,
            gender=self._gender(),
            birth_date=self._birth_date(),
            addresses=[{part: value for part, value in address.items() if value}],
        )

    def _gender(self) -> str | None:
        text = self._first("sex")
        if not text:
            return None
        gender = self.mapping.sex(text)
        if gender is None:
            raise Unreadable("its sex is none that the mapping knows; add it to [answers.sex]")
        return gender

    def _birth_date(self) -> str | None:
        year, date = self._first("birth_year"), self._first("birth_date")
        if date:
            return self._local_time(self.by_role["birth_date"][0].name, date)[:10]
        if year and not (len(year) == 4 and year.isascii() and year.isdigit()):
            raise Unreadable("its year of birth is not a year of four digits")
        return year or None

    def _first(self, role: str) -> str:
        return next((self.cell[column.name] for column in self.by_role.get(role, ()) if self.cell[column.name]), "")

    def _time(self, name: str) -> str | None:
        text = self.cell[name]
        return self._local_time(name, text) if text else None

    def _time_of(self, role: str, times: dict[str, str | None]) -> str | None:
        return next((times[column.name] for column in self.by_role.get(role, ()) if times[column.name]), None)

    def _local_time(self, name: str, text: str) -> str:
        if self.mapping.zone is None:
            raise Unreadable("the mapping names no time zone")
        try:
            return local_time(text, zone=self.mapping.zone, date_format=self.mapping.date_format)
        except Unreadable as error:
            raise Unreadable(f"in {name} {error}") from None
