"""What a table of one version's elements is written in: each rule says where an element's value stands in R4."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.definitions import type_rule

Value = Any
Rule = Callable[[Value, "Place"], None]
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


class NoPlaceInR4(Unreadable):
    """An element has no lossless place in R4."""


@dataclass
class Place:
    """Where an element is on its way to: the R4 object that is being made, and what to say when there is no place."""

    type: str
    element: str
    version: str
    made: dict[str, Any]

    def put(self, name: str, value: Value) -> None:
        """Set an element that stands once."""
        if name in self.made:
            self.refuse(f"{name} of R4 is taken by another element already")
        self.made[name] = value

    def add(self, name: str, *values: Value) -> None:
        """Add to an element that repeats."""
        if values:
            self.made.setdefault(name, []).extend(values)

    def keep(self, value_name: str, value: Value, *, beside: str = "") -> None:
        """Keep a value in the extension that FHIR defines for elements of another version (versions.html, "Extensions")."""
        number = {"R5": "5.0", "STU3": "3.0"}[self.version]
        url = f"http://hl7.org/fhir/{number}/StructureDefinition/extension-{self.type}.{self.element}"
        extension = {"url": url, value_name: value}
        if beside:
            self.made.setdefault(f"_{beside}", {}).setdefault("extension", []).append(extension)
        else:
            self.made.setdefault("extension", []).append(extension)

    def refuse(self, why: str = "") -> NoReturn:
        reason = why or "R4 has no element for it"
        raise NoPlaceInR4(
            f"This is FHIR {self.version}, and {self.type}.{self.element} cannot be brought to R4 without loss: {reason}."
        )


@dataclass(frozen=True)
class Table:
    """One type's elements that are not the same in R4; `finish` sees the whole when all elements are placed."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    becomes: str = ""  # the R4 type, where it has another name
    finish: Callable[[Place], None] | None = None


SAME = Table()


def converted(resource: Mapping[str, Any], table: Table, *, version: str, type_name: str) -> dict[str, Any]:
    """The R4 object; raises NoPlaceInR4. What no rule names is the same in R4, or has no place there."""
    r4_type = table.becomes or type_name
    elements = type_rule(r4_type).elements
    made: dict[str, Any] = {"resourceType": r4_type}
    for name, value in resource.items():
        place = Place(type_name, name, version, made)
        if name == "resourceType":
            continue
        if name == "extension" and isinstance(value, list):
            place.add(name, *value)
        elif name in table.rules:
            _apply(table.rules[name], value, place)
        elif name in elements or (name.startswith("_") and name[1:] in elements and name[1:] not in table.rules):
            if name.startswith("_") and name in made:
                made[name] = {"extension": made[name]["extension"]} | dict(value) if isinstance(value, dict) else value
            else:
                place.put(name, value)
        elif name.startswith("_") and isinstance(table.rules.get(name[1:]), _Renamed):
            place.put(f"_{table.rules[name[1:]].to}", value)  # type: ignore[attr-defined]
        else:
            place.refuse()
    if table.finish is not None:
        table.finish(Place(type_name, "", version, made))
    return made


def _apply(rule: Rule, value: Value, place: Place) -> None:
    try:
        rule(value, place)
    except (AttributeError, TypeError, KeyError, IndexError):  # a rule reads what its version promises
        place.refuse(f"it has not the form that FHIR {place.version} gives it")


@dataclass(frozen=True)
class _Renamed:
    to: str

    def __call__(self, value: Value, place: Place) -> None:
        place.put(self.to, value)


def renamed(to: str) -> Rule:
    """The same value under another name."""
    return _Renamed(to)


def refused(why: str = "") -> Rule:
    return lambda _value, place: place.refuse(why)


def codes(known: Mapping[str, str], *, loses: tuple[str, ...] = (), to: str = "") -> Rule:
    """A code by another name; of those that `loses` names, the original is kept beside."""

    def rule(value: Value, place: Place) -> None:
        place.put(to or place.element, known.get(value, value) if isinstance(value, str) else value)
        if value in loses:
            place.keep("valueCode", value, beside=to or place.element)

    return rule


def kept(value_name: str) -> Rule:
    """Kept in the extension for another version's elements."""

    def rule(value: Value, place: Place) -> None:
        for each in value if isinstance(value, list) else [value]:
            place.keep(value_name, each)

    return rule


def one_of_many(to: str = "") -> Rule:
    """A list of which R4 takes one."""

    def rule(value: Value, place: Place) -> None:
        if isinstance(value, list) and len(value) > 1:
            place.refuse("R4 takes one of them")
        place.put(to or place.element, value[0] if isinstance(value, list) and value else value)

    return rule


def many(to: str = "") -> Rule:
    """One value where R4 takes a list."""
    return lambda value, place: place.add(to or place.element, *(value if isinstance(value, list) else [value]))


def concept_or_reference(*, concept: str = "", reference: str = "", many: bool = True) -> Rule:
    """A CodeableReference (or a list of them): its concept stands in one element of R4, its reference in another."""

    def rule(value: Value, place: Place) -> None:
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict) or not item or item.keys() - {"concept", "reference"}:
                place.refuse("only a concept and a reference have a place there")
            if not many and len(item) > 1:
                place.refuse("R4 takes a code or a reference, and it has both")
            for part, to in (("concept", concept), ("reference", reference)):
                if part not in item:
                    continue
                if not to:
                    place.refuse(f"R4 takes no {part} there")
                elif many:
                    place.add(to, item[part])
                else:
                    place.put(to, item[part])

    return rule


def parts(rules: Mapping[str, Rule], *, to: str = "", many: bool = True) -> Rule:
    """A backbone element (or a list of them), part by part; parts without a rule are the same in R4."""

    def rule(value: Value, place: Place) -> None:
        made = []
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                place.refuse("it is an object")
            inner: dict[str, Any] = {}
            for name, part in item.items():
                within = Place(f"{place.type}.{place.element}", name, place.version, inner)
                rules.get(name, _the_same)(part, within)
            made.append(inner)
        if many:
            place.add(to or place.element, *made)
        else:
            place.put(to or place.element, made[0])

    return rule


def _the_same(value: Value, place: Place) -> None:
    place.put(place.element, value)


def inside(name: str, to: str) -> Callable[[Value, Place], None]:
    """The value stands as a part of another R4 element: Encounter.hospitalization.dietPreference."""

    def rule(value: Value, place: Place) -> None:
        outer = place.made.setdefault(name, {})
        if to in outer:
            place.refuse(f"{name}.{to} of R4 is taken already")
        outer[to] = value

    return rule
