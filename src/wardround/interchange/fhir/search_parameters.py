"""The published search parameters of FHIR R4 and its patient compartment, from the distilled file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_paths import leaves

ParameterType = Literal["token", "string", "date", "reference", "quantity", "number", "uri", "composite"]

_ADDRESS = "http://hl7.org/fhir/SearchParameter/"
_ANY = "*"
# A token of one of these names a person, or may: an identifier, a telephone number, a text.
_IDENTIFYING = frozenset({"Identifier", "ContactPoint", "string"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a composite: another parameter of the type, and where its values lie from where the composite does."""

    code: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One published parameter of one type."""

    code: str
    type: ParameterType
    url: str  # canonical address of the definition
    targets: frozenset[str] = frozenset()  # of a reference: the types it may point to
    paths: tuple[str, ...] = ()  # distilled; see scripts/distil_search_parameters.py
    parts: tuple[Part, ...] = ()
    is_identifying: bool = False  # a token that is indexed by its keyed hash
    implied_systems: frozenset[str] = frozenset()  # of a plain code: its systems, which are understood and not stored

    @property
    def components(self) -> tuple[str, ...]:
        """Of a composite: the code of the parameter that each part is, in the order in which a search writes them."""
        return tuple(part.code for part in self.parts)


@cache
def parameters_of(type_name: str) -> Mapping[str, SearchParameter]:
    """The parameters of a type by code, those of every resource (`_id`, `_lastUpdated`, ...) among them.

    What is searched otherwise than by values (`_text`, `_content`, `_query`, `_list`, `_has`, `near`) is not here.
    Raises KeyError for what is no resource type.
    """
    found = {}
    for base in ("Resource", type_name):
        for code, own in _file()["types"][base].items():
            found[code] = _parameter(type_name, base, code, own)
    return MappingProxyType(found)


@cache
def compartment_parameters(type_name: str) -> tuple[str, ...]:
    """By which parameters a resource of this type is in a patient's compartment (CompartmentDefinition "patient")."""
    return tuple(_file()["patient_compartment"].get(type_name, ()))


@cache
def compartment_types() -> frozenset[str]:
    """The types that may be in a patient's compartment."""
    return frozenset(_file()["patient_compartment"])


def _parameter(type_name: str, base: str, code: str, own: dict[str, Any]) -> SearchParameter:
    targets = own.get("targets", "")
    paths = tuple(own["paths"])
    found = [leaf for path in paths for leaf in leaves(type_name, path)] if own["type"] == "token" else []
    return SearchParameter(
        code=code,
        type=own["type"],
        url=_ADDRESS + own.get("url", f"{base}-{code}"),
        targets=resource_types() if targets == _ANY else frozenset(targets.split()),
        paths=paths,
        parts=tuple(Part(part[0], tuple(part[1:])) for part in own.get("parts", ())),
        is_identifying=any(leaf.type in _IDENTIFYING for leaf in found),
        implied_systems=frozenset(system for leaf in found for system in leaf.systems),
    )


@cache
def _file() -> dict[str, Any]:
    text = resources.files("wardround.interchange.fhir").joinpath("search_parameters.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
