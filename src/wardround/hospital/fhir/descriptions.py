"""What the interface says of itself: the CapabilityStatement and the OpenAPI document. Both are open to everybody."""

from django.http import HttpRequest, HttpResponse

from wardround.hospital.fhir.capabilities import capability_statement
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.openapi import openapi_text
from wardround.hospital.fhir.responses import base_of, fhir_response


def metadata(request: HttpRequest) -> HttpResponse:
    if request.GET.get("mode", "full") not in {"full", "normative"}:
        raise FhirError("This is no terminology server. Leave mode out, or say mode=full.", path="mode")
    return fhir_response(capability_statement(base_of(request)))


def openapi(request: HttpRequest) -> HttpResponse:
    """Open as metadata is: it says the same, holds no patient data, and an app reads it before it has a token."""
    text = openapi_text(capability_statement(base_of(request)))
    return HttpResponse(text, content_type="application/json")
