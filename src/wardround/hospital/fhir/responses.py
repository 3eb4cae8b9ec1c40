"""Answers of the FHIR interface: stored text as it is, bundles around it, OperationOutcomes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import http_date

from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.interchange.fhir.structure import Problem

MEDIA_TYPE = "application/fhir+json"
Link = tuple[str, str]  # (relation, address)


def fhir_response(body: bytes, *, status: int = 200) -> HttpResponse:
    """A FHIR answer; no cache on the way may keep it."""
    response = HttpResponse(body, status=status, content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def resource_response(text: bytes, *, version: ResourceVersion) -> HttpResponse:
    """One stored version, byte for byte, with its ETag and Last-Modified."""
    response = fhir_response(text)
    response.headers["ETag"] = etag(version.number)
    response.headers["Last-Modified"] = http_date(version.recorded.timestamp())
    return response


def outcome_response(
    problems: Iterable[Problem], *, status: int, code: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    """An OperationOutcome with one issue for each thing that is wrong."""
    issues = []
    for problem in problems:
        # A check says the kind itself; what does not is what the whole refusal is.
        kind = code if problem.code == "invalid" else problem.code
        issue: dict[str, Any] = {"severity": problem.severity, "code": kind, "diagnostics": problem.sentence}
        if problem.path:
            issue["expression"] = [problem.path]
        issues.append(issue)
    response = fhir_response(orjson.dumps({"resourceType": "OperationOutcome", "issue": issues}), status=status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def bundle(kind: str, *, total: int, links: Sequence[Link], entries: Sequence[dict[str, Any]]) -> bytes:
    """A Bundle; the resources inside are stored text and are not parsed."""
    document: dict[str, Any] = {"resourceType": "Bundle", "type": kind, "total": total}
    document["link"] = [{"relation": relation, "url": url} for relation, url in links]
    if entries:
        document["entry"] = list(entries)
    return orjson.dumps(document)


def match_entry(base: str, *, resource: Resource, text: bytes) -> dict[str, Any]:
    """One hit of a search."""
    return {
        "fullUrl": f"{base}/{resource.type}/{resource.logical_id}",
        "resource": orjson.Fragment(text),
        "search": {"mode": "match"},
    }


def history_entry(base: str, *, version: ResourceVersion, text: bytes | None) -> dict[str, Any]:
    """One version in a history; a deletion has no resource."""
    resource = version.resource
    address = f"{resource.type}/{resource.logical_id}"
    method = "DELETE" if text is None else "POST" if version.number == 1 else "PUT"
    entry: dict[str, Any] = {"fullUrl": f"{base}/{address}"}
    if text is not None:
        entry["resource"] = orjson.Fragment(text)
    entry["request"] = {"method": method, "url": resource.type if method == "POST" else address}
    entry["response"] = {
        "status": {"DELETE": "204", "POST": "201", "PUT": "200"}[method],
        "etag": etag(version.number),
        "lastModified": version.recorded.isoformat().replace("+00:00", "Z"),
    }
    return entry


def etag(version: int) -> str:
    return f'W/"{version}"'


def empty_response(*, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer without a body, and so without a media type."""
    response = HttpResponse(status=status, headers={"Cache-Control": "no-store", **(headers or {})})
    del response.headers["Content-Type"]
    return response


def base_of(request: HttpRequest) -> str:
    """The address of the interface, as the caller reached it."""
    return request.build_absolute_uri(reverse("fhir-metadata")).removesuffix("/metadata")
