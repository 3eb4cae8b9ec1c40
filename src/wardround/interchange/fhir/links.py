"""Links inside a resource: references, addresses and what a narrative points to, each replaced where it stands."""

import re
from collections.abc import Callable
from typing import Any, Literal

from wardround.interchange.fhir.definitions import resource_types, type_rule

Kind = Literal["reference", "address"]  # Reference.reference, or an address of any other kind
Replacing = Callable[[str, Kind], str]  # the link that shall stand there
_ADDRESSES = frozenset({"uri", "url", "oid", "uuid", "canonical"})
_IN_NARRATIVE = re.compile(r"""(\s(?:href|src)\s*=\s*)("|')([^"'<>]*)\2""", re.IGNORECASE)


def with_links(resource: dict[str, Any], *, replacing: Replacing) -> dict[str, Any]:
    """The same resource, element order and numbers as they were; a Bundle inside keeps its own links."""
    type_name = resource.get("resourceType")
    if not isinstance(type_name, str) or type_name not in resource_types() or type_name == "Bundle":
        return resource
    return _object(resource, type_name=type_name, replacing=replacing)


def _object(value: dict[str, Any], *, type_name: str, replacing: Replacing) -> dict[str, Any]:
    rules = type_rule(type_name).elements
    result = {}
    for name, item in value.items():
        if name in rules:
            kind = "reference" if type_name == "Reference" and name == "reference" else rules[name].type
            result[name] = _element(item, type_name=kind, replacing=replacing)
        elif name.startswith("_") and name[1:] in rules:
            result[name] = _element(item, type_name="Element", replacing=replacing)
        else:
            result[name] = item
    return result


def _element(item: Any, *, type_name: str, replacing: Replacing) -> Any:
    if isinstance(item, list):
        return [_element(one, type_name=type_name, replacing=replacing) for one in item]
    if isinstance(item, str):
        if type_name == "reference":
            return replacing(item, "reference")
        if type_name in _ADDRESSES:
            return replacing(item, "address")
        return _narrative(item, replacing=replacing) if type_name == "xhtml" else item
    if isinstance(item, dict):
        if "resourceType" in item:
            return with_links(item, replacing=replacing)
        try:
            return _object(item, type_name=type_name, replacing=replacing)
        except KeyError:  # no such type: the structure is checked elsewhere, and refused there
            return item
    return item


def _narrative(div: str, *, replacing: Replacing) -> str:
    return _IN_NARRATIVE.sub(lambda m: f"{m[1]}{m[2]}{replacing(m[3], 'address')}{m[2]}", div)
