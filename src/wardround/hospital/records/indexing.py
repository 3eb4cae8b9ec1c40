"""From a resource's search entries to index rows; whatever identifies a person becomes a keyed hash."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

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

HASHED_TOKENS = frozenset({"identifier", "phone", "email", "telecom"})
BIRTH = "birthdate"
# The resource row itself answers these.
_NOT_INDEXED = frozenset({"_id", "_lastUpdated"})
IndexRow = StringIndex | TokenIndex | DateIndex | ReferenceIndex | QuantityIndex | NumberIndex | UriIndex


def index_rows(
    entries: Iterable[SearchEntry], *, resource: Resource, birth_date: str, blind: BlindIndex
) -> Iterator[IndexRow]:
    """The rows of one resource, each once. Free text is always hashed: it may hold a name wherever it stands."""
    own = {"resource": resource, "type": resource.type}
    seen: set[tuple[object, ...]] = set()
    for entry in entries:
        if entry.parameter in _NOT_INDEXED:
            continue
        for table, values in _columns(entry, birth_date=birth_date, blind=blind):
            mark = (table, entry.parameter, *values.values())
            if mark not in seen:
                seen.add(mark)
                yield table(parameter=entry.parameter, **own, **values)


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
) -> Iterator[tuple[type[IndexRow], dict[str, object]]]:
    match entry:
        case TokenEntry(parameter, system, code) if code:
            hashed = parameter in HASHED_TOKENS
            yield TokenIndex, {"system": system[:200], "code": blind.hashed(parameter, code) if hashed else code[:200]}
        case StringEntry(parameter, value):
            for kind, hashed in blind.text_entries(parameter, value):
                yield StringIndex, {"kind": kind, "value": hashed}
        case DateEntry(parameter, low, _high) if parameter == BIRTH:
            if len(birth_date) == 10:
                yield TokenIndex, {"system": "", "code": blind.hashed(BIRTH, birth_date)}
            year = low.year
            yield DateIndex, {"low": datetime(year, 1, 1, tzinfo=UTC), "high": datetime(year + 1, 1, 1, tzinfo=UTC)}
        case DateEntry(_parameter, low, high):
            yield DateIndex, {"low": low, "high": high}
        case ReferenceEntry(_parameter, type_name, logical_id) if logical_id:
            yield ReferenceIndex, {"target_type": type_name[:40], "target_id": logical_id[:64]}
        case QuantityEntry() | NumberEntry() | UriEntry():
            yield _measure(entry)


def _measure(entry: QuantityEntry | NumberEntry | UriEntry) -> tuple[type[IndexRow], dict[str, object]]:
    match entry:
        case QuantityEntry(_parameter, value, system, code, unit):
            return QuantityIndex, {"system": system[:200], "unit": (code or unit)[:40], "value": float(value)}
        case NumberEntry(_parameter, value):
            return NumberIndex, {"value": float(value)}
        case UriEntry(_parameter, value):
            return UriIndex, {"value": value[:500]}
