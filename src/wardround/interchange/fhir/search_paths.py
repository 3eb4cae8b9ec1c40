"""Where a search parameter's values lie in a type's JSON: a distilled path resolved against the definitions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wardround.interchange.fhir.definitions import ElementRule, type_rule

_STEP = re.compile(
    r"(?P<name>\w+)"
    r"(?:\[(?P<where>\w+)=(?P<value>[\w-]+)\])?"
    r"(?P<first>\[0\])?"
    r"(?::(?P<as_type>\w+))?"
    r"(?:@(?P<target>\w+))?"
    r"(?P<is_true>\?)?"
)


@dataclass(frozen=True, slots=True)
class Step:
    """From an object to what stands under one JSON name."""

    name: str
    many: bool
    where: tuple[str, str] = ("", "")  # only elements with this value under this name
    first: bool = False  # only the first element of a list


@dataclass(frozen=True, slots=True)
class Leaf:
    """Values of one FHIR type that a parameter finds."""

    steps: tuple[Step, ...]
    type: str  # "CodeableConcept", "dateTime", "Reference", ..., "Resource"
    target: str = ""  # of references: only those to this type
    is_true: bool = False  # the value is there and is not false
    systems: tuple[str, ...] = ()  # of a plain code: the code systems of its required value set


def leaves(type_name: str, path: str) -> tuple[Leaf, ...]:
    """The places where a distilled path finds values; a choice such as value[x] is one for each of its types."""
    return tuple(_leaves(type_name, path.split("."), ()))


def _leaves(type_name: str, texts: list[str], before: tuple[Step, ...]) -> Iterator[Leaf]:
    match = _STEP.fullmatch(texts[0])
    if match is None:
        raise ValueError(texts[0])
    for rule in _rules(type_name, match["name"], as_type=match["as_type"] or ""):
        where = (match["where"], match["value"]) if match["where"] else ("", "")
        steps = (*before, Step(rule.name, rule.many, where, first=match["first"] is not None))
        if len(texts) > 1:
            yield from _leaves(rule.type, texts[1:], steps)
        else:
            yield Leaf(
                steps,
                rule.type,
                target=match["target"] or "",
                is_true=match["is_true"] is not None,
                systems=tuple(rule.binding.by_system) if rule.binding and rule.type == "code" else (),
            )


def _rules(type_name: str, name: str, *, as_type: str) -> list[ElementRule]:
    elements = type_rule(type_name).elements
    rules = [elements[name]] if name in elements else [r for r in elements.values() if r.choice == f"{name}[x]"]
    if not rules:
        raise KeyError(f"{type_name}.{name}")
    return [rule for rule in rules if as_type in {"", rule.type}]
