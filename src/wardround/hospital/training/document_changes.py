"""What differs between two versions of a study document, line by line, for somebody who approved the earlier one."""

from collections.abc import Iterator, Mapping
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
    old, new = dict(_lines(before)), dict(_lines(after))
    places = [*new, *(place for place in old if place not in new)]
    return [Change(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]


def _lines(value: Any, *, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _lines(part, place=f"{place} › {_words(name)}" if place else _words(name))
    elif isinstance(value, list | tuple) and any(isinstance(part, Mapping) for part in value):
        for number, part in enumerate(value, 1):
            # A feature is known by its name, so that one more does not shift all others.
            name = part.get("title") or part.get("name") or str(number)
            yield from _lines(part, place=f"{place} › {name}")
    elif isinstance(value, list | tuple):
        yield place, "; ".join(_text(part) for part in value) or "–"
    else:
        yield place, _text(value)


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
