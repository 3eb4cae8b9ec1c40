"""The files that a path means."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from wardround.interchange.draft import Reject, Source

Paths = Path | str | Sequence[Path | str]


def named_files(paths: Paths, *, endings: tuple[str, ...]) -> list[Path]:
    """A file is itself; a folder is its files with one of these endings (lower case, with the dot), at any depth, by name."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: list[Path] = []
    for entry in map(Path, given):
        if entry.is_dir():
            found.extend(
                sorted(file for file in entry.rglob("*") if file.is_file() and file.name.lower().endswith(endings))
            )
        else:
            found.append(entry)
    return found


def empty_folders(paths: Paths, *, endings: tuple[str, ...]) -> Iterator[Reject]:
    """A Reject for every folder in which there is nothing to read."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    for entry in map(Path, given):
        if entry.is_dir() and not named_files(entry, endings=endings):
            reason = f"The folder holds no file that ends in {' or '.join(endings)}."
            yield Reject(Source(entry.name, "folder", entry.name.encode()), reason)


def passed_over(paths: Paths, *, endings: tuple[str, ...]) -> list[str]:
    """Files in the given folders that have another ending: they are not read, and somebody must be told so."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    return [
        file.relative_to(folder).as_posix()
        for folder in map(Path, given)
        if folder.is_dir()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.lower().endswith(endings)
    ]
