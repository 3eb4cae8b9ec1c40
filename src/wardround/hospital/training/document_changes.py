"""What differs between two versions of a study document, line by line, for somebody who approved the earlier one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One place of the document. `before` is None where it is new, `after` where it is gone."""

    place: str
    before: str | None
    after: str | None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every place that differs, in the order of the later document; then what is gone."""
    old, new = _lines(before), _lines(after)
    keys = [*new, *(key for key in old if key not in new)]
    return [Change(key[0], old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


Lines = dict[tuple[str, str], str]  # (place, which of several texts there): text


def _lines(value: Any, *, place: str = "") -> Lines:
    found: Lines = {}
    if isinstance(value, Mapping):
        for name, part in value.items():
            found |= _lines(part, place=f"{place} › {_words(name)}" if place else _words(name))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value, 1):
            if isinstance(part, Mapping):
                # A feature is known by its name, so that one more does not shift all others.
                name = part.get("title") or part.get("name") or str(number)
                found |= _lines(part, place=f"{place} › {name}")
            else:
                found[place, _text(part)] = _text(part)
    else:
        found[place, ""] = _text(value)
    return found


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
