"""An admission, its place written as HL7 messages write it: contained, the bed part of the ward."""

from typing import Any

_PLACE = "http://terminology.hl7.org/CodeSystem/location-physical-type"


def admission(patient_id: str, *, ward: str, bed: str, since: str) -> dict[str, Any]:
    """The visit of somebody who lies in this bed."""
    return {
        "resourceType": "Encounter",
        "contained": [
            {"resourceType": "Location", "id": "ward", "name": ward, "mode": "instance"},
            {
                "resourceType": "Location",
                "id": "bed",
                "name": bed,
                "mode": "instance",
                "physicalType": {"coding": [{"system": _PLACE, "code": "bd"}]},
                "partOf": {"reference": "#ward", "display": ward},
            },
        ],
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{patient_id}"},
        "period": {"start": since},
        "location": [
            {
                "location": {"reference": "#bed", "display": f"{bed}, {ward}"},
                "status": "active",
                "period": {"start": since},
            }
        ],
    }
