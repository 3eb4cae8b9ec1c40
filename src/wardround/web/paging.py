"""Long lists in pages: what an address asks for, and where the pages before and after begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

PAGE = 50
_DIGITS = 9  # more lines nobody has


@dataclass(frozen=True)
class Page:
    """Some of the rows of a list; `first` and `last` count from 1."""

    rows: Sequence[Any]
    first: int
    last: int
    total: int
    previous: int | None
    next: int | None


def number_in(asked: QueryDict, name: str, *, otherwise: int = 0) -> int:
    """The whole number that an address gives under this name; `otherwise` for anything else."""
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else otherwise


def page_of(rows: Sequence[Any], *, start: int, total: int, size: int = PAGE) -> Page:
    """These rows as the page that begins at `start` of so many."""
    return Page(
        rows=rows,
        first=start + 1,
        last=start + len(rows),
        total=total,
        previous=max(start - size, 0) if start else None,
        next=start + size if start + size < total else None,
    )


def paged(rows: Sequence[Any], *, asked: QueryDict, size: int = PAGE) -> Page:
    """The page of a whole list that an address asks for with `start`; the last one where it asks beyond the end."""
    start = min(number_in(asked, "start"), max(len(rows) - 1, 0)) // size * size
    return page_of(rows[start : start + size], start=start, total=len(rows), size=size)
