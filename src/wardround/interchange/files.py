"""The files that a path means, and their bytes."""

from collections.abc import Sequence
from pathlib import Path

Paths = Path | str | Sequence[Path | str]


def named_files(paths: Paths, *, endings: tuple[str, ...]) -> list[Path]:
    """A file is itself; a folder is its files with one of these endings (lower case, with the dot), at any depth, by name."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: list[Path] = []
    for entry in map(Path, given):
        if entry.is_dir():
            found.extend(sorted(file for file in entry.rglob("*") if file.is_file() and file.suffix.lower() in endings))
        else:
            found.append(entry)
    return found
