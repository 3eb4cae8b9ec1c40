"""The order of the hits: sort keys that the database has, and those that stand only in the encrypted resource."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OrderBy, OuterRef, Q, QuerySet, Subquery

from wardround.clinical.plain_text import without_accents
from wardround.hospital.records.indexing import BIRTH
from wardround.hospital.records.models import (
    DateIndex,
    NumberIndex,
    QuantityIndex,
    ReferenceIndex,
    Resource,
    TokenIndex,
    UriIndex,
)
from wardround.hospital.records.search.query import SortKey
from wardround.interchange.fhir.search import index_entries
from wardround.interchange.fhir.search_entries import StringEntry, TokenEntry

_ON_THE_ROW = {"_id": "logical_id", "_lastUpdated": "last_updated"}
_COLUMNS: dict[str, tuple[Any, str]] = {
    "token": (TokenIndex, "code"),
    "date": (DateIndex, "low"),
    "number": (NumberIndex, "low"),
    "quantity": (QuantityIndex, "low"),
    "reference": (ReferenceIndex, "target_id"),
    "uri": (UriIndex, "value"),
}


@dataclass(frozen=True, slots=True)
class Position:
    """Behind which hit a page begins: its sort values and its row.

    `limit` is the newest row when the search began: what is stored later does not appear in its pages.
    """

    values: tuple[Any, ...]
    pk: int
    limit: int
    total: int | None


def is_sortable(key: SortKey) -> bool:
    return key.parameter.code in _ON_THE_ROW or key.parameter.type in {*_COLUMNS, "string"}


def is_encrypted(key: SortKey) -> bool:
    """Does the key stand only in the resource, which must be decrypted to be sorted?"""
    parameter = key.parameter
    return parameter.type == "string" or parameter.is_identifying or parameter.code == BIRTH


def is_by_date(sort: Sequence[SortKey]) -> bool:
    """By one date alone, whose index has the order already?"""
    return (
        len(sort) == 1
        and sort[0].parameter.type == "date"
        and sort[0].parameter.code != "_lastUpdated"
        and not is_encrypted(sort[0])
    )


def keyed(hits: QuerySet[Resource], *, sort: Sequence[SortKey]) -> QuerySet[Any]:
    """The hits in order, as rows of pk and sort values; where a value is missing a hit comes last."""
    names = [f"key{number}" for number in range(len(sort))]
    hits = hits.annotate(**{name: _expression(key) for name, key in zip(names, sort, strict=True)})
    order = [_ordered(name, key=key) for name, key in zip(names, sort, strict=True)]
    return hits.order_by(*order, "-pk" if _is_tie_descending(sort) else "pk").values_list("pk", *names)


def behind(position: Position, *, sort: Sequence[SortKey]) -> Q:
    """The condition on `keyed` rows that come after a position."""
    met, same = Q(), Q()
    for number, (key, value) in enumerate(zip(sort, position.values, strict=True)):
        name = f"key{number}"
        if value is not None:
            operator = "lt" if key.is_descending else "gt"
            met |= same & (Q(**{f"{name}__{operator}": value}) | Q(**{f"{name}__isnull": True}))
            same &= Q(**{name: value})
        else:
            same &= Q(**{f"{name}__isnull": True})
    return met | (same & (Q(pk__lt=position.pk) if _is_tie_descending(sort) else Q(pk__gt=position.pk)))


def sorted_in_memory(
    resources: Iterable[tuple[int, dict[str, Any]]], *, sort: Sequence[SortKey]
) -> list[tuple[int, tuple[Any, ...]]]:
    """(pk, sort values) in order, of resources that were decrypted."""
    rows = [(pk, tuple(_value_in(resource, key=key) for key in sort)) for pk, resource in resources]
    rows.sort(key=lambda row: row[0], reverse=_is_tie_descending(sort))
    # From the last key to the first: each sort keeps the order of the one before where it sees no difference.
    for number in reversed(range(len(sort))):
        present = [row for row in rows if row[1][number] is not None]
        missing = [row for row in rows if row[1][number] is None]
        # Sorting in reverse keeps ties in their order too.
        present.sort(key=lambda row: row[1][number], reverse=sort[number].is_descending)
        rows = [*present, *missing]
    return rows


def is_behind(row: tuple[int, tuple[Any, ...]], position: Position, *, sort: Sequence[SortKey]) -> bool:
    """Does a row of `sorted_in_memory` come after a position?"""
    pk, values = row
    for key, own, other in zip(sort, values, position.values, strict=True):
        if own == other:
            continue
        if own is None or other is None:
            return own is None
        return bool(own < other) if key.is_descending else bool(own > other)
    return pk < position.pk if _is_tie_descending(sort) else pk > position.pk


def by_date(key: SortKey, *, type_name: str, position: Position | None) -> QuerySet[DateIndex]:
    """The date rows of a type in order; of each resource only the one that comes first."""
    rows = DateIndex.objects.filter(type=type_name, parameter=key.parameter.code, resource__is_deleted=False)
    if position is not None:
        low = position.values[0]
        tie = Q(low=low) & (Q(resource_id__lt=position.pk) if key.is_descending else Q(resource_id__gt=position.pk))
        # The first condition says nothing new; it gives the index where to begin.
        rows = rows.filter(low__lte=low) if key.is_descending else rows.filter(low__gte=low)
        rows = rows.filter(tie | (Q(low__lt=low) if key.is_descending else Q(low__gt=low)))
    return rows.order_by(*(("-low", "-resource_id") if key.is_descending else ("low", "resource_id")))


def earlier_row(key: SortKey) -> QuerySet[DateIndex]:
    """Another row of the same resource that comes before this one: to be asked with EXISTS."""
    own = DateIndex.objects.filter(resource=OuterRef("resource_id"), parameter=key.parameter.code)
    before = Q(low__gt=OuterRef("low")) if key.is_descending else Q(low__lt=OuterRef("low"))
    return own.filter(before | Q(low=OuterRef("low"), pk__lt=OuterRef("pk")))


def without_date(key: SortKey) -> Q:
    """A resource that has no such date."""
    return ~Q(Exists(DateIndex.objects.filter(resource=OuterRef("pk"), parameter=key.parameter.code)))


def restored(values: Sequence[Any], *, sort: Sequence[SortKey]) -> tuple[Any, ...]:
    """Sort values as they come back from a page link."""
    return tuple(
        datetime.fromisoformat(value)
        if isinstance(value, str) and key.parameter.type == "date" and not is_encrypted(key)
        else value
        for key, value in zip(sort, values, strict=True)
    )


def _expression(key: SortKey) -> Any:
    name = key.parameter.code
    if name in _ON_THE_ROW:
        return F(_ON_THE_ROW[name])
    table, column = _COLUMNS[key.parameter.type]
    rows = table.objects.filter(resource=OuterRef("pk"), parameter=name)
    if key.parameter.type == "token":
        rows = rows.exclude(code="")  # a concept of mere text
    return Subquery(rows.order_by(f"-{column}" if key.is_descending else column).values(column)[:1])


def _value_in(resource: dict[str, Any], *, key: SortKey) -> Any:
    name = key.parameter.code
    if name == BIRTH:
        return resource.get("birthDate")
    if name == "_id":
        return resource.get("id")
    if name == "_lastUpdated":
        return resource.get("meta", {}).get("lastUpdated")
    values = [_comparable(entry) for entry in index_entries(resource) if entry.parameter == name]
    present = [value for value in values if value is not None]
    if not present:
        return None
    return max(present) if key.is_descending else min(present)


def _comparable(entry: Any) -> Any:
    match entry:
        case StringEntry(_parameter, value):
            return without_accents(value)
        case TokenEntry(_parameter, _system, code):
            return code or None
    for name in ("low", "value", "id"):
        found = getattr(entry, name, None)
        if found is not None:
            return (
                found.isoformat() if isinstance(found, datetime) else found if isinstance(found, str) else float(found)
            )
    return None


def _ordered(name: str, *, key: SortKey) -> OrderBy:
    # What every row has needs no word about missing values, and without one the database can use its index.
    missing_last = True if key.parameter.code not in _ON_THE_ROW else None
    return OrderBy(F(name), descending=key.is_descending, nulls_last=missing_last)


def _is_tie_descending(sort: Sequence[SortKey]) -> bool:
    """Hits with the same values follow each other as the first key does: so an index can be read backwards."""
    return bool(sort) and sort[0].is_descending
