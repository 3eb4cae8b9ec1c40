"""From a resource's search entries to index rows; whatever identifies a person becomes a keyed hash."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.models import (
    DateIndex,
    NumberIndex,
    QuantityIndex,
    ReferenceIndex,
    Resource,
    StringIndex,
    TokenIndex,
    UriIndex,
)
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.search import SearchEntry, index_entries
from wardround.interchange.fhir.search_entries import (
    DateEntry,
    NumberEntry,
    QuantityEntry,
    ReferenceEntry,
    StringEntry,
    TokenEntry,
    UriEntry,
)
from wardround.web.many_rows import insert_many

HASHED_TOKENS = frozenset({"identifier", "phone", "email", "telecom"})
BIRTH = "birthdate"
# The resource row itself answers these.
_NOT_INDEXED = frozenset({"_id", "_lastUpdated"})
IndexTable = type[StringIndex | TokenIndex | DateIndex | ReferenceIndex | QuantityIndex | NumberIndex | UriIndex]
Cell = str | int | float | None
IndexRow = tuple[Cell, ...]  # resource, type, parameter, and the table's own columns
COLUMNS: dict[IndexTable, tuple[str, ...]] = {
    StringIndex: ("kind", "value"),
    TokenIndex: ("system", "code"),
    DateIndex: ("low", "high"),
    ReferenceIndex: ("target_type", "target_id"),
    QuantityIndex: ("system", "unit", "low", "high", "base_unit", "base_low", "base_high"),
    NumberIndex: ("low", "high"),
    UriIndex: ("value",),
}


def index_rows(
    entries: Iterable[SearchEntry], *, resource: Resource, birth_date: str, blind: BlindIndex
) -> set[tuple[IndexTable, IndexRow]]:
    """The rows of one resource, each once. Free text is always hashed: it may hold a name wherever it stands."""
    return {
        (table, (resource.pk, resource.type, entry.parameter, *values))
        for entry in entries
        if entry.parameter not in _NOT_INDEXED
        for table, values in _columns(entry, birth_date=birth_date, blind=blind)
    }


def insert_rows(table: IndexTable, *, rows: Sequence[IndexRow]) -> None:
    """Insert index rows without making a model of each: an import writes a dozen for every resource."""
    insert_many(table, columns=("resource_id", "type", "parameter", *COLUMNS[table]), rows=rows)


def texts_of(resource: dict[str, Any], *, parameter: str) -> list[str]:
    """The texts that a string parameter searches, from the resource itself: to verify a hit on a hash."""
    entries = index_entries(resource)
    return [entry.value for entry in entries if isinstance(entry, StringEntry) and entry.parameter == parameter]


def patient_of(entries: Iterable[SearchEntry]) -> str:
    """The id of the patient in whose chart a resource lies; empty when it lies in none."""
    for entry in entries:
        if isinstance(entry, ReferenceEntry) and entry.parameter == "patient" and entry.type in {"Patient", ""}:
            return entry.id
    return ""


def _columns(
    entry: SearchEntry, *, birth_date: str, blind: BlindIndex
) -> Iterator[tuple[IndexTable, tuple[Cell, ...]]]:
    match entry:
        case TokenEntry(parameter, system, code) if code:
            hashed = parameter in HASHED_TOKENS
            yield TokenIndex, (system[:200], blind.hashed(parameter, code) if hashed else code[:200])
        case StringEntry(parameter, value):
            for kind, hashed_text in blind.text_entries(parameter, value):
                yield StringIndex, (kind, hashed_text)
        case DateEntry(parameter, _low, _high) if parameter == BIRTH:
            if len(birth_date) == 10:
                yield TokenIndex, ("", blind.hashed(BIRTH, birth_date))
            year = interval(birth_date[:4])
            yield DateIndex, _instants(year.low, year.high)
        case DateEntry(_parameter, low, high):
            yield DateIndex, _instants(low, high)
        case ReferenceEntry(_parameter, type_name, logical_id) if logical_id:
            yield ReferenceIndex, (type_name[:40], logical_id[:64])
        case QuantityEntry() | NumberEntry() | UriEntry():
            yield _measure(entry)


def _measure(entry: QuantityEntry | NumberEntry | UriEntry) -> tuple[IndexTable, tuple[Cell, ...]]:
    match entry:
        case QuantityEntry(_parameter, value, system, code, unit):
            return QuantityIndex, (system[:200], (code or unit)[:40], float(value), float(value), "", None, None)
        case NumberEntry(_parameter, value):
            return NumberIndex, (float(value), float(value))
        case UriEntry(_parameter, value):
            return UriIndex, (value[:500],)


def _instants(low: datetime, high: datetime) -> tuple[Cell, Cell]:
    # SQLite keeps instants as text, PostgreSQL as what the driver takes: the backend knows.
    adapt = connection.ops.adapt_datetimefield_value
    return adapt(low), adapt(high)
