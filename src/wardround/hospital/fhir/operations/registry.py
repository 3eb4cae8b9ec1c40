"""Every operation that the interface serves, and where: the addresses and the CapabilityStatement are made from it."""

from django.urls import URLPattern, re_path

from wardround.hospital.fhir.endpoint import endpoint
from wardround.hospital.fhir.operations.everything import EVERYTHING
from wardround.hospital.fhir.operations.export import (
    EXPORT,
    EXPORT_FILE_ADDRESS,
    EXPORT_FILE_TYPES,
    EXPORT_GROUP,
    EXPORT_PATIENTS,
    EXPORT_STATUS_ADDRESS,
    cancel,
    file,
    status,
)
from wardround.hospital.fhir.operations.match import MATCH
from wardround.hospital.fhir.operations.operation import EVERY_TYPE, Operation
from wardround.hospital.fhir.operations.run_view import RUN_VIEW
from wardround.hospital.fhir.operations.summary import SUMMARY, SUMMARY_BY_IDENTIFIER
from wardround.hospital.fhir.operations.validate import VALIDATE, VALIDATE_INSTANCE

OPERATIONS: tuple[Operation, ...] = (
    EVERYTHING,
    EXPORT,
    EXPORT_GROUP,
    EXPORT_PATIENTS,
    MATCH,
    RUN_VIEW,
    SUMMARY,
    SUMMARY_BY_IDENTIFIER,
    VALIDATE,
    VALIDATE_INSTANCE,
)


def operation_addresses() -> list[URLPattern]:
    """They stand before the addresses of types and instances."""
    return [
        *(re_path(o.address, endpoint(o.handlers, media_types=o.media_types)) for o in OPERATIONS),
        re_path(EXPORT_STATUS_ADDRESS, endpoint({"GET": status, "DELETE": cancel})),
        re_path(EXPORT_FILE_ADDRESS, endpoint({"GET": file}, media_types=EXPORT_FILE_TYPES)),
    ]


def operations_of(type_name: str) -> list[dict[str, str]]:
    """(name, definition) of each operation on a type, as the CapabilityStatement lists them; "" for the whole system."""
    listed = {
        o.name: o.definition
        for o in OPERATIONS
        if o.type_name == type_name or (type_name and o.type_name == EVERY_TYPE)
    }
    return [{"name": name, "definition": definition} for name, definition in listed.items()]
