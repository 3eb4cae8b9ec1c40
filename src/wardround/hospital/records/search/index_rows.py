"""Which rows of which index table answer one criterion."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.indexing import BIRTH
from wardround.hospital.records.models import (
    CompositeIndex,
    DateIndex,
    NumberIndex,
    QuantityIndex,
    ReferenceIndex,
    StringIndex,
    TokenIndex,
    UriIndex,
)
from wardround.hospital.records.search import dates, quantities, references, tokens, uris
from wardround.hospital.records.search.composites import composite_rows
from wardround.hospital.records.search.query import Address, Criterion, Measure, Moment, Together

_TABLES: dict[str, tuple[Any, ...]] = {
    "token": (TokenIndex,),
    "string": (StringIndex,),
    "date": (DateIndex,),
    "number": (NumberIndex,),
    "quantity": (QuantityIndex,),
    "uri": (UriIndex,),
    "composite": (CompositeIndex,),
    "reference": (ReferenceIndex, UriIndex),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one index table; a resource that has one of them meets the condition."""

    table: Any
    rows: Q
    parameter: str

    def of_type(self, type_name: str) -> QuerySet[Any]:
        """All of them."""
        found: QuerySet[Any] = self.table.objects.filter(self.rows, type=type_name, parameter=self.parameter)
        return found

    def of_resource(self, outer: str) -> QuerySet[Any]:
        """Those of one resource. It has one type, and naming it would lead a planner to the wrong index."""
        found: QuerySet[Any] = self.table.objects.filter(self.rows, resource=OuterRef(outer), parameter=self.parameter)
        return found


def rows_of(criterion: Criterion, *, blind: BlindIndex, now: datetime) -> list[Rows]:
    """The rows that meet a criterion which no row of the resource itself answers, and which is no text."""
    name, kind = criterion.name, criterion.parameter.type
    if criterion.modifier == "identifier":
        return [Rows(TokenIndex, tokens.identifier_rows(criterion, blind=blind), f"{name}:identifier")]
    if kind == "token":
        return [Rows(TokenIndex, tokens.token_rows(criterion, blind=blind), name)]
    if kind == "date" and name == BIRTH and dates.is_hashed_day(criterion):
        return [Rows(TokenIndex, dates.birth_day_rows(criterion, blind=blind), name)]
    if kind == "reference":
        urls = references.addresses_in(criterion)
        found = [Rows(ReferenceIndex, references.reference_rows(criterion), name)]
        return [*found, Rows(UriIndex, uris.uri_rows(urls), name)] if urls else found
    if kind == "uri":
        urls = [value.url for value in criterion.values if isinstance(value, Address)]
        return [Rows(UriIndex, uris.uri_rows(urls), name)]
    return [Rows(_TABLES[kind][0], _measured(criterion, blind=blind, now=now), name)]


def all_rows(criterion: Criterion) -> list[Rows]:
    """The rows of which a resource has at least one when the parameter has any value."""
    found = [Rows(table, Q(), criterion.name) for table in _TABLES[criterion.parameter.type]]
    if criterion.parameter.type == "reference":
        found.append(Rows(TokenIndex, Q(), f"{criterion.name}:identifier"))
    return found


def _measured(criterion: Criterion, *, blind: BlindIndex, now: datetime) -> Q:
    def together(value: Together) -> Q:
        return composite_rows(criterion, value, blind=blind, now=now)

    match criterion.parameter.type:
        case "date" if criterion.name == BIRTH:
            return _either(criterion, Moment, dates.birth_rows)
        case "date":
            return _either(criterion, Moment, lambda value: dates.date_rows(value, now=now))
        case "number":
            return _either(criterion, Measure, quantities.number_rows)
        case "quantity":
            return _either(criterion, Measure, quantities.quantity_rows)
        case _:
            return _either(criterion, Together, together)


def _either(criterion: Criterion, kind: type, rows_of_value: Callable[[Any], Q]) -> Q:
    rows = Q(pk__in=())
    for value in criterion.values:
        if isinstance(value, kind):
            rows |= rows_of_value(value)
    return rows
