"""The CapabilityStatement, made from what the interface serves."""

from importlib.metadata import version
from typing import Any

import orjson
from django.conf import settings
from django.utils import timezone

from wardround.hospital.fhir.parameters import served_types
from wardround.hospital.fhir.responses import MEDIA_TYPE
from wardround.interchange.fhir.search_parameters import parameters_of

INTERACTIONS = ("read", "vread", "update", "history-instance", "create", "search-type")


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
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": False,
                    "description": "Authorization: Bearer TOKEN of a backend client, or the session of a person.",
                },
                "resource": [_of_type(type_name) for type_name in served_types()],
            }
        ],
    }
    return orjson.dumps(document)


def _of_type(type_name: str) -> dict[str, Any]:
    return {
        "type": type_name,
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": False,
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchParam": [
            {"name": one.code, "definition": one.url, "type": one.type} for one in parameters_of(type_name).values()
        ],
    }
