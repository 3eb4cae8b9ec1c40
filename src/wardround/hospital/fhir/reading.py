"""read and vread: one version by its address, byte for byte, or the part of it that was asked for."""

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse

from wardround.hospital.fhir.addresses import check_parameters, check_type, version_number
from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.preconditions import is_known
from wardround.hospital.fhir.responses import empty_response, etag, resource_response
from wardround.hospital.fhir.searching.asked import asked_of
from wardround.hospital.fhir.searching.subsetting import elements_of, summarised, with_elements
from wardround.hospital.records.addressed import Addressed, past, present
from wardround.web.audit.actor import Actor

_SHAPES: Collection[str] = ("_summary", "_elements")
_SUMMARIES = ("true", "text", "data", "false")


def read(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    check_type(type_name)
    check_parameters(request, known=_SHAPES)
    require_scope(actor, type_name=type_name, letter="r")
    found = present(actor, type_name, logical_id)
    if is_known(request, version=found.version.number, recorded=found.version.recorded):
        return empty_response(status=304, headers={"ETag": etag(found.version.number)})
    return _shaped(request, found, type_name=type_name)


def vread(request: HttpRequest, actor: Actor, type_name: str, logical_id: str, version: str) -> HttpResponse:
    check_type(type_name)
    check_parameters(request, known=_SHAPES)
    require_scope(actor, type_name=type_name, letter="r")
    return _shaped(request, past(actor, type_name, logical_id, number=version_number(version)), type_name=type_name)


def _shaped(request: HttpRequest, found: Addressed, *, type_name: str) -> HttpResponse:
    asked = asked_of(request)
    text = found.text or b""
    summary = next(iter(asked.values("_summary")), "false")
    if summary not in _SUMMARIES:
        raise FhirError(f"_summary of one resource is one of {', '.join(_SUMMARIES)}.", path="_summary")
    elements = elements_of(asked, types=(type_name,)).wanted(type_name, is_hit=True)
    if elements is not None:
        text = with_elements(text, elements=elements)
    elif summary != "false":
        text = summarised(text, summary=summary)
    return resource_response(text, version=found.version)
