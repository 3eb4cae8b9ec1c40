"""A JSON Patch inside a Bundle: a Binary with its media type and, in base64, its text (R4, "Patch in Batch")."""

import base64
import binascii
from typing import Any

from wardround.hospital.fhir.bodies import JSON_PATCH
from wardround.hospital.fhir.bundle_entries import BundleEntry


def is_json_patch(resource: Any) -> bool:
    return (
        isinstance(resource, dict)
        and resource.get("resourceType") == "Binary"
        and resource.get("contentType") == JSON_PATCH
    )


def patch_text(entry: BundleEntry) -> bytes:
    """Raises `FhirError` for what is no such Binary."""
    data = entry.resource.get("data") if is_json_patch(entry.resource) else None
    try:
        return base64.b64decode(data, validate=True)  # type: ignore[arg-type]
    except (TypeError, ValueError, binascii.Error):
        sentence = f"A patch is a Binary with contentType {JSON_PATCH} and, as base64 in data, a JSON Patch."
        raise entry.refused(sentence, at="resource") from None
