"""A study document for people: its parts in plain words, what changed between two versions, and problems by field."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wardround.federation.study import Study

_PLACE = re.compile(r"^([a-z_]+(?:\[\d+\])?(?:\.[a-z_0-9]+(?:\[\d+\])?)*) (?:is|must|has|cannot)\b")
_STRANGE = re.compile(r"^'([^']+)' is not a field(?: (?:in|of) ([a-z_.\[\]0-9]+?))?\.")
_FEATURE = re.compile(r"^Feature '([^']+)'")
_LINE = re.compile(r"^Line (\d+):")


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a document from being published; `place` is the field's path, or where it stands, or empty."""

    place: str
    sentence: str


@dataclass(frozen=True)
class Change:
    """One field that two documents say differently; empty where one does not have it."""

    place: str
    before: str
    after: str


def problems(sentences: str) -> tuple[Problem, ...]:
    """The reader's sentences, each beside the field it is about."""
    return tuple(Problem(place=_place(sentence), sentence=sentence) for sentence in sentences.splitlines() if sentence)


def changes(before: Study, after: Study) -> tuple[Change, ...]:
    """What is different, by field path; features are known by their names, so a moved one is no change.

    Of a list only what went (before) and what came (after) is told.
    """
    old, new = dict(_fields(_named(before.document()))), dict(_fields(_named(after.document())))
    places = [*old, *(place for place in new if place not in old)]
    return tuple(
        Change(place, before=_without(old.get(place), new.get(place)), after=_without(new.get(place), old.get(place)))
        for place in places
        if old.get(place) != new.get(place)
    )


def readable(value: object) -> str:
    """A value of the document as text: lists and mappings as JSON with room."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _place(sentence: str) -> str:
    if found := _PLACE.match(sentence):
        return found.group(1)
    if found := _STRANGE.match(sentence):
        return ".".join(part for part in (found.group(2), found.group(1)) if part)
    if found := _FEATURE.match(sentence):
        return f"features: {found.group(1)}"
    if found := _LINE.match(sentence):
        return f"line {found.group(1)}"
    return ""


def _named(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "features": {feature["name"]: feature for feature in document["features"]}}


def _without(mine: tuple[str, ...] | None, others: tuple[str, ...] | None) -> str:
    """What stands here and not there; where both hold the same in another order, all of it."""
    own = mine or ()
    return "; ".join(
        [text for text in own if text not in (others or ())] or (own if sorted(own) == sorted(others or ()) else ())
    )


def _fields(value: object, place: str = "") -> list[tuple[str, tuple[str, ...]]]:
    if isinstance(value, Mapping):
        return [
            entry
            for name, inner in value.items()
            for entry in _fields(inner, f"{place}.{name}" if place else str(name))
        ]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(place, tuple(str(inner) for inner in value))]
    return [(place, (str(value),))]
