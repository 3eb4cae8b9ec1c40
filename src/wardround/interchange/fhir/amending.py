"""A resource that states only a part of what it is about, laid over what is stored of it.

What it does not state stays as it is stored. Lists are stated whole, except for those whose entries are known by something:
identifiers (system and value), extensions (address), contained resources (id) and the places of a visit.
"""

import re
from collections.abc import Iterable
from typing import Any

from wardround.interchange.draft import Amendment
from wardround.interchange.fhir.stays import stays_of

Resource = dict[str, Any]
# Elements of which R4 has several forms and allows one: stating one takes the others away.
_CHOICE = re.compile(
    r"_?(abatement|asNeeded|deceased|effective|medication|multipleBirth|occurrence|onset|performed|product|quantity"
    r"|statusReason|value)(?=[A-Z])",
    re.ASCII,
)
_STATED_BY_PARTS = ("period", "hospitalization")
_OWN = ("resourceType", "id", "meta")


def amended(stored: Resource, stated: Resource, *, amendment: Amendment) -> Resource:
    """The resource as it is from now on. Amended again by the same statement it stays as it is."""
    before = {name: part for name, part in stored.items() if name not in _OWN}
    before = _without(before, amendment.removed)
    told = {name: part for name, part in stated.items() if name not in ("resourceType", "id")}
    if amendment.yields:
        told = _only_new(told, before)
    for name in amendment.defaults & before.keys():
        told.pop(name, None)
    result: Resource = {"resourceType": stated["resourceType"]}
    if "meta" in told or "meta" in stored:
        result |= _meta(stored, told)
    said = {_root(name) for name in told}
    kept = {name: part for name, part in before.items() if name in told or _root(name) not in said}
    for name in (*kept, *(name for name in told if name not in kept)):
        result[name] = _part(name, kept.get(name), told.get(name), amendment=amendment)
    if stated["resourceType"] == "Encounter":
        _remember(result, before=before, at=amendment.at)
    return _tidied(result)


def _part(name: str, before: Any, told: Any, *, amendment: Amendment) -> Any:
    if told is None or before is None:
        return before if told is None else told
    if name == "identifier" and isinstance(told, list):
        return _united(before, told, key=("system", "value"))
    if name == "extension":
        urls = {one.get("url") for one in told}
        return [*(one for one in before if one.get("url") not in urls), *told]
    if name == "contained":
        return _united(before, told, key=("id",))
    if name == "location" and isinstance(told, list):  # the stays of a visit; a vaccination has one place
        return stays_of(before, told, undoes=amendment.undoes)
    return {**before, **told} if name in _STATED_BY_PARTS and isinstance(told, dict) else told


def _root(name: str) -> str:
    """What an element is a form of: valueString of value, _birthDate of birthDate."""
    choice = _CHOICE.match(name)
    return choice[1] if choice else name.removeprefix("_")


def _only_new(told: Resource, before: Resource) -> Resource:
    """What a statement that yields adds: the elements that are not there, and new identifiers of what is."""
    roots = {_root(name) for name in before}
    new = {name: part for name, part in told.items() if _root(name) not in roots}
    if "identifier" in before and isinstance(told.get("identifier"), list):
        new["identifier"] = told["identifier"]
    if "contained" in told:  # what the new elements refer to; what nothing refers to goes at the end
        new["contained"] = told["contained"]
    return new


def _without(resource: Resource, removed: Iterable[str]) -> Resource:
    """The resource without what is gone: an element ("telecom"), a part of one ("period.end"), or an extension (its address)."""
    left = dict(resource)
    for path in removed:
        if "://" in path or path.startswith("urn:"):
            left["extension"] = [one for one in left.get("extension", []) if one.get("url") != path]
            continue
        name, _dot, part = path.partition(".")
        if part:
            if isinstance(left.get(name), dict):
                left[name] = {k: v for k, v in left[name].items() if k.removeprefix("_") != part}
            continue
        left = {element: value for element, value in left.items() if _root(element) != name}
    return left


def _united(before: list[Resource], told: list[Resource], *, key: tuple[str, ...]) -> list[Resource]:
    """What is told in place of what it is known by, and what is not told after it."""
    names = [tuple(one.get(part) for part in key) for one in told]
    return [*told, *(one for one in before if tuple(one.get(part) for part in key) not in names)]


def _meta(stored: Resource, told: Resource) -> Resource:
    meta = {**stored.get("meta", {}), **told.pop("meta", {})}
    kept = {name: part for name, part in meta.items() if name not in ("versionId", "lastUpdated")}
    return {"meta": kept} if kept else {}


def _remember(encounter: Resource, *, before: Resource, at: str | None) -> None:
    """What the class and the status of a visit were until now (A06, A07, A13), where it is known when they changed."""
    if at is None:
        return
    for name, history in (("class", "classHistory"), ("status", "statusHistory")):
        was = before.get(name)
        if was is not None and was != encounter.get(name):
            encounter[history] = [*encounter.get(history, []), {name: was, "period": {"end": at}}]


def _tidied(resource: Resource) -> Resource:
    """Without what is empty, and without contained resources that nothing refers to any more."""
    filled = {name: part for name, part in resource.items() if part not in (None, "", [], {})}
    held = filled.get("contained")
    if held:
        used: set[str] = set()
        pending = _references([part for name, part in filled.items() if name != "contained"])
        by_id = {one["id"]: one for one in held}
        while pending:
            name = pending.pop()
            if name in by_id and name not in used:
                used.add(name)
                pending |= _references(by_id[name])
        filled["contained"] = [one for one in held if one["id"] in used]
        if not filled["contained"]:
            del filled["contained"]
    return filled


def _references(value: Any) -> set[str]:
    found: set[str] = set()
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            reference = one.get("reference")
            if isinstance(reference, str) and reference.startswith("#"):
                found.add(reference[1:])
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return found
