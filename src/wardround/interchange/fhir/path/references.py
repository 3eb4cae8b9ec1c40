"""FHIRPath and references: resolve(), the type a reference names, and SQL on FHIR's keys."""

import re
from typing import Any

from wardround.interchange.errors import PathFailed
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.path.nodes import EMPTY, FALSE, Node, Nodes, string, truth
from wardround.interchange.fhir.path.scope import Run, Scope
from wardround.interchange.fhir.path.types import is_kind_of, type_of_resource

_LITERAL = re.compile(r"(?:.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")
_CONDITIONAL = re.compile(r"(?:.*/)?(?P<type>[A-Z][A-Za-z]+)\?")


def resolve(focus: Nodes, _arguments: list[Nodes], scope: Scope) -> Nodes:
    """The resources that references, uris or canonicals name; what cannot be found is left out."""
    found: Nodes = []
    for node in focus:
        resource = _resolved(node, scope.run)
        if resource is not None:
            found.append(Node(resource, type_of_resource(resource)))
    return found


def resolves_to(focus: Nodes, wanted: str, scope: Scope) -> Nodes:
    """`resolve() is X`, from what the reference says about itself; it is resolved only where it says nothing."""
    if not focus:
        return EMPTY
    if len(focus) > 1:
        raise PathFailed(f"`is` needs one value and {len(focus)} came; use where(resolve() is ...).")
    node = focus[0]
    named = referenced_type(node)
    if named is None:
        resource = _resolved(node, scope.run)
        if resource is None:
            return FALSE
        named = type_of_resource(resource)
    return truth(is_kind_of(named, wanted))


def referenced_type(node: Node) -> str | None:
    """The resource type that a reference's text or `type` names; None where it names none."""
    text = _reference_text(node)
    if text is not None and not text.startswith(("#", "urn:")):
        match = _LITERAL.fullmatch(text) or _CONDITIONAL.match(text)
        if match is not None and match["type"] in resource_types():
            return match["type"]
    declared = node.value.get("type") if type(node.value) is dict else None
    return declared if declared in resource_types() else None


def resource_key(focus: Nodes, _arguments: list[Nodes], _scope: Scope) -> Nodes:
    """SQL on FHIR's getResourceKey(): the resource's id."""
    if len(focus) != 1 or type(focus[0].value) is not dict or not isinstance(focus[0].value.get("id"), str):
        return EMPTY
    return string(focus[0].value["id"])


def reference_keys(focus: Nodes, wanted: str | None) -> Nodes:
    """SQL on FHIR's getReferenceKey(type): the id a literal reference names, of the type wanted."""
    found: Nodes = []
    for node in focus:
        match = _LITERAL.fullmatch(_reference_text(node) or "")
        if match is not None and (wanted is None or is_kind_of(match["type"], wanted)):
            found.extend(string(match["id"]))
    return found


def _reference_text(node: Node) -> str | None:
    value = node.value.get("reference") if type(node.value) is dict else node.value
    return value if isinstance(value, str) else None


def _resolved(node: Node, run: Run) -> dict[str, Any] | None:
    text = _reference_text(node)
    if text is None:
        return None
    run.spend(1)
    if text.startswith("#"):
        return _contained(text[1:], run)
    resolver = run.context.resolver
    return None if resolver is None else resolver(text)


def _contained(name: str, run: Run) -> dict[str, Any] | None:
    container = run.root_resource
    if not isinstance(container, dict):
        return None
    if not name:
        return container
    held = container.get("contained")
    for resource in held if isinstance(held, list) else ():
        if isinstance(resource, dict) and resource.get("id") == name:
            return resource
    return None
