"""create, update, patch and delete, also conditional: each reads its address, headers and body, and answers what was done."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from wardround.hospital.fhir.addresses import check_parameters, check_type, condition_of
from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.bodies import JSON_PATCH, body_of, json_of
from wardround.hospital.fhir.errors import FhirError, UnsupportedMediaType
from wardround.hospital.fhir.preconditions import precondition_of
from wardround.hospital.fhir.preferences import done_outcome, preferred_return, written_response
from wardround.hospital.fhir.responses import base_of, empty_response, etag, fhir_response
from wardround.hospital.fhir.searching.matching import matching_ids
from wardround.hospital.identity.entry import look_after_storing
from wardround.hospital.records.actions.conditional import (
    Matching,
    create_unless_there,
    delete_matching,
    patch_matching,
    update_matching,
)
from wardround.hospital.records.actions.resources import (
    create_resource,
    delete_resource,
    patch_resource,
    update_resource,
)
from wardround.hospital.records.actions.writing import Stored
from wardround.interchange.fhir.json_patch import apply_patch
from wardround.web.audit.actor import Actor

_STATUS: Mapping[str, int] = {"created": 201, "updated": 200, "unchanged": 200}


def create(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    _check(request, actor, type_name, letter="c")
    check_parameters(request)
    resource = _resource_of(request, type_name=type_name)
    condition = request.headers.get("If-None-Exist", "").strip()
    if condition:
        matching = _matching(request, actor, type_name, condition)
        stored = create_unless_there(resource, by=actor, matching=matching)
    else:
        stored = create_resource(resource, by=actor)
    return _written(request, actor, stored)


def update(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    _check(request, actor, type_name, letter="u")
    check_parameters(request)
    stored = update_resource(
        _resource_of(request, type_name=type_name),
        type_name=type_name,
        logical_id=logical_id,
        by=actor,
        only_if=precondition_of(request),
    )
    return _written(request, actor, stored)


def update_conditional(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    _check(request, actor, type_name, letter="u")
    resource = _resource_of(request, type_name=type_name)
    matching = _matching(request, actor, type_name, condition_of(request))
    stored = update_matching(resource, by=actor, matching=matching, only_if=precondition_of(request))
    return _written(request, actor, stored)


def patch(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    _check(request, actor, type_name, letter="u")
    check_parameters(request)
    stored = patch_resource(
        _patch_of(request), type_name=type_name, logical_id=logical_id, by=actor, only_if=precondition_of(request)
    )
    return _written(request, actor, stored)


def patch_conditional(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    _check(request, actor, type_name, letter="u")
    patched = _patch_of(request)
    matching = _matching(request, actor, type_name, condition_of(request))
    only_if = precondition_of(request)
    return _written(
        request, actor, patch_matching(patched, type_name=type_name, by=actor, matching=matching, only_if=only_if)
    )


def delete(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    _check(request, actor, type_name, letter="d")
    check_parameters(request)
    only_if = precondition_of(request)
    return _deleted(request, delete_resource(type_name=type_name, logical_id=logical_id, by=actor, only_if=only_if))


def delete_conditional(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    _check(request, actor, type_name, letter="d")
    matching = _matching(request, actor, type_name, condition_of(request))
    only_if = precondition_of(request)
    return _deleted(request, delete_matching(type_name=type_name, by=actor, matching=matching, only_if=only_if))


def check_no_provenance(request: HttpRequest) -> None:
    """X-Provenance asks for a resource to be stored beside; it is refused rather than passed over."""
    if "X-Provenance" in request.headers:
        raise FhirError(
            "X-Provenance is not supported. Send the resource and its Provenance together in a transaction Bundle.",
            path="X-Provenance",
        )


def _check(request: HttpRequest, actor: Actor, type_name: str, *, letter: str) -> None:
    check_type(type_name)
    check_no_provenance(request)
    require_scope(actor, type_name=type_name, letter=letter)


def _resource_of(request: HttpRequest, *, type_name: str) -> dict[str, Any]:
    resource = json_of(body_of(request))
    if not isinstance(resource, dict):
        raise FhirError("Send one resource, a JSON object.", path=type_name)
    if resource.get("resourceType") != type_name:
        raise FhirError(f"The address says {type_name}; the resource must be one.", path="resourceType")
    return resource


def _patch_of(request: HttpRequest) -> Callable[[Any], Any]:
    if (request.content_type or "").lower() != JSON_PATCH:
        raise UnsupportedMediaType(
            f"A patch is a JSON Patch: Content-Type: {JSON_PATCH}. FHIRPath Patch and XML Patch are not read here.",
            headers={"Accept-Patch": JSON_PATCH},
        )
    operations = json_of(body_of(request, types=frozenset({JSON_PATCH})))
    return lambda document: apply_patch(document, operations)


def _matching(request: HttpRequest, actor: Actor, type_name: str, condition: str) -> Matching:
    # Asked before the transaction, so that what the scopes refuse stays in the audit trail.
    require_scope(actor, type_name=type_name, letter="s")
    return lambda: matching_ids(actor, type_name, condition, base=base_of(request))


def _written(request: HttpRequest, actor: Actor, stored: Stored) -> HttpResponse:
    look_after_storing(stored, by=actor)
    return written_response(request, actor, stored, status=_STATUS[stored.change])


def _deleted(request: HttpRequest, stored: Stored | None) -> HttpResponse:
    """204 also when there was nothing to delete: what was asked for is so."""
    if stored is None:
        return empty_response(status=204)
    if preferred_return(request) == "OperationOutcome":
        response = fhir_response(done_outcome(stored))
    else:
        response = empty_response(status=204)
    response.headers["ETag"] = etag(stored.version)
    response.headers["Last-Modified"] = http_date(stored.recorded.timestamp())
    return response
