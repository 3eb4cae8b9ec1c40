"""The rules on resources inside a resource, dom-2 to dom-6."""

from typing import Any

from wardround.interchange.fhir.problems import Problem


def containment_problems(resource: dict[str, Any], path: str) -> list[Problem]:
    """What is wrong with the contained resources of this one (FHIR R4, domainresource.html)."""
    held = resource.get("contained")
    if not isinstance(held, list):
        return []
    found: list[Problem] = []
    named = _local_references(resource)
    for index, inner in enumerate(held):
        if not isinstance(inner, dict):
            continue
        at = f"{path}.contained[{index}]"
        if "contained" in inner:
            found.append(_broken(f"{at}.contained", "dom-2: a contained resource contains none; move it one level up"))
        name = inner.get("id")
        if not (isinstance(name, str) and f"#{name}" in named) and "#" not in _local_references(inner):
            sentence = "dom-3: a contained resource is referred to from the resource around it, or refers to it by #"
            found.append(_broken(at, sentence))
        meta = inner.get("meta")
        if isinstance(meta, dict):
            if "versionId" in meta or "lastUpdated" in meta:
                sentence = "dom-4: a contained resource has no version of its own; leave versionId and lastUpdated out"
                found.append(_broken(f"{at}.meta", sentence))
            if "security" in meta:
                sentence = "dom-5: a contained resource has no security labels; put them on the resource around it"
                found.append(_broken(f"{at}.meta.security", sentence))
    return found


def narrative_missing(resource: dict[str, Any], path: str) -> Problem | None:
    """dom-6, a warning: people should be able to read a resource without a program."""
    text = resource.get("text")
    if isinstance(text, dict) and "div" in text:
        return None
    sentence = "Rule dom-6: a resource should have a narrative (text.div), so that people can read it."
    return Problem(path, sentence, code="invariant", severity="warning")


def _broken(path: str, sentence: str) -> Problem:
    return Problem(path, f"Rule {sentence}.", code="invariant")


def _local_references(resource: dict[str, Any]) -> set[str]:
    """Every text that begins with #, as references and canonicals to contained resources do."""
    found: set[str] = set()
    pending: list[Any] = [resource]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if item.startswith("#"):
                found.add(item)
        elif isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return found
