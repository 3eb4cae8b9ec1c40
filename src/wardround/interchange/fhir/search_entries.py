"""What a search index holds: one typed entry per searchable value of a resource."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


class TokenEntry(NamedTuple):
    """A code, identifier or flag. `system` is "" where none is said; `text` is a concept's text or coding's display."""

    parameter: str
    system: str
    code: str
    text: str = ""


class StringEntry(NamedTuple):
    """A text as written; folding and hashing are the store's."""

    parameter: str
    value: str


class DateEntry(NamedTuple):
    """The time from `low` up to but not including `high`, in UTC; an open end is the calendar's first or last instant."""

    parameter: str
    low: datetime
    high: datetime


class ReferenceEntry(NamedTuple):
    """A reference: literal (`type`, `id`), an address (`url`), or logical (`identifier_system`, `identifier_value`)."""

    parameter: str
    type: str
    id: str
    url: str = ""
    identifier_system: str = ""
    identifier_value: str = ""


class QuantityEntry(NamedTuple):
    """A quantity as received: `code` is the coded unit, `unit` the written one."""

    parameter: str
    value: Decimal
    system: str
    code: str
    unit: str
    comparator: str = ""


class NumberEntry(NamedTuple):
    parameter: str
    value: Decimal


class UriEntry(NamedTuple):
    parameter: str
    value: str


SearchEntry = TokenEntry | StringEntry | DateEntry | ReferenceEntry | QuantityEntry | NumberEntry | UriEntry
