"""The addresses of the FHIR interface, below /fhir/R4/."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from wardround.hospital.fhir.descriptions import metadata, openapi
from wardround.hospital.fhir.endpoint import endpoint
from wardround.hospital.fhir.errors import UnknownAddress
from wardround.hospital.fhir.interactions import interaction_addresses
from wardround.hospital.fhir.operations.registry import operation_addresses
from wardround.web.audit.actor import Actor


def _nowhere(request: HttpRequest, actor: Actor, rest: str) -> HttpResponse:  # noqa: ARG001 - every handler is called alike
    raise UnknownAddress("There is nothing at this address. GET metadata says what there is.")


urlpatterns = [
    path("metadata", endpoint({"GET": metadata}, is_public=True), name="fhir-metadata"),
    *operation_addresses(),
    path("openapi.json", endpoint({"GET": openapi}, is_public=True), name="fhir-openapi"),
    *interaction_addresses(),
    re_path(
        r"^(?P<rest>(?s:.*))\Z",
        endpoint(dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), _nowhere)),
        name="fhir-nowhere",
    ),
]
