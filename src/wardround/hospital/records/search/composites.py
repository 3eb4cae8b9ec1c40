"""Two values that must stand together: which rows of the composite index a criterion means."""

from datetime import datetime

from django.db.models import Q

from wardround.hospital.records.blind_index import BlindIndex, words
from wardround.hospital.records.search.dates import date_rows
from wardround.hospital.records.search.errors import BadSearch
from wardround.hospital.records.search.quantities import number_rows, quantity_rows
from wardround.hospital.records.search.query import Criterion, Measure, Moment, Target, Text, Together, Token, Value

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
            return Q(value_code__in=_hashes(code, text, blind=blind))
    raise BadSearch(f"{code} cannot be searched by this kind of value.")


def _coded(token: Token, *, system: str, code: str) -> Q:
    rows = Q(**{code: token.code[:200]}) if token.code else Q()
    return rows if token.system is None else rows & Q(**{system: token.system[:200]})


def _hashes(parameter: str, text: str, *, blind: BlindIndex) -> list[str]:
    searched = words(text)
    if len(searched) != 1 or len(searched[0]) < 3:
        raise BadSearch(f"The text of a pair is one word of three or more letters, for example code${parameter[:5]}.")
    kind, hashed = blind.prefix_hash(parameter, searched[0])
    return [hashed] if kind == "whole" else [hashed, blind.hashed(parameter, "whole", searched[0])]
