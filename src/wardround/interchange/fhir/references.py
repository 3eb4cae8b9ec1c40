"""Does a Reference point where it may: to a resource type that its element allows, and to something contained that exists?"""

import re
from typing import Any

from wardround.interchange.fhir.definitions import resource_types

_LITERAL = re.compile(r"(?:https?://.+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?.+")


def reference_fault(value: dict[str, Any], *, root: dict[str, Any], targets: frozenset[str]) -> str | None:
    """The sentence that says what would be right instead, or None. `root` is the resource that contains others.

    What the reference itself does not tell (a urn:uuid, an identifier, a resource of another kind of server) may be
    anything.
    """
    text, said = value.get("reference"), value.get("type")
    said = said if isinstance(said, str) and said in resource_types() else None
    named = None
    if isinstance(text, str):
        if text.startswith("#") and text != "#":
            held = _contained(text[1:], root)
            if held is None:
                return "Rule ref-1: the reference names a contained resource by its id; no contained resource has this one."
            named = held.get("resourceType")
        elif text == "#":
            named = root.get("resourceType")
        elif (match := _LITERAL.fullmatch(text) or _CONDITIONAL.fullmatch(text)) and match[1] in resource_types():
            named = match[1]
    # A contained resource says its type itself, and may say anything; a sentence repeats only what is a type.
    named = named if isinstance(named, str) and named in resource_types() else None
    if said is not None and named is not None and said != named:
        return "reference and type name different resource types; type says what reference points to."
    target = named or said
    if target is None or not targets or target in targets:
        return None
    return f"The reference points to {_one_of(targets)}, not to {target}."


def _contained(name: str, root: dict[str, Any]) -> dict[str, Any] | None:
    held = root.get("contained")
    for resource in held if isinstance(held, list) else ():
        if isinstance(resource, dict) and resource.get("id") == name:
            return resource
    return None


def _one_of(targets: frozenset[str]) -> str:
    *others, last = sorted(targets)
    return f"{', '.join(others)} or {last}" if others else last
