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
    """A quantity as received, from `low` to `high`: alike for a plain value, None where a comparator or an open range
    leaves that end open. `code` is the coded unit, `unit` the written one."""

    parameter: str
    low: Decimal | None
    high: Decimal | None
    system: str
    code: str
    unit: str


class NumberEntry(NamedTuple):
    """A number, or the range in which it lies; an open end is None."""

    parameter: str
    low: Decimal | None
    high: Decimal | None


class UriEntry(NamedTuple):
    """An address or canonical as written; one with a version is there a second time without it."""

    parameter: str
    value: str


SimpleEntry = TokenEntry | StringEntry | DateEntry | ReferenceEntry | QuantityEntry | NumberEntry | UriEntry


class CompositeEntry(NamedTuple):
    """Values that stand together, in the order of the parameter's components.

    A part's own parameter is that of the component, or of another that finds the same there ("code" for "combo-code");
    of a text, whose hash depends on it, it is the component's.
    """

    parameter: str
    parts: tuple[SimpleEntry, ...]


SearchEntry = SimpleEntry | CompositeEntry
