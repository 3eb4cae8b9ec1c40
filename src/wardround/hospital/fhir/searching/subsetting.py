"""_elements and _summary: a resource with some of its elements, marked SUBSETTED; the stored text stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.searching.asked import Asked
from wardround.interchange.fhir.definitions import resource_types, type_rule
from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.summary import required_elements, summary_of

# What is asked for by no name and is always there.
_ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "Resource encoded in summary mode",
}


@dataclass(frozen=True)
class Elements:
    """The elements asked for: of every hit, and of single types."""

    of_hits: frozenset[str] = frozenset()
    of_type: dict[str, frozenset[str]] = field(default_factory=dict)

    def wanted(self, type_name: str, *, is_hit: bool) -> frozenset[str] | None:
        """None where nothing was asked for, so that the whole resource is meant."""
        named = self.of_type.get(type_name, frozenset())
        wanted = named | self.of_hits if is_hit else named
        return wanted or None


def elements_of(asked: Asked, *, types: Sequence[str]) -> Elements:
    """Raises `FhirError` for an element that the type does not have."""
    of_hits: set[str] = set()
    of_type: dict[str, set[str]] = {}
    for name in (part.strip() for value in asked.values("_elements") for part in value.split(",")):
        first, dot, rest = name.partition(".")
        if dot and first in resource_types():
            of_type.setdefault(first, set()).update(_json_names((first,), rest))
        else:
            of_hits.update(_json_names(types, name))
    return Elements(frozenset(of_hits), {t: frozenset(names) for t, names in of_type.items()})


def with_elements(text: bytes, *, elements: frozenset[str]) -> bytes:
    """Only these elements, and those without which the resource would not be valid."""
    resource = loads(text)
    return _subset(resource, kept=elements | required_elements(resource["resourceType"]))


def summarised(text: bytes, *, summary: str) -> bytes:
    """`true`: the summary; `text`: the narrative and what must be there; `data`: all but the narrative."""
    if summary == "text":
        return with_elements(text, elements=frozenset({"text"}))
    resource = loads(text)
    if summary == "true":
        return _marked(summary_of(resource))
    return _subset(resource, kept=frozenset(resource) - {"text"})


def _subset(resource: dict[str, Any], *, kept: frozenset[str]) -> bytes:
    names = kept | _ALWAYS
    part = {name: value for name, value in resource.items() if name in names or name.removeprefix("_") in names}
    return _marked(part)


def _marked(part: dict[str, Any]) -> bytes:
    meta = part.get("meta", {})
    tags = [tag for tag in meta.get("tag", []) if tag.get("code") != SUBSETTED["code"]]
    part["meta"] = {**meta, "tag": [*tags, SUBSETTED]}
    return dumps(part)


def _json_names(types: Sequence[str], name: str) -> set[str]:
    """value[x], or value, is every valueQuantity, valueString, ..."""
    found = set()
    for type_name in types:
        for element, rule in type_rule(type_name).elements.items():
            if name in {element, rule.choice, rule.choice.removesuffix("[x]")} and name:
                found.add(element)
    if not found:
        raise FhirError(f"_elements names elements at the top of {types[0]}; one of these is none.", path="_elements")
    return found
