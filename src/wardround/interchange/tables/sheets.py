"""The sheets of a workbook as rows of texts: the noun that every kind of workbook is read into."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

MAX_COLUMNS = 16_384  # what a sheet can have
MAX_CELL_LETTERS = 32_767  # what a cell can have


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as the program shows it, its cells from column A, and what keeps it from being read."""

    number: int
    cells: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; its rows are read when they are asked for. Reading may raise Unreadable with a part of a sentence."""

    name: str
    is_hidden: bool
    rows: Callable[[], Iterator[SheetRow]]


HIDDEN = "it is hidden in the sheet; if it is meant, read it again from the quarantine"
MERGED = "it lies in merged cells, of which only the first holds the value; unmerge them and fill each cell"
NO_RESULT = "it holds a formula without its result; open the file in its program, let it calculate, and save it"


def disjoint(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same rows as stretches that do not overlap, in their order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found
