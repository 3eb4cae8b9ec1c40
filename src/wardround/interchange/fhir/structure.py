"""Is this a FHIR R4 resource? Elements, cardinality, types, one-of choices, required bindings, reference targets, rules."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from wardround.interchange.fhir.bindings import code_fault, concept_fault, is_bound
from wardround.interchange.fhir.containment import containment_problems, narrative_missing
from wardround.interchange.fhir.definitions import RESOURCE, ElementRule, TypeRule, resource_types, type_rule
from wardround.interchange.fhir.invariants import Invariant, invariants_at, invariants_of
from wardround.interchange.fhir.path.scope import Context
from wardround.interchange.fhir.periods import ends_before_it_starts
from wardround.interchange.fhir.primitives import CHECKS, Check, primitive_problem
from wardround.interchange.fhir.problems import Code, Problem
from wardround.interchange.fhir.references import reference_fault

__all__ = ["MAX_PROBLEMS", "Problem", "check", "check_with_warnings"]

MAX_PROBLEMS = 50
MAX_DEPTH = 64
_ELEMENT_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,40}")


@dataclass(frozen=True, slots=True)
class _Element:
    """An element's rule with all that is looked at on its values, found once."""

    rule: ElementRule
    fault_of: Check | None  # of a primitive
    is_bound: bool
    is_list: bool
    choice: str
    invariants: tuple[Invariant, ...]


@dataclass(frozen=True, slots=True)
class _Type:
    """A type's elements by their JSON names, and the rules on each of its values."""

    rule: TypeRule
    elements: dict[str, _Element]
    invariants: tuple[Invariant, ...]

    def shadowed(self, name: str) -> ElementRule | None:
        """The primitive element beside which this name stands: birthDate for _birthDate."""
        element = self.elements.get(name[1:]) if name[:1] == "_" else None
        return element.rule if element is not None and element.fault_of is not None else None


@cache
def _type(name: str) -> _Type:
    rule = type_rule(name)
    elements = {
        element.name: _Element(
            rule=element,
            fault_of=CHECKS[element.type] if element.is_primitive else None,
            is_bound=is_bound(element),
            is_list=element.many,
            choice=element.choice,
            invariants=invariants_at(element.defined_as),
        )
        for element in rule.elements.values()
    }
    return _Type(rule, elements, invariants_of(name))


def check(resource: Any) -> list[Problem]:
    """What keeps a resource from being FHIR R4; empty when nothing does. At most MAX_PROBLEMS are listed.

    Profiles are not looked at, nor whether what a reference names exists (but for contained resources).
    """
    return _found(resource, with_warnings=False)


def check_with_warnings(resource: Any) -> list[Problem]:
    """As `check`, with what the standard only advises as problems of severity warning."""
    return _found(resource, with_warnings=True)


def _found(resource: Any, *, with_warnings: bool) -> list[Problem]:
    problems: list[Problem] = []
    _check_resource(resource, "", _Place(problems, with_warnings=with_warnings), 0, within=None)
    return problems[:MAX_PROBLEMS]


@dataclass(slots=True)
class _Place:
    """Which resource is being looked at, which one contains it, and what has been found so far."""

    problems: list[Problem]
    with_warnings: bool
    resource: dict[str, Any] = field(default_factory=dict)
    root: dict[str, Any] = field(default_factory=dict)
    context: Context | None = None

    def add(self, path: str, sentence: str, code: Code) -> None:
        self.problems.append(Problem(path, sentence, code))


def _check_resource(resource: Any, path: str, place: _Place, depth: int, *, within: dict[str, Any] | None) -> None:
    """`within` is the resource that contains this one; an entry of a Bundle stands for itself."""
    if not isinstance(resource, dict):
        place.add(path or "resource", "A resource is a JSON object.", "structure")
        return
    type_name = resource.get("resourceType")
    if not isinstance(type_name, str) or type_name not in resource_types():
        at = f"{path}.resourceType" if path else "resourceType"
        place.add(at, "The resourceType is not one of FHIR R4; write for example Patient or Observation.", "structure")
        return
    root = resource if within is None else within
    inner = _Place(place.problems, with_warnings=place.with_warnings, resource=resource, root=root)
    _check_object(resource, type_name, path or type_name, inner, depth, is_resource=True)
    if within is None and "contained" in resource:
        place.problems.extend(containment_problems(resource, path or type_name))
    if place.with_warnings and within is None and "text" in type_rule(type_name).elements:
        missing = narrative_missing(resource, path or type_name)
        place.problems.extend([missing] if missing is not None else [])


def _check_object(
    value: Any, type_name: str, path: str, place: _Place, depth: int, *, is_resource: bool = False
) -> None:
    if not isinstance(value, dict):
        place.add(path, f"This is a JSON object of type {type_name}.", "structure")
        return
    if not value:
        place.add(path, "An empty object says nothing; leave the element out.", "structure")
        return
    if depth > MAX_DEPTH:
        place.add(path, f"The resource is nested more than {MAX_DEPTH} levels deep.", "structure")
        return
    before = len(place.problems)
    of_type = _type(type_name)
    _check_members(value, of_type, type_name, path, place, depth, is_resource=is_resource)
    if len(place.problems) > MAX_PROBLEMS:
        return
    _check_required(value, of_type.rule, type_name, path, place)
    if len(place.problems) == before:  # the rules are about resources of the right shape
        _check_rules(value, of_type, type_name, path, place, is_resource=is_resource)


def _check_members(
    value: dict[str, Any], of_type: _Type, type_name: str, path: str, place: _Place, depth: int, *, is_resource: bool
) -> None:
    chosen: dict[str, str] = {}
    for name, content in value.items():
        element = of_type.elements.get(name)
        if element is not None:
            if element.choice:
                _check_choice(element.rule, chosen, path, place)
            _check_element(content, element, f"{path}.{name}", place, depth)
        elif (shadowed := of_type.shadowed(name)) is not None:
            _check_choice(shadowed, chosen, path, place)
            _check_shadow(content, value.get(name[1:]), shadowed, f"{path}.{name}", place, depth)
        elif not (is_resource and name == "resourceType"):
            _unknown(name, type_name, path, place)
        if len(place.problems) > MAX_PROBLEMS:
            return


def _check_rules(
    value: dict[str, Any], of_type: _Type, type_name: str, path: str, place: _Place, *, is_resource: bool
) -> None:
    if not is_resource and len(value) == 1 and "id" in value:
        place.add(path, "Rule ele-1: an element has a value or parts, not only an id; leave it out.", "invariant")
    elif type_name == "Extension":
        has_value = any(name.startswith(("value", "_value")) for name in value)
        if ("extension" in value) == has_value:
            place.add(path, "Rule ext-1: an extension has a value or extensions of its own, and not both.", "invariant")
    elif type_name == "Period" and ends_before_it_starts(value):
        place.add(path, "Rule per-1: a period does not end before it starts.", "invariant")
    if of_type.invariants:
        _check_invariants(value, of_type.invariants, type_name, path, place)


def _check_invariants(value: Any, invariants: tuple[Invariant, ...], type_name: str, path: str, place: _Place) -> None:
    for invariant in invariants:
        if (invariant.severity == "warning" and not place.with_warnings) or invariant.is_settled(value):
            continue
        if place.context is None:
            place.context = Context(resource=place.resource, root_resource=place.root)
        if invariant.is_broken(value, type_name=type_name, context=place.context):
            place.problems.append(Problem(path, invariant.sentence, "invariant", invariant.severity))


def _check_required(value: dict[str, Any], rule: TypeRule, type_name: str, path: str, place: _Place) -> None:
    for shown, names in rule.required:
        if not any(name in value or f"_{name}" in value for name in names):
            place.add(f"{path}.{shown}", f"{type_name} needs {shown}; it is missing.", "required")


def _unknown(name: str, type_name: str, path: str, place: _Place) -> None:
    if _ELEMENT_NAME.fullmatch(name) is None:
        sentence = f"{type_name} has an element whose name FHIR does not know; names are letters only."
        place.add(path, sentence, "structure")
        return
    sentence = f"{type_name} has no element {name} in FHIR R4; remove it or use an extension."
    place.add(f"{path}.{name}", sentence, "structure")


def _check_choice(element: ElementRule, chosen: dict[str, str], path: str, place: _Place) -> None:
    if not element.choice:
        return
    other = chosen.setdefault(element.choice, element.name)
    if other != element.name:
        sentence = f"{other} and {element.name} are both there; {element.choice} is one of them."
        place.add(f"{path}.{element.choice}", sentence, "structure")


def _check_element(content: Any, element: _Element, path: str, place: _Place, depth: int) -> None:
    is_list = isinstance(content, list)
    if is_list != element.is_list:
        name = element.rule.name
        once = f"{name} stands once, not in a list."
        wrong = once if is_list else f"{name} may repeat, so it is a list, also when there is one."
        place.add(path, wrong, "structure")
    elif is_list:
        _check_list(content, element, path, place, depth)
    else:
        _check_value(content, element, path, place, depth)


def _check_list(content: list[Any], element: _Element, path: str, place: _Place, depth: int) -> None:
    if not content:
        place.add(path, "An empty list says nothing; leave the element out.", "structure")
    for index, item in enumerate(content):
        if item is None and element.fault_of is not None:
            continue  # the place of a value that is only said in the _element
        _check_value(item, element, f"{path}[{index}]", place, depth)
        if len(place.problems) > MAX_PROBLEMS:
            return


def _check_value(value: Any, element: _Element, path: str, place: _Place, depth: int) -> None:
    rule = element.rule
    if element.fault_of is not None:
        fault = element.fault_of(value)
        if fault is not None:
            place.add(path, f"{rule.name} {fault}.", "value")
        elif element.is_bound and (wrong := code_fault(value, rule)):
            place.add(path, wrong, "code-invalid")
        elif element.invariants:
            _check_invariants(value, element.invariants, rule.type, path, place)
    elif rule.type == RESOURCE:
        contained = rule.name == "contained"
        _check_resource(value, path, place, depth + 1, within=place.root if contained else None)
    else:
        before = len(place.problems)
        _check_object(value, rule.type, path, place, depth + 1)
        if len(place.problems) == before:
            _check_as_this_element(value, element, path, place)


def _check_as_this_element(value: dict[str, Any], element: _Element, path: str, place: _Place) -> None:
    """What is asked of a well-formed value because of where it stands."""
    rule = element.rule
    if element.is_bound and (wrong := concept_fault(value, rule)):
        place.add(path, wrong, "code-invalid")
    if rule.type == "Reference":
        fault = reference_fault(value, root=place.root, targets=rule.targets)
        if fault is not None:
            place.add(path, fault, "invariant" if fault.startswith("Rule") else "value")
    elif rule.is_simple and "comparator" in value:
        place.add(path, "Rule sqty-1: this quantity is exact; leave the comparator out.", "invariant")
    if element.invariants:
        _check_invariants(value, element.invariants, rule.type, path, place)


def _check_shadow(content: Any, values: Any, element: ElementRule, path: str, place: _Place, depth: int) -> None:
    """The _element beside a primitive: its id and extensions."""
    if not element.many:
        _check_beside(content, values, path, place, depth)
        return
    if not isinstance(content, list) or not content:
        place.add(path, f"_{element.name} is a list, as {element.name} is.", "structure")
        return
    beside = values if isinstance(values, list) else [None] * len(content)
    if len(beside) != len(content):
        sentence = f"_{element.name} and {element.name} are lists of the same length; use null for a gap."
        place.add(path, sentence, "structure")
        return
    for index, (item, value) in enumerate(zip(content, beside, strict=True)):
        if item is not None:
            _check_beside(item, value, f"{path}[{index}]", place, depth)


def _check_beside(content: Any, value: Any, path: str, place: _Place, depth: int) -> None:
    if value is not None and isinstance(content, dict) and len(content) == 1 and "id" in content:
        # An id alone is enough beside a value.
        if primitive_problem(content["id"], type_name="string") is not None:
            place.add(f"{path}.id", "An element's id is a text.", "value")
        return
    _check_object(content, "Element", path, place, depth + 1)
