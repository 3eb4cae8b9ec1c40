"""From a resource's search entries to index rows; whatever identifies a person becomes a keyed hash."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from sys import float_info
from typing import Any

from wardround.clinical.base_units import UCUM, reduction_of
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.models import (
    CompositeIndex,
    DateIndex,
    NumberIndex,
    QuantityIndex,
    ReferenceIndex,
    Resource,
    StringIndex,
    TokenIndex,
    UriIndex,
)
from wardround.hospital.records.security_context import CONTEXT, security_context
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.literal_references import literal_references
from wardround.interchange.fhir.search import SearchEntry, index_entries
from wardround.interchange.fhir.search_entries import (
    CompositeEntry,
    DateEntry,
    NumberEntry,
    QuantityEntry,
    ReferenceEntry,
    SimpleEntry,
    StringEntry,
    TokenEntry,
    UriEntry,
)
from wardround.interchange.fhir.search_parameters import parameters_of
from wardround.web.many_rows import insert_many, instant

# Raise it when other rows are made of the same resource: `wardround hospital reindex` then makes those of all anew.
INDEX_VERSION = 4
BIRTH = "birthdate"
# Texts are indexed by their words, each with a dozen rows: of very long ones only the beginning.
LONGEST_TEXT, MOST_TEXT = 4_000, 50_000  # characters of one text, and of all texts of a resource
ELSEWHERE = "_reference"  # no search parameter: references that none of them knows, so that a deletion knows them
# The resource row itself answers these.
_NOT_INDEXED = frozenset({"_id", "_lastUpdated"})
IndexTable = type[
    StringIndex | TokenIndex | DateIndex | ReferenceIndex | QuantityIndex | NumberIndex | UriIndex | CompositeIndex
]
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
    CompositeIndex: (
        *("system", "code", "value_system", "value_code", "low_number", "high_number"),
        *("base_unit", "base_low", "base_high", "low_date", "high_date"),
    ),
}


@dataclass(frozen=True, slots=True)
class Indexed:
    """A resource, its row, and its entries."""

    row: Resource
    resource: dict[str, Any]
    entries: Iterable[SearchEntry]


def index_rows(
    entries: Iterable[SearchEntry], *, resource: Resource, birth_date: str, blind: BlindIndex
) -> set[tuple[IndexTable, IndexRow]]:
    """The rows of one resource, each once. Free text is always hashed: it may hold a name wherever it stands."""
    hashed = _hashed_tokens(resource.type)
    pk, type_name = resource.pk, resource.type
    rows: set[tuple[IndexTable, IndexRow]] = set()
    text_left = MOST_TEXT
    for entry in entries:
        parameter = entry.parameter
        if parameter in _NOT_INDEXED:
            continue
        # A concept of mere text has a row too: it is there, though no code finds it (`:missing`).
        # Codes and literal references are two thirds of all entries, and need no more than this.
        if isinstance(entry, TokenEntry) and parameter not in hashed:
            rows.add((TokenIndex, (pk, type_name, parameter, entry.system[:200], entry.code[:200])))
            continue
        if isinstance(entry, ReferenceEntry) and entry.id and not entry.identifier_value:
            rows.add((ReferenceIndex, (pk, type_name, parameter, entry.type[:40], entry.id[:64])))
            continue
        if isinstance(entry, StringEntry):
            entry = StringEntry(entry.parameter, entry.value[: min(text_left, LONGEST_TEXT)])  # noqa: PLW2901
            text_left -= len(entry.value)
        for table, own, values in _columns(entry, birth_date=birth_date, blind=blind):
            rows.add((table, (pk, type_name, own, *values)))
    return rows


def write_rows(indexed: Iterable[Indexed], *, replaced: Sequence[int], blind: BlindIndex) -> None:
    """Write the rows of these resources; the former ones of the resource rows `replaced` go. In a transaction."""
    rows: dict[IndexTable, list[IndexRow]] = {table: [] for table in COLUMNS}
    for one in indexed:
        birth_date = str(one.resource.get("birthDate", ""))
        known: set[tuple[Cell, ...]] = set()
        for table, row in index_rows(one.entries, resource=one.row, birth_date=birth_date, blind=blind):
            rows[table].append(row)
            if table is ReferenceIndex:
                known.add(row[3:])
        if context := security_context(one.resource):
            rows[ReferenceIndex].append((one.row.pk, one.row.type, CONTEXT, *context))
            known.add(context)
        rows[ReferenceIndex] += [
            (one.row.pk, one.row.type, ELSEWHERE, *target) for target in set(literal_references(one.resource)) - known
        ]
    for table, own in rows.items():
        if replaced:
            table.objects.filter(resource__in=replaced).delete()
        insert_many(table, columns=("resource_id", "type", "parameter", *COLUMNS[table]), rows=own)


def texts_of(resource: dict[str, Any], *, parameter: str) -> list[str]:
    """The texts that a string parameter searches, from the resource itself: to verify a hit on a hash."""
    entries = index_entries(resource)
    return [entry.value for entry in entries if isinstance(entry, StringEntry) and entry.parameter == parameter]


@cache
def _hashed_tokens(type_name: str) -> frozenset[str]:
    return frozenset(code for code, parameter in parameters_of(type_name).items() if parameter.is_identifying)


_Row = tuple[IndexTable, str, tuple[Cell, ...]]  # table, parameter, the table's own columns


def _columns(entry: SearchEntry, *, birth_date: str, blind: BlindIndex) -> Iterator[_Row]:
    parameter = entry.parameter
    match entry:
        case TokenEntry(_, system, code):  # of an identifying parameter
            yield TokenIndex, parameter, (system[:200], blind.hashed(parameter, code) if code else "")
        case StringEntry(_, value):
            for kind, hashed_text in blind.text_entries(parameter, value):
                yield StringIndex, parameter, (kind, hashed_text)
        case DateEntry(_, low, high):
            if parameter == BIRTH:
                yield from _birth(birth_date, blind=blind)
            else:
                yield DateIndex, parameter, (instant(low), instant(high))
        case ReferenceEntry():
            yield from _reference(entry, blind=blind)
        case CompositeEntry(_, parts):
            for cells in _together(parts, blind=blind):
                yield CompositeIndex, parameter, cells
        case _:
            yield _plain(entry)


def _plain(entry: QuantityEntry | NumberEntry | UriEntry) -> _Row:
    match entry:
        case QuantityEntry():
            return QuantityIndex, entry.parameter, _quantity(entry)
        case NumberEntry(parameter, least, greatest):
            return NumberIndex, parameter, _ends(least, greatest)
        case UriEntry(parameter, value):
            return UriIndex, parameter, (value[:500],)


def _birth(birth_date: str, *, blind: BlindIndex) -> Iterator[_Row]:
    """The day as a hash, and in clear only the year."""
    if len(birth_date) == 10:
        yield TokenIndex, BIRTH, ("", blind.hashed(BIRTH, birth_date))
    year = interval(birth_date[:4])
    yield DateIndex, BIRTH, (instant(year.low), instant(year.high))


def _reference(entry: ReferenceEntry, *, blind: BlindIndex) -> Iterator[_Row]:
    parameter, type_name, logical_id, url, system, value = entry
    if logical_id:
        yield ReferenceIndex, parameter, (type_name[:40], logical_id[:64])
    if url:
        yield UriIndex, parameter, (url[:500],)
    if value:
        by_identifier = f"{parameter}:identifier"
        yield TokenIndex, by_identifier, (system[:200], blind.hashed(by_identifier, value))


def _quantity(entry: QuantityEntry) -> tuple[Cell, ...]:
    low, high = _ends(entry.low, entry.high)
    return (entry.system[:200], (entry.code or entry.unit)[:40], low, high, *_reduced(entry, low, high))


def _reduced(entry: QuantityEntry, low: float, high: float) -> tuple[str, float | None, float | None]:
    """The same ends in the base unit; an open end stays open."""
    reduction = reduction_of(entry.code) if entry.system == UCUM else None
    if reduction is None:
        return "", None, None
    return (
        reduction.base_unit,
        low if entry.low is None else reduction.apply(low),
        high if entry.high is None else reduction.apply(high),
    )


def _together(parts: tuple[SimpleEntry, ...], *, blind: BlindIndex) -> Iterator[tuple[Cell, ...]]:
    """The columns of a composite: its token first, wherever the definition has it."""
    token, *rest = sorted(parts, key=lambda part: type(part) is not TokenEntry)
    if not isinstance(token, TokenEntry):
        return
    own = (token.system[:200], token.code[:200])
    nothing = (None,) * 2, ("", None, None), (None,) * 2  # numbers, base unit, dates
    match rest:
        case [TokenEntry(_, system, code)]:
            yield own + _cells((system[:200], code[:200]), *nothing)
        case [QuantityEntry() as quantity]:
            yield (*own, *_quantity(quantity), None, None)
        case [NumberEntry(_, first, _), NumberEntry(_, _, second)]:
            yield own + _cells(("", ""), _ends(first, second), *nothing[1:])
        case [DateEntry(_, low, high)]:
            yield own + _cells(("", ""), *nothing[:2], (instant(low), instant(high)))
        case [StringEntry(parameter, text)]:
            for kind, hashed in blind.text_entries(parameter, text[:LONGEST_TEXT]):
                if kind != "trigram":
                    yield own + _cells(("", hashed), *nothing)
        case [ReferenceEntry(_, type_name, logical_id, url)]:
            yield own + _cells((type_name, logical_id or url[:200]), *nothing)


def _cells(*groups: Iterable[Cell]) -> tuple[Cell, ...]:
    return tuple(cell for group in groups for cell in group)


def _ends(low: Decimal | None, high: Decimal | None) -> tuple[float, float]:
    """As floats; an open end, or one that no float holds, is the least or greatest of them."""
    if low is high and low is not None:  # a plain number
        number = max(-float_info.max, min(float(low), float_info.max))
        return number, number
    return (
        -float_info.max if low is None else max(-float_info.max, min(float(low), float_info.max)),
        float_info.max if high is None else max(-float_info.max, min(float(high), float_info.max)),
    )
