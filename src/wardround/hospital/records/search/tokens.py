"""Codes, identifiers and flags: which rows of the token index a criterion means."""

from collections import defaultdict

from django.db.models import Q

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.search.query import Address, Criterion, Token
from wardround.interchange.fhir.definitions import value_set


def token_rows(criterion: Criterion, *, blind: BlindIndex) -> Q:
    """Rows that are one of the values. Without `|` any system matches, with nothing before it only none."""
    wanted: dict[str | None, set[str]] = defaultdict(set)
    for value in criterion.values:
        if isinstance(value, Token):
            wanted[value.system].add(value.code)
            if value.system in criterion.parameter.implied_systems:
                wanted[""].add(value.code)
        elif isinstance(value, Address):
            for own_system, own_codes in value_set(value.url).by_system.items():
                wanted[own_system] |= own_codes
                wanted[""] |= own_codes  # of an element of type code the system is understood and not stored
    rows = Q()
    for system, codes in wanted.items():
        rows |= _of_system(criterion.name, system, codes, blind=blind if criterion.parameter.is_identifying else None)
    return rows


def identifier_rows(criterion: Criterion, *, blind: BlindIndex) -> Q:
    """Rows of references that carry one of these identifiers."""
    rows = Q()
    for value in criterion.values:
        if isinstance(value, Token):
            rows |= _of_system(f"{criterion.name}:identifier", value.system, {value.code}, blind=blind)
    return rows


def _of_system(parameter: str, system: str | None, codes: set[str], *, blind: BlindIndex | None) -> Q:
    rows = Q() if system is None else Q(system=system[:200])
    if "" in codes:  # any code of the system
        return rows
    if blind is not None:
        return rows & Q(code__in=sorted(blind.hashed(parameter, code) for code in codes))
    return rows & Q(code__in=sorted(code[:200] for code in codes))
