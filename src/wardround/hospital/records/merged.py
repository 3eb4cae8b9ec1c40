"""What a Patient says of a merge: `active` and `link`, added to what was received, and taken away again."""

from typing import Any

REPLACED_BY, REPLACES = "replaced-by", "replaces"  # http://hl7.org/fhir/link-type


def as_retired(resource: dict[str, Any], *, survivor: str) -> dict[str, Any]:
    """The same Patient as one that is kept under another id."""
    return {**with_link(resource, patient_id=survivor, kind=REPLACED_BY), "active": False}


def with_link(resource: dict[str, Any], *, patient_id: str, kind: str) -> dict[str, Any]:
    """With this link, once; the others stay where they are."""
    links = resource.get("link", [])
    if any(_is_link(link, patient_id=patient_id, kind=kind) for link in links):
        return resource
    return {**resource, "link": [*links, {"other": {"reference": f"Patient/{patient_id}"}, "type": kind}]}


def without_link(resource: dict[str, Any], *, patient_id: str, kind: str) -> dict[str, Any]:
    """Without this link; an empty list of links goes with it."""
    links = [link for link in resource.get("link", []) if not _is_link(link, patient_id=patient_id, kind=kind)]
    rest = {name: value for name, value in resource.items() if name != "link"}
    return {**rest, "link": links} if links else rest


def _is_link(link: Any, *, patient_id: str, kind: str) -> bool:
    return (
        isinstance(link, dict)
        and link.get("type") == kind
        and isinstance(link.get("other"), dict)
        and link["other"].get("reference") == f"Patient/{patient_id}"
    )


def redirected(value: Any, survivors: dict[str, str]) -> Any:
    """The same with every literal reference to one of these patients turned to who is kept."""
    if isinstance(value, dict):
        return {
            name: _reference(item, survivors) if name == "reference" else redirected(item, survivors)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [redirected(item, survivors) for item in value]
    return value


def _reference(reference: Any, survivors: dict[str, str]) -> Any:
    if not isinstance(reference, str):
        return redirected(reference, survivors)
    type_name, _slash, rest = reference.partition("/")
    # A reference to a version names one of the retired record, which the survivor's chart does not have.
    survivor = survivors.get(rest.partition("/_history/")[0]) if type_name == "Patient" else None
    return f"Patient/{survivor}" if survivor else reference
