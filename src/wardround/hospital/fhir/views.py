"""The FHIR interactions: each reads its address, asks the records, and answers stored text."""

import re

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.capabilities import capability_statement
from wardround.hospital.fhir.endpoint import body_of
from wardround.hospital.fhir.errors import FhirError, UnknownAddress
from wardround.hospital.fhir.openapi import openapi_document
from wardround.hospital.fhir.parameters import served_types
from wardround.hospital.fhir.responses import (
    bundle,
    etag,
    fhir_response,
    history_entry,
    resource_response,
)
from wardround.hospital.records.actions.resources import create_resource, update_resource
from wardround.hospital.records.addressed import history_of, past, present
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import Actor

_IF_MATCH = re.compile(r'(?:W/)?"(\d{1,9})"')


def metadata(request: HttpRequest) -> HttpResponse:
    return fhir_response(capability_statement(_base(request)))


def openapi(request: HttpRequest) -> HttpResponse:
    """Open as metadata is: it says the same, holds no patient data, and an app reads it before it has a token."""
    document = openapi_document(orjson.loads(capability_statement(_base(request))))
    return HttpResponse(orjson.dumps(document), content_type="application/json")


def create(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    _check_type(type_name)
    require_scope(actor, type_name=type_name, letter="c")
    resource = _resource_of(request, type_name=type_name)
    stored = create_resource({**resource, "id": "assigned-by-the-server"}, by=actor)
    return _written(request, actor, type_name, logical_id=stored.logical_id, status=201)


def read(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    _check_type(type_name)
    require_scope(actor, type_name=type_name, letter="r")
    found = present(actor, type_name, logical_id)
    if etag(found.version.number) in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": etag(found.version.number)})
    return resource_response(found.text or b"", version=found.version)


def update(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    _check_type(type_name)
    require_scope(actor, type_name=type_name, letter="u")
    stored = update_resource(
        _resource_of(request, type_name=type_name),
        type_name=type_name,
        logical_id=logical_id,
        by=actor,
        expected_version=_expected_version(request),
    )
    status = 201 if stored.change == "created" else 200
    return _written(request, actor, type_name, logical_id=logical_id, status=status)


def vread(
    request: HttpRequest,  # noqa: ARG001 - every handler is called alike
    actor: Actor,
    type_name: str,
    logical_id: str,
    version: str,
) -> HttpResponse:
    _check_type(type_name)
    require_scope(actor, type_name=type_name, letter="r")
    if not (version.isascii() and version.isdecimal()) or len(version) > 9:
        raise UnknownAddress("A version is a whole number, for example 1.")
    found = past(actor, type_name, logical_id, number=int(version))
    return resource_response(found.text or b"", version=found.version)


def history(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    _check_type(type_name)
    require_scope(actor, type_name=type_name, letter="r")
    versions = history_of(actor, type_name, logical_id)
    base = _base(request)
    entries = [history_entry(base, version=one.version, text=one.text) for one in versions]
    links = [("self", f"{base}/{type_name}/{logical_id}/_history")]
    return fhir_response(bundle("history", total=len(versions), links=links, entries=entries))


def nowhere(request: HttpRequest, actor: Actor, rest: str) -> HttpResponse:  # noqa: ARG001 - every handler is called alike
    raise UnknownAddress("There is nothing at this address. GET metadata says what there is.")


def _check_type(type_name: str) -> None:
    if type_name not in served_types():
        raise UnknownAddress("There is no such type here. GET metadata lists those that there are.")


def _resource_of(request: HttpRequest, *, type_name: str) -> dict[str, object]:
    resource = loads(body_of(request))
    if not isinstance(resource, dict):
        raise FhirError("Send one resource, a JSON object.", path=type_name)
    if resource.get("resourceType") != type_name:
        raise FhirError(f"The address says {type_name}; the resource must be one.", path="resourceType")
    return resource


def _expected_version(request: HttpRequest) -> int | None:
    header = request.headers.get("If-Match", "").strip()
    if not header:
        return None
    match = _IF_MATCH.fullmatch(header)
    if match is None:
        raise FhirError('If-Match is the ETag that a read gave, for example W/"3".', path="If-Match")
    return int(match[1])


def _written(request: HttpRequest, actor: Actor, type_name: str, *, logical_id: str, status: int) -> HttpResponse:
    found = present(actor, type_name, logical_id)
    response = resource_response(found.text or b"", version=found.version, status=status)
    response.headers["Location"] = f"{_base(request)}/{type_name}/{logical_id}/_history/{found.version.number}"
    return response


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("fhir-metadata")).removesuffix("/metadata")
