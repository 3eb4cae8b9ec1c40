"""How a table's columns stand to the mapping: which are read, which are dated by which, and which nobody named."""

from dataclasses import dataclass

from wardround.interchange.errors import Unreadable
from wardround.interchange.mapping import Column, Mapping

_TIME_ROLES = ("visit_start", "visit_end", "time", "procedure")
_NAMED_LETTERS = 60


@dataclass(frozen=True)
class Layout:
    """The columns in the table's order, None for one that the mapping does not name.

    `is_typed`: times come from typed cells as YYYY-MM-DD hh:mm, beside those written as text.
    """

    names: tuple[str, ...]
    columns: tuple[Column | None, ...]
    times: frozenset[str]  # the columns that say when
    is_typed: bool = False

    def unmapped(self, cells: list[str]) -> tuple[str, ...]:
        """The columns that carry something in this row and are not in the mapping."""
        return tuple(
            f"column {name[:_NAMED_LETTERS] or 'without a name'}"
            for name, column, cell in zip(self.names, self.columns, cells, strict=True)
            if column is None and cell
        )


def layout_of(names: list[str], mapping: Mapping, *, is_typed: bool = False) -> Layout:
    """Raises Unreadable with a part of a sentence."""
    doubled = {name for name in names if name and names.count(name) > 1}
    if doubled:
        raise Unreadable(f"the column {min(doubled)[:_NAMED_LETTERS]} stands there twice")
    missing = [name for name in mapping.columns if name not in names]
    if missing:
        raise Unreadable(f"the column {missing[0]} of the mapping is not in the table")
    columns = tuple(mapping.columns.get(name) for name in names)
    named = [column for column in columns if column is not None]
    times = {column.time for column in named if column.time} | {c.name for c in named if c.role in _TIME_ROLES}
    return Layout(tuple(names), columns, frozenset(times), is_typed)
