"""What a Binary is as protected as: the resource that its `securityContext` names (FHIR R4, Binary.securityContext)."""

from typing import Any

from wardround.interchange.fhir.literal_references import literal_reference

BINARY = "Binary"
CONTEXT = "securityContext"  # no search parameter: under this name the index has what it names
NOTHING_HERE = ("", "")  # it names something, which is no resource of this store


def security_context(resource: dict[str, Any]) -> tuple[str, str] | None:
    """(type, id) of what protects a Binary; `NOTHING_HERE` where it cannot be here, None where it names nothing."""
    context = resource.get(CONTEXT) if resource.get("resourceType") == BINARY else None
    if not context:
        return None
    return literal_reference(context.get("reference")) or NOTHING_HERE
