"""An entry of a Bundle as a request of its own: it goes to the same endpoint that a caller would reach."""

import copy
from collections.abc import Mapping
from typing import cast

from django.http import HttpRequest
from django.urls import ResolverMatch, resolve, reverse

from wardround.hospital.fhir.bodies import JSON_PATCH
from wardround.hospital.fhir.bundle_entries import BundleEntry
from wardround.hospital.fhir.endpoint import Endpoint
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.patches import is_json_patch, patch_text
from wardround.hospital.fhir.responses import MEDIA_TYPE
from wardround.interchange.fhir.json import dumps

_OF_THE_CONNECTION = ("SERVER_", "REMOTE_", "HTTP_HOST", "HTTP_X_FORWARDED", "wsgi.")
_HEADERS = {
    "ifMatch": "HTTP_IF_MATCH",
    "ifNoneMatch": "HTTP_IF_NONE_MATCH",
    "ifModifiedSince": "HTTP_IF_MODIFIED_SINCE",
    "ifNoneExist": "HTTP_IF_NONE_EXIST",
}
_CACHED = ("GET", "POST", "FILES", "COOKIES", "headers", "accepted_types", "_post", "_files", "resolver_match")


def inner_request(outer: HttpRequest, entry: BundleEntry, *, prefer: str) -> HttpRequest:
    """The entry as a request of the same caller over the same connection."""
    body, content_type = _body_of(entry)
    meta = {name: value for name, value in outer.META.items() if name.startswith(_OF_THE_CONNECTION)}
    meta |= {
        "REQUEST_METHOD": entry.method,
        "QUERY_STRING": entry.query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT": MEDIA_TYPE,
        "HTTP_PREFER": prefer,
    }
    meta |= {_HEADERS[name]: value for name, value in entry.request.items() if name in _HEADERS}
    inner = copy.copy(outer)
    for name in _CACHED:
        inner.__dict__.pop(name, None)
    inner.META = meta
    if hasattr(inner, "environ"):
        inner.environ = meta
    inner.method = entry.method
    inner.path = inner.path_info = f"{_base_path()}{entry.path}"
    inner.content_type, inner.content_params = content_type, {}
    inner._body = body  # noqa: SLF001 - what Django would have read
    return inner


def endpoint_of(request: HttpRequest) -> tuple[Endpoint, Mapping[str, str]]:
    """The endpoint at the request's address, and the parts of the address."""
    if request.path_info == _base_path():
        raise FhirError("A Bundle cannot stand in a Bundle that is processed; send it by itself.")
    found: ResolverMatch = resolve(request.path_info)
    return cast("Endpoint", vars(found.func)["endpoint"]), found.kwargs


def _body_of(entry: BundleEntry) -> tuple[bytes, str]:
    if entry.method == "PATCH" and is_json_patch(entry.resource):
        return patch_text(entry), JSON_PATCH
    return (dumps(entry.resource) if entry.resource is not None else b""), MEDIA_TYPE


def _base_path() -> str:
    return reverse("fhir-metadata").removesuffix("metadata")
