"""Is this a FHIR R4 resource? Elements, cardinality, types, one-of choices and required bindings."""

import re
from dataclasses import dataclass
from typing import Any

from wardround.interchange.fhir.definitions import RESOURCE, ElementRule, TypeRule, ValueSet, resource_types, type_rule
from wardround.interchange.fhir.primitives import primitive_problem

MAX_PROBLEMS = 50
MAX_DEPTH = 64
_ELEMENT_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,40}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (a FHIRPath such as "Patient.name[0].given[1]") and a sentence without patient data."""

    path: str
    sentence: str


def check(resource: Any) -> list[Problem]:
    """What keeps a resource from being FHIR R4 as far as structure and required bindings go; empty when nothing does.

    At most MAX_PROBLEMS are listed. Invariants, reference targets and profiles are not looked at here.
    """
    problems: list[Problem] = []
    _check_resource(resource, "", problems, 0)
    return problems[:MAX_PROBLEMS]


def _check_resource(resource: Any, path: str, problems: list[Problem], depth: int) -> None:
    if not isinstance(resource, dict):
        problems.append(Problem(path or "resource", "A resource is a JSON object."))
        return
    type_name = resource.get("resourceType")
    if not isinstance(type_name, str) or type_name not in resource_types():
        at = f"{path}.resourceType" if path else "resourceType"
        problems.append(
            Problem(at, "The resourceType is not one of FHIR R4; write for example Patient or Observation.")
        )
        return
    _check_object(resource, type_name, path or type_name, problems, depth, is_resource=True)


def _check_object(
    value: Any, type_name: str, path: str, problems: list[Problem], depth: int, *, is_resource: bool = False
) -> None:
    if not isinstance(value, dict):
        problems.append(Problem(path, f"This is a JSON object of type {type_name}."))
        return
    if not value:
        problems.append(Problem(path, "An empty object says nothing; leave the element out."))
        return
    if depth > MAX_DEPTH:
        problems.append(Problem(path, f"The resource is nested more than {MAX_DEPTH} levels deep."))
        return
    rule = type_rule(type_name)
    chosen: dict[str, str] = {}
    for name, content in value.items():
        element = rule.elements.get(name)
        shadowed = rule.elements.get(name[1:]) if element is None and name[:1] == "_" else None
        if element is not None:
            _check_choice(element, chosen, path, problems)
            _check_element(content, element, f"{path}.{name}", problems, depth)
        elif shadowed is not None and shadowed.is_primitive:
            _check_choice(shadowed, chosen, path, problems)
            _check_shadow(content, value.get(name[1:]), shadowed, f"{path}.{name}", problems, depth)
        elif not (is_resource and name == "resourceType"):
            problems.append(_unknown(name, type_name, path))
        if len(problems) > MAX_PROBLEMS:
            return
    _check_required(value, rule, type_name, path, problems)


def _check_required(value: dict[str, Any], rule: TypeRule, type_name: str, path: str, problems: list[Problem]) -> None:
    for shown, names in rule.required:
        if not any(name in value or f"_{name}" in value for name in names):
            problems.append(Problem(f"{path}.{shown}", f"{type_name} needs {shown}; it is missing."))


def _unknown(name: str, type_name: str, path: str) -> Problem:
    if _ELEMENT_NAME.fullmatch(name) is None:
        return Problem(path, f"{type_name} has an element whose name FHIR does not know; names are letters only.")
    return Problem(f"{path}.{name}", f"{type_name} has no element {name} in FHIR R4; remove it or use an extension.")


def _check_choice(element: ElementRule, chosen: dict[str, str], path: str, problems: list[Problem]) -> None:
    if not element.choice:
        return
    other = chosen.setdefault(element.choice, element.name)
    if other != element.name:
        sentence = f"{other} and {element.name} are both there; {element.choice} is one of them."
        problems.append(Problem(f"{path}.{element.choice}", sentence))


def _check_element(content: Any, element: ElementRule, path: str, problems: list[Problem], depth: int) -> None:
    if not element.many:
        if isinstance(content, list):
            problems.append(Problem(path, f"{element.name} stands once, not in a list."))
        else:
            _check_value(content, element, path, problems, depth)
        return
    if not isinstance(content, list):
        problems.append(Problem(path, f"{element.name} may repeat, so it is a list, also when there is one."))
        return
    if not content:
        problems.append(Problem(path, "An empty list says nothing; leave the element out."))
    for index, item in enumerate(content):
        if item is None and element.is_primitive:
            continue  # the place of a value that is only said in the _element
        _check_value(item, element, f"{path}[{index}]", problems, depth)
        if len(problems) > MAX_PROBLEMS:
            return


def _check_value(value: Any, element: ElementRule, path: str, problems: list[Problem], depth: int) -> None:
    if element.is_primitive:
        fault = primitive_problem(value, type_name=element.type)
        if fault is not None:
            problems.append(Problem(path, f"{element.name} {fault}."))
        elif element.binding is not None and value not in element.binding.codes:
            problems.append(Problem(path, f"{element.name} is {element.binding.allowed}."))
    elif element.type == RESOURCE:
        _check_resource(value, path, problems, depth + 1)
    else:
        _check_object(value, element.type, path, problems, depth + 1)
        if element.binding is not None and isinstance(value, dict):
            _check_bound(value, element, element.binding, path, problems)


def _check_bound(
    value: dict[str, Any], element: ElementRule, binding: ValueSet, path: str, problems: list[Problem]
) -> None:
    if element.type == "Coding":
        codings: Any = [value]
    elif element.type == "CodeableConcept":
        codings = value.get("coding", [])
    else:
        return
    if not isinstance(codings, list) or (not codings and "extension" in value):
        return
    if not any(_is_in(coding, binding) for coding in codings if isinstance(coding, dict)):
        systems = " or ".join(binding.by_system)
        problems.append(Problem(path, f"{element.name} has a coding of {systems} that is {binding.allowed}."))


def _is_in(coding: dict[str, Any], binding: ValueSet) -> bool:
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        return False
    return code in binding.by_system.get(system, ())


def _check_shadow(
    content: Any, values: Any, element: ElementRule, path: str, problems: list[Problem], depth: int
) -> None:
    """The _element beside a primitive: its id and extensions."""
    if not element.many:
        _check_object(content, "Element", path, problems, depth + 1)
        return
    if not isinstance(content, list) or not content:
        problems.append(Problem(path, f"_{element.name} is a list, as {element.name} is."))
        return
    if isinstance(values, list) and len(values) != len(content):
        problems.append(
            Problem(path, f"_{element.name} and {element.name} are lists of the same length; use null for a gap.")
        )
    for index, item in enumerate(content):
        if item is not None:
            _check_object(item, "Element", f"{path}[{index}]", problems, depth + 1)
