"""The summary of a resource: the elements that FHIR R4 marks isSummary, and those that must be there."""

import json
from functools import cache
from importlib import resources
from typing import Any

from wardround.interchange.fhir.definitions import type_rule

# Said in every part where they stand: a summary must not change what a resource means.
_ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})


def summary_of(resource: dict[str, Any]) -> dict[str, Any]:
    """The same resource with the elements of its summary; inside a data type nothing is left out."""
    return _pruned(resource, path=resource["resourceType"])


def required_elements(path: str) -> frozenset[str]:
    """The JSON names of what a type must have."""
    return frozenset(name for _shown, names in type_rule(path).required for name in names)


def _pruned(value: dict[str, Any], *, path: str) -> dict[str, Any]:
    kept, rule = _kept(path), type_rule(path)
    found = {}
    for name, item in value.items():
        if name.removeprefix("_") not in kept:
            continue
        element = rule.elements.get(name)
        is_part = element is not None and element.type in _summaries()
        if element is not None and is_part:
            parts = [_pruned(one, path=element.type) for one in (item if isinstance(item, list) else [item])]
            said = [part for part in parts if part]  # an empty object says nothing
            if said:
                found[name] = said if isinstance(item, list) else said[0]
        else:
            found[name] = item
    return found


@cache
def _kept(path: str) -> frozenset[str]:
    marked = frozenset(_summaries()[path])
    rule = type_rule(path)
    named = {name for name, element in rule.elements.items() if name in marked or element.choice in marked}
    return frozenset(named) | required_elements(path) | _ALWAYS


@cache
def _summaries() -> dict[str, list[str]]:
    text = resources.files("wardround.interchange.fhir").joinpath("summary_elements.json").read_text("utf-8")
    elements: dict[str, list[str]] = json.loads(text)["elements"]
    return elements
