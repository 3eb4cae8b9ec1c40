"""A FHIR document as received, for the chart of the patient it is about."""

import base64
from collections.abc import Sequence
from typing import Any

Resource = dict[str, Any]


def document_reference(bundle: Resource, raw: bytes, resources: Sequence[Resource]) -> Resource | None:
    """The document byte for byte in a DocumentReference, so that it lies in the chart and goes with it.

    None where it says no patient or no name by which it would be known again. `resources` are those in it, as they will stand.
    """
    composition = next((each for each in resources if each["resourceType"] == "Composition"), {})
    subject = composition.get("subject")
    identifier, name = bundle.get("identifier"), bundle.get("id")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if not isinstance(reference, str) or not reference.startswith(("Patient/", "Patient?")):
        return None
    is_known = isinstance(identifier, dict) and isinstance(identifier.get("value"), str)
    if not is_known and not isinstance(name, str):
        return None
    attachment = {
        "contentType": "application/fhir+json",
        "data": base64.b64encode(raw.strip()).decode("ascii"),
        "title": composition.get("title"),
        "creation": composition.get("date"),
    }
    made = {
        "resourceType": "DocumentReference",
        "id": None if is_known else name,
        "masterIdentifier": identifier if is_known else None,
        "identifier": [identifier] if is_known else None,
        "status": "current",
        "type": composition.get("type"),
        "subject": {"reference": reference},
        "date": bundle.get("timestamp"),
        "content": [{"attachment": {field: value for field, value in attachment.items() if value}}],
    }
    return {field: value for field, value in made.items() if value}
