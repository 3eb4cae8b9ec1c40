"""One column's line in the text of a mapping file: read, set, and taken out, with every other line as it stands."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from wardround.interchange.suggest.sample import quoted

_SECTION = re.compile(r"^\s*\[")
_COMMENTED = re.compile(r"^\s*#\s*(?:or\s+)?")
_FIELDS = ("role", "measurement", "code", "unit", "time", "system", "date_format")


def column_line(name: str, entry: Mapping[str, str]) -> str:
    """The line that says what a column is: a role alone as a text, else a table of fields."""
    if list(entry) == ["role"]:
        return f"{quoted(name)} = {quoted(entry['role'])}"
    fields = ", ".join(f"{field} = {quoted(entry[field])}" for field in _FIELDS if entry.get(field))
    return f"{quoted(name)} = {{ {fields} }}"


def with_column(text: str, name: str, entry: Mapping[str, str] | None) -> str:
    """The same mapping with this column's line set; without an entry the column is left out, and a comment says so."""
    wanted = column_line(name, entry) if entry else f"# {quoted(name)}: not read"
    lines = text.splitlines()
    start = next((number for number, line in enumerate(lines) if line.strip() == "[columns]"), None)
    if start is None:
        return "\n".join([*lines, "", "[columns]", wanted, ""])
    end = next((n for n in range(start + 1, len(lines)) if _SECTION.match(lines[n])), len(lines))
    body: list[str] = []
    is_set = False
    for line in lines[start + 1 : end]:
        if _is_about(line, name):
            if not is_set:
                body.append(wanted)
                is_set = True
        else:
            body.append(line)
    if not is_set:
        at = len(body) - next((n for n, line in enumerate(reversed(body)) if line.strip()), len(body))
        body.insert(at, wanted)
    return "\n".join([*lines[: start + 1], *body, *lines[end:], ""])


def column_notes(text: str) -> dict[str, str]:
    """What the comments behind the columns' lines say: the evidence of a draft, or why nothing was said."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        bare = _COMMENTED.sub("", line) if line.lstrip().startswith("#") else line
        name = _name_of(bare)
        if name is not None and name not in found:
            found[name] = bare.partition("  # ")[2].strip() or _said_after(bare, name)
    return found


def _is_about(line: str, name: str) -> bool:
    return _name_of(_COMMENTED.sub("", line) if line.lstrip().startswith("#") else line) == name


def _name_of(line: str) -> str | None:
    """The column that a line of [columns] is about: NAME = ..., or "NAME": why not."""
    if line.startswith('"') and (closed := re.match(r'^("(?:[^"\\]|\\.)*"):', line)):
        return str(_parsed(f"name = {closed[1]}").get("name"))
    found = _parsed(line)
    return next(iter(found)) if len(found) == 1 else None


def _said_after(line: str, name: str) -> str:
    start = f"{quoted(name)}: "
    return line[len(start) :].strip() if line.startswith(start) else ""


def _parsed(line: str) -> dict[str, Any]:
    try:
        return tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return {}
