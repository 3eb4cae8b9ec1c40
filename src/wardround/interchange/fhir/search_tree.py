"""Places of values gathered into a tree of JSON names, and the tree compiled to closures: each object is read once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from wardround.interchange.fhir.search_paths import Leaf, Step
from wardround.interchange.fhir.search_values import Entries, Extractor, extractor_of, reference_extractor


@dataclass(frozen=True, slots=True)
class Find:
    """One parameter finds values at one place."""

    code: str
    kind: str  # the parameter's type
    leaf: Leaf


@dataclass
class _Node:
    finds: list[Find] = field(default_factory=list)
    children: dict[Step, "_Node"] = field(default_factory=dict)


def extractors(finds: Iterable[Find]) -> dict[str, Extractor]:
    """JSON name -> what to do with the value under it, for an object in which these finds start."""
    root = _Node()
    for find in finds:
        node = root
        for step in find.leaf.steps:
            node = node.children.setdefault(step, _Node())
        node.finds.append(find)
    return _by_name(root)


def object_extractor(finds: Iterable[Find]) -> tuple[frozenset[str], Extractor]:
    """The same as one function over an object, and the names of which one must be there for it to find anything."""
    by_name = extractors(finds)
    return frozenset(by_name), _over_object([], by_name)


def _by_name(node: _Node) -> dict[str, Extractor]:
    found: dict[str, list[Extractor]] = {}
    for step, child in node.children.items():
        own = _over_object(_of_values(child.finds), _by_name(child))
        found.setdefault(step.name, []).append(_over_step(step, own))
    return {name: _together(several) for name, several in found.items()}


def _of_values(finds: list[Find]) -> list[Extractor]:
    groups: dict[tuple[str, str], list[Find]] = {}
    for find in finds:
        groups.setdefault((find.kind, find.leaf.type), []).append(find)
    own: list[Extractor | None] = []
    for (kind, type_name), group in groups.items():
        if (kind, type_name) == ("reference", "Reference"):
            by_target: dict[str, list[str]] = {}
            for find in group:
                by_target.setdefault(find.leaf.target, []).append(find.code)
            own.append(reference_extractor(by_target.pop("", []), by_target))
        else:
            own.append(extractor_of(kind, type_name, [find.code for find in group]))
    return [extract for extract in own if extract is not None]


def _over_object(own: list[Extractor], by_name: dict[str, Extractor]) -> Extractor:
    if not by_name:
        return _together(own)
    pairs = tuple(by_name.items())

    def descend(value: Any, entries: Entries) -> None:
        for name, extract in pairs:
            found = value.get(name)
            if found is not None:
                extract(found, entries)

    return _together([*own, descend])


def _over_step(step: Step, extract: Extractor) -> Extractor:
    if not step.many:
        return extract
    where, wanted = step.where
    first = step.first

    def each(values: Any, entries: Entries) -> None:
        for value in values:
            if value is not None:
                extract(value, entries)

    def some(values: Any, entries: Entries) -> None:
        for value in values[:1] if first else values:
            if value is not None and (not where or value.get(where) == wanted):
                extract(value, entries)

    return some if where or first else each


def _together(several: list[Extractor]) -> Extractor:
    if len(several) == 1:
        return several[0]
    extracts = tuple(several)

    def all_of(value: Any, entries: Entries) -> None:
        for extract in extracts:
            extract(value, entries)

    return all_of
