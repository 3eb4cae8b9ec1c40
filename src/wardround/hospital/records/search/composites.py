"""Two values that must stand together: which rows of the composite index a criterion means."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from wardround.hospital.records.blind_index import BlindIndex, words
from wardround.hospital.records.search.dates import date_rows
from wardround.hospital.records.search.errors import BadSearch
from wardround.hospital.records.search.quantities import number_rows, quantity_rows
from wardround.hospital.records.search.query import Criterion, Measure, Moment, Target, Text, Together, Token, Value
from wardround.hospital.records.search.strings import SHORTEST, is_text_met
from wardround.interchange.fhir.search import SearchEntry, index_entries
from wardround.interchange.fhir.search_entries import CompositeEntry, StringEntry, TokenEntry

_DATES = {"low": "low_date", "high": "high_date"}
_NUMBERS = {"low": "low_number", "high": "high_number", "unit": "value_code", "system": "value_system"}


def composite_rows(criterion: Criterion, together: Together, *, blind: BlindIndex, now: datetime) -> Q:
    """The token is in columns of its own, wherever the definition has it."""
    parts = list(zip(criterion.parameter.components, together.values, strict=True))
    token = next((value for value in together.values if isinstance(value, Token)), None)
    if token is None:
        raise BadSearch(f"{criterion.name} cannot be searched here; search by its parts one by one.")
    rest = [part for part in parts if part[1] is not token]
    rows = _coded(token, system="system", code="code")
    if len(rest) == 2:
        for (_code, value), column in zip(rest, ("low_number", "high_number"), strict=True):
            if isinstance(value, Measure):
                rows &= number_rows(value, columns={"low": column, "high": column})
        return rows
    return rows & _beside(*rest[0], blind=blind, now=now)


def _beside(code: str, value: Value, *, blind: BlindIndex, now: datetime) -> Q:
    match value:
        case Token():
            return _coded(value, system="value_system", code="value_code")
        case Moment():
            return date_rows(value, now=now, columns=_DATES)
        case Measure():
            return quantity_rows(value, columns=_NUMBERS)
        case Target(type_name, logical_id, url):
            rows = Q(value_code=logical_id or url[:200])
            return rows & Q(value_system=type_name) if type_name else rows
        case Text(text):
            return Q(value_code=_hash(code, text, blind=blind))
    raise BadSearch(f"{code} cannot be searched by this kind of value.")


def _coded(token: Token, *, system: str, code: str) -> Q:
    rows = Q(**{code: token.code[:200]}) if token.code else Q()
    return rows if token.system is None else rows & Q(**{system: token.system[:200]})


def has_text(criterion: Criterion) -> bool:
    """Is one of the parts a text, which the index has only as a hash of its words?"""
    return any(
        isinstance(part, Text) for value in criterion.values if isinstance(value, Together) for part in value.values
    )


def is_together_met(resource: dict[str, Any], *, criterion: Criterion) -> bool:
    """Do a token and a text stand together in the resource?"""
    found = [
        entry.parts
        for entry in index_entries(resource)
        if isinstance(entry, CompositeEntry) and entry.parameter == criterion.name
    ]
    return any(
        all(_is_part_met(own, wanted) for own, wanted in zip(parts, value.values, strict=True))
        for parts in found
        for value in criterion.values
        if isinstance(value, Together)
    )


def _is_part_met(own: SearchEntry, wanted: Value) -> bool:
    match own, wanted:
        case TokenEntry(), Token():
            return wanted.system in {None, own.system} and wanted.code in {"", own.code}
        case StringEntry(), Text():
            return is_text_met([own.value], text=wanted.text, modifier="")
    return False


def _hash(parameter: str, text: str, *, blind: BlindIndex) -> str:
    longest = max(words(text), key=len, default="")
    if len(longest) < SHORTEST:
        raise BadSearch(f"{parameter} is encrypted; its text needs a word of {SHORTEST} or more letters.")
    _kind, hashed = blind.prefix_hash(parameter, longest)
    return hashed
