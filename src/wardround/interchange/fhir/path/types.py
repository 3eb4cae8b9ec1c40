"""FHIR's and FHIRPath's types: what is a kind of what, and how a type's elements stand in JSON."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from wardround.interchange.errors import NotFHIRPath
from wardround.interchange.fhir.definitions import RESOURCE, primitive_types, resource_types, type_rule

# The kinds of value that FHIRPath itself computes with (N1 section 5.5; FHIR R4, fhirpath.html: FHIR types convert).
_KINDS = {
    "boolean": ("boolean", "System.Boolean"),
    "number": ("integer", "positiveInt", "unsignedInt", "decimal", "System.Integer", "System.Decimal"),
    "string": (
        *("string", "code", "id", "markdown", "uri", "url", "canonical", "oid", "uuid", "base64Binary", "xhtml"),
        "System.String",
    ),
    "date": ("date", "dateTime", "instant", "System.Date", "System.DateTime"),
    "time": ("time", "System.Time"),
    "quantity": ("Quantity", "Age", "Count", "Distance", "Duration", "System.Quantity"),
}
KIND = {name: kind for kind, names in _KINDS.items() for name in names}
_PARENT = {
    "code": "string", "id": "string", "markdown": "string",
    "url": "uri", "canonical": "uri", "oid": "uri", "uuid": "uri",
    "positiveInt": "integer", "unsignedInt": "integer",
    "Age": "Quantity", "Count": "Quantity", "Distance": "Quantity", "Duration": "Quantity",
}  # fmt: skip
_NOT_DOMAIN = frozenset({"Bundle", "Binary", "Parameters"})
_SYSTEM = frozenset({"Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity"})
_ABSTRACT = frozenset({"Resource", "DomainResource", "Element", "BackboneElement"})
UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One JSON name under which an element may stand."""

    key: str
    type: str
    is_primitive: bool


@lru_cache(maxsize=2048)
def fields(type_name: str) -> dict[str, tuple[Field, ...]]:
    """The elements of a type by FHIRPath's names (a choice is `value`, not `valueString`); empty for unknown types."""
    try:
        rules = type_rule(type_name).elements.values()
    except KeyError:
        return {}
    found: dict[str, tuple[Field, ...]] = {}
    for rule in rules:
        name = rule.choice.removesuffix("[x]") if rule.choice else rule.name
        found[name] = (*found.get(name, ()), Field(rule.name, rule.type, rule.is_primitive))
    return found


@cache
def _choice_types() -> tuple[tuple[str, str], ...]:
    """(ending of the JSON name, type) of what value[x] may hold, for elements that the definitions do not know."""
    return tuple((field.key.removeprefix("value"), field.type) for field in fields("Extension")["value"])


def guessed_fields(value: dict[str, Any], name: str) -> tuple[Field, ...]:
    """Where an element that the definitions do not know may stand in a value: by its own name or as a choice."""
    if name in value or "_" + name in value:
        return (Field(name, UNKNOWN, is_primitive=True),)
    return tuple(
        Field(name + ending, type_name, type_name in primitive_types())
        for ending, type_name in _choice_types()
        if name + ending in value
    )


def guessed_type(value: object) -> str:
    """The type of a JSON value of which nothing is known."""
    if isinstance(value, dict):
        return type_of_resource(value)
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "decimal" if isinstance(value, Decimal | float) else "string"


def type_of_resource(value: dict[str, Any]) -> str:
    """What a resource says it is; UNKNOWN for what says nothing."""
    name = value.get("resourceType")
    return name if isinstance(name, str) else UNKNOWN


@lru_cache(maxsize=4096)
def is_kind_of(type_name: str, wanted: str) -> bool:
    """Is a value of this type one of `wanted` (from `wanted_type`)?"""
    if wanted == RESOURCE:
        return type_name in resource_types()
    if wanted == "DomainResource":
        return type_name in resource_types() and type_name not in _NOT_DOMAIN
    if wanted == "Element":
        return type_name not in resource_types() and not type_name.startswith("System.")
    if wanted == "BackboneElement":
        return "." in type_name and not type_name.startswith("System.")
    if wanted == "Quantity" and type_name == "System.Quantity":
        return True
    current: str | None = type_name
    while current is not None:
        if current == wanted:
            return True
        current = _PARENT.get(current)
    return False


@cache
def _type_names() -> frozenset[str]:
    return frozenset(resource_types() | primitive_types() | _ABSTRACT | _PARENT.keys())


@lru_cache(maxsize=1024)
def wanted_type(name: str) -> str:
    """The type that an expression names: FHIR's first, then System's; raises NotFHIRPath for a name of none."""
    if name.startswith("FHIR."):
        name = name.removeprefix("FHIR.")
        known = is_fhir_type(name)
    elif name.startswith("System."):
        known = name.removeprefix("System.") in _SYSTEM
    elif is_fhir_type(name):
        known = True
    else:
        known = name in _SYSTEM
        name = "System." + name
    if not known:
        raise NotFHIRPath(f'"{name.removeprefix("System.")[:60]}" is no type of FHIR R4 or FHIRPath.')
    return name


def is_fhir_type(name: str) -> bool:
    """Is this a resource type, a data type or a primitive of FHIR R4?"""
    return name in _type_names() or bool(fields(name))
