"""Numbers and quantities: which index rows a criterion means, by the range that its digits stand for."""

from collections.abc import Mapping

from django.db.models import Q

from wardround.hospital.records.search.query import Measure, Prefix

COLUMNS: Mapping[str, str] = {"low": "low", "high": "high", "unit": "unit", "system": "system"}
_BASE = {"low": "base_low", "high": "base_high"}


def number_rows(value: Measure, *, columns: Mapping[str, str] = COLUMNS) -> Q:
    """Of the number index."""
    numbers = (float(value.low), float(value.number), float(value.high))
    return _range_rows(value.prefix, numbers, columns=columns)


def quantity_rows(value: Measure, *, columns: Mapping[str, str] = COLUMNS) -> Q:
    """Of the quantity index: in the unit as it was received, or in any commensurable one by their base unit."""
    rows = number_rows(value, columns=columns)
    if value.unit:
        rows &= Q(**{columns["unit"]: value.unit[:40]})
    if value.system:
        rows &= Q(**{columns["system"]: value.system[:200]})
    if value.base is None:
        return rows
    base = value.base
    return rows | (
        Q(base_unit=base.unit) & _range_rows(value.prefix, (base.low, base.number, base.high), columns=_BASE)
    )


def _range_rows(prefix: Prefix, numbers: tuple[float, float, float], *, columns: Mapping[str, str]) -> Q:
    """R4 "Search", prefixes: equality works on the range that the digits stand for, an order on the exact number."""
    low, exact, high = numbers
    from_, to = columns["low"], columns["high"]
    margin = max(abs(exact) / 10, (high - low) / 2)
    return {
        # The last part says nothing new; it gives the index on `low` its end.
        "eq": Q(**{f"{from_}__gte": low, f"{to}__lt": high}) & Q(**{f"{from_}__lt": high}),
        "ne": Q(**{f"{from_}__lt": low}) | Q(**{f"{to}__gte": high}),
        "gt": Q(**{f"{to}__gt": exact}),
        "lt": Q(**{f"{from_}__lt": exact}),
        "ge": Q(**{f"{to}__gte": exact}),
        "le": Q(**{f"{from_}__lte": exact}),
        "sa": Q(**{f"{from_}__gt": exact}),
        "eb": Q(**{f"{to}__lt": exact}),
        "ap": Q(**{f"{from_}__lte": exact + margin, f"{to}__gte": exact - margin}),
    }[prefix]
