"""A value with its FHIR type as an expression meets it, and the way from an element to the ones below."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from wardround.interchange.fhir.definitions import RESOURCE
from wardround.interchange.fhir.path.types import (
    UNKNOWN,
    Field,
    fields,
    guessed_fields,
    guessed_type,
    type_of_resource,
)

_EXTENSION = Field("extension", "Extension", is_primitive=False)
_ID = Field("id", "string", is_primitive=True)


class Node:
    """One item of a collection.

    `value` is JSON as parsed (None for a primitive that has extensions only), `type` the FHIR type ("HumanName",
    "code", "Patient.contact") or FHIRPath's own ("System.String"), `extra` what stands beside a primitive (`_birthDate`).
    """

    __slots__ = ("extra", "type", "value")

    def __init__(self, value: Any, type_name: str, extra: dict[str, Any] | None = None) -> None:
        self.value = value
        self.type = type_name
        self.extra = extra

    def __repr__(self) -> str:
        return f"Node({self.type})"  # the value may be a patient's


Nodes = list[Node]
EMPTY: Nodes = []
TRUE: Nodes = [Node(True, "System.Boolean")]  # noqa: FBT003
FALSE: Nodes = [Node(False, "System.Boolean")]  # noqa: FBT003


def truth(answer: bool | None) -> Nodes:  # noqa: FBT001
    """A three-valued answer as a collection: None is empty."""
    if answer is None:
        return EMPTY
    return TRUE if answer else FALSE


def string(value: str) -> Nodes:
    return [Node(value, "System.String")]


def integer(value: int) -> Nodes:
    return [Node(value, "System.Integer")]


def decimal(value: Decimal) -> Nodes:
    return [Node(value, "System.Decimal")]


def node_of(value: Any, type_name: str = UNKNOWN) -> Node:
    """A value from outside as a node; its type is read off where none is given."""
    if isinstance(value, Node):
        return value
    return Node(value, type_name or guessed_type(value))


def children(node: Node, name: str) -> Iterable[Node]:
    """The elements of this name directly below a node."""
    value = node.value
    if type(value) is not dict:
        return _beside(node, name)
    places = fields(node.type).get(name)
    if places is None:
        places = guessed_fields(value, name)
    if len(places) == 1:
        place = places[0]
        if not place.is_primitive:
            below = value.get(place.key)
            return _complex(below, place.type) if below is not None else ()
        return _primitives(value, place)
    found: Nodes = []
    for place in places:
        if place.key in value or "_" + place.key in value:
            found.extend(_at(value, place))
    return found


def all_children(node: Node) -> Nodes:
    """Every element directly below a node, in the order of its JSON."""
    value = node.value
    if type(value) is not dict:
        return [*_beside(node, "id"), *_beside(node, "extension")]
    by_key = {place.key: place for places in fields(node.type).values() for place in places}
    found: Nodes = []
    for key in value:
        name = key.removeprefix("_")
        if name == "resourceType" or (key != name and name in value):
            continue
        place = by_key.get(name) or Field(name, UNKNOWN, is_primitive=True)
        found.extend(_at(value, place))
    return found


def _at(value: dict[str, Any], place: Field) -> Iterable[Node]:
    if place.is_primitive:
        return _primitives(value, place)
    below = value.get(place.key)
    return _complex(below, place.type) if below is not None else ()


def _complex(below: Any, type_name: str) -> Nodes:
    items = below if type(below) is list else [below]
    if type_name == RESOURCE:
        return [Node(item, type_of_resource(item) if isinstance(item, dict) else UNKNOWN) for item in items]
    return [Node(item, type_name) for item in items if item is not None]


def _primitives(value: dict[str, Any], place: Field) -> Nodes:
    """A primitive's values, each with what stands beside it under the name with an underscore."""
    below = value.get(place.key)
    extra = value.get("_" + place.key)
    if extra is None:
        items = below if type(below) is list else (below,)
        return [Node(item, place.type or guessed_type(item)) for item in items if item is not None]
    below = below if type(below) is list else [below]
    beside = extra if type(extra) is list else [extra]
    count = max(len(below), len(beside))
    below = below + [None] * (count - len(below))
    beside = beside + [None] * (count - len(beside))
    return [
        Node(item, place.type or guessed_type(item), more if isinstance(more, dict) else None)
        for item, more in zip(below, beside, strict=True)
        if item is not None or more is not None
    ]


def _beside(node: Node, name: str) -> Nodes:
    if node.extra is None:
        return EMPTY
    if name == "extension":
        return list(_at(node.extra, _EXTENSION))
    return list(_at(node.extra, _ID)) if name == "id" else EMPTY
