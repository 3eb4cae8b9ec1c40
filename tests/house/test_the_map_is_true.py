"""ARCHITECTURE.md names every file of the package, and no other."""

import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
PACKAGE = HOUSE / "src" / "wardround"
SUFFIXES = {".py", ".toml", ".yaml"}
UNLISTED = {"__init__.py", "apps.py"}


def files_in_the_tree() -> set[str]:
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.suffix in SUFFIXES
        and path.name not in UNLISTED
        and not {"migrations", "__pycache__", "static"} & set(path.parts)
    }


def lines_of_the_map() -> list[str]:
    text = (HOUSE / "ARCHITECTURE.md").read_text("utf-8")
    (block,) = re.findall(r"^```map\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [line for line in block.splitlines() if line.strip()]


def entries_of_the_map() -> dict[str, str]:
    """Each file's path and its line. Folders end in a slash and give their files the folder's path."""
    entries: dict[str, str] = {}
    folders: list[tuple[int, str]] = []
    for line in lines_of_the_map():
        indent = len(line) - len(line.lstrip())
        name, _, sentence = line.strip().partition("  ")
        while folders and folders[-1][0] >= indent:
            folders.pop()
        prefix = folders[-1][1] if folders else ""
        if name.endswith("/"):
            folders.append((indent, prefix + name))
        else:
            entries[prefix + name] = sentence.strip()
    return entries


def test_every_file_of_the_package_is_on_the_map():
    assert files_in_the_tree() - set(entries_of_the_map()) == set()


def test_every_file_on_the_map_is_in_the_package():
    assert set(entries_of_the_map()) - files_in_the_tree() == set()


def test_every_file_on_the_map_has_a_sentence():
    assert [path for path, sentence in entries_of_the_map().items() if not sentence] == []
