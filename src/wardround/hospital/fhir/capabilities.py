"""The CapabilityStatement, made from what the interface serves."""

from importlib.metadata import version
from typing import Any

import orjson
from django.conf import settings
from django.utils import timezone

from wardround.hospital.fhir.bodies import JSON_PATCH
from wardround.hospital.fhir.interactions import INTERACTIONS, codes_of
from wardround.hospital.fhir.operations.registry import operations_of
from wardround.hospital.fhir.responses import MEDIA_TYPE
from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_parameters import parameters_of


def capability_statement(base: str) -> bytes:
    """What this server can do, in FHIR's own form."""
    document: dict[str, Any] = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": timezone.now().date().isoformat(),
        "kind": "instance",
        "software": {"name": "Wardround", "version": version("wardround")},
        "implementation": {"description": settings.HOME.name, "url": base},
        "fhirVersion": "4.0.1",
        "format": [MEDIA_TYPE, "json"],
        "patchFormat": [JSON_PATCH],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": False,
                    "description": "Authorization: Bearer TOKEN of a backend client, or the session of a person.",
                },
                "resource": [_of_type(type_name) for type_name in sorted(resource_types())],
                "interaction": [{"code": code} for code in codes_of(("system",))],
                **_operations(""),
            }
        ],
    }
    return orjson.dumps(document)


def _of_type(type_name: str) -> dict[str, Any]:
    return {
        "type": type_name,
        "interaction": [{"code": code} for code in codes_of(("instance", "type"))],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": _is_conditional("update"),
        "conditionalDelete": "single" if _is_conditional("delete") else "not-supported",
        "referencePolicy": ["literal", "logical", "resolves", "local"],
        "searchParam": [
            {"name": one.code, "definition": one.url, "type": one.type} for one in parameters_of(type_name).values()
        ],
        **_operations(type_name),
    }


def _operations(type_name: str) -> dict[str, Any]:
    """Empty where there is none: FHIR has no empty lists."""
    operations = operations_of(type_name)
    return {"operation": operations} if operations else {}


def _is_conditional(code: str) -> bool:
    return any(one.code == code and one.is_conditional for one in INTERACTIONS)
