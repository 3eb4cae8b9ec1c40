"""The distilled FHIR R4 definitions (definitions.json) as rules per type, made ready when first asked for."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

RESOURCE = "Resource"


@dataclass(frozen=True, slots=True)
class ValueSet:
    """The codes of a required binding, all of them; `allowed` is the sentence part that names them."""

    url: str
    codes: frozenset[str]
    by_system: dict[str, frozenset[str]]

    @property
    def allowed(self) -> str:
        codes = sorted(self.codes)
        if len(codes) <= 12:
            return "one of " + ", ".join(codes)
        return f"a code of {self.url}"


@dataclass(frozen=True, slots=True)
class ElementRule:
    """One JSON element of a type: a choice such as value[x] has one rule for each of its names."""

    name: str
    type: str  # a primitive, a complex type, "Resource", or the path of a backbone element
    is_primitive: bool
    minimum: int
    many: bool
    choice: str  # "value[x]" for valueQuantity, else ""
    binding: ValueSet | None
    unlisted: str  # the value set of a required binding whose codes the definitions do not list, else ""
    targets: frozenset[str]  # the resource types that a Reference may point to; empty for any
    is_simple: bool  # a SimpleQuantity: no comparator
    defined_as: str  # "RiskAssessment.prediction.probability[x]", under which element rules are published


@dataclass(frozen=True, slots=True)
class TypeRule:
    elements: dict[str, ElementRule]
    required: tuple[tuple[str, tuple[str, ...]], ...]  # (name to show, the JSON names of which one must be there)


@cache
def _file() -> dict[str, Any]:
    text = resources.files("wardround.interchange.fhir").joinpath("definitions.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def resource_types() -> frozenset[str]:
    """The 146 resource types of R4 that can be instantiated."""
    return frozenset(_file()["resource_types"])


@cache
def primitive_types() -> frozenset[str]:
    return frozenset(_file()["primitives"])


@cache
def value_set(url: str) -> ValueSet:
    """A required value set by its canonical address without version; raises KeyError for one that is not held."""
    systems = {system: frozenset(codes) for system, codes in _file()["value_sets"][url].items()}
    return ValueSet(url=url, codes=frozenset().union(*systems.values()), by_system=systems)


@cache
def type_rule(name: str) -> TypeRule:
    """The rule of a resource type, complex type or backbone path; raises KeyError for an unknown name."""
    definition = _file()["types"][name]
    elements: dict[str, ElementRule] = {}
    required: list[tuple[str, tuple[str, ...]]] = []
    if definition["base"]:
        inherited = type_rule(definition["base"])
        elements |= inherited.elements
        required += inherited.required
    for element, rule in definition["elements"].items():
        own = _element_rules(element, rule, of=name)
        elements |= {r.name: r for r in own}
        if rule.get("min"):
            required.append((element, tuple(r.name for r in own)))
    return TypeRule(elements=elements, required=tuple(required))


def type_at(path: str) -> str:
    """The type of the element at "Encounter.location[1].period.start"; "" for none that R4 has."""
    found, *names = re.sub(r"\[\d+\]", "", path).split(".")
    for name in names:
        try:
            rule = type_rule(found).elements.get(name)
        except KeyError:
            return ""
        if rule is None:
            return ""
        found = rule.type
    return found


def _element_rules(element: str, rule: dict[str, Any], *, of: str) -> list[ElementRule]:
    is_choice = element.endswith("[x]")
    stem = element.removesuffix("[x]")
    return [
        ElementRule(
            name=stem + type_name[0].upper() + type_name[1:] if is_choice else stem,
            type=RESOURCE if type_name in resource_types() else type_name,
            is_primitive=type_name in primitive_types(),
            minimum=rule.get("min", 0),
            many=rule.get("many", False),
            choice=element if is_choice else "",
            binding=value_set(rule["binding"]) if "binding" in rule else None,
            unlisted=rule.get("unlisted", ""),
            targets=frozenset(rule.get("targets", ())) if type_name == "Reference" else frozenset(),
            is_simple=rule.get("simple", False),
            defined_as=f"{of}.{element}",
        )
        for type_name in rule["types"]
    ]
