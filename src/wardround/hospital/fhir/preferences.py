"""What the caller prefers to get back (the Prefer header), and how an answer to a write is made of it."""

from typing import Literal

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from wardround.hospital.fhir.responses import base_of, empty_response, etag, fhir_response
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.addressed import present
from wardround.web.audit.actor import Actor

Return = Literal["minimal", "representation", "OperationOutcome"]
_RETURNS: dict[str, Return] = {
    "minimal": "minimal",
    "representation": "representation",
    "operationoutcome": "OperationOutcome",
}
_DONE = {
    "created": "It is stored.",
    "updated": "A new version is stored.",
    "unchanged": "It was there already as it is now; nothing was changed.",
    "deleted": "It is deleted. Its history is still there.",
}


def preferred_return(request: HttpRequest, *, default: Return = "representation") -> Return:
    """`return` of the Prefer header; a value that is not known is passed over, as RFC 7240 says."""
    for part in request.headers.get("Prefer", "").replace(";", ",").split(","):
        name, _equals, value = part.partition("=")
        if name.strip().lower() == "return":
            return _RETURNS.get(value.strip().strip('"').lower(), default)
    return default


def done_outcome(stored: Stored) -> bytes:
    """An OperationOutcome that says what was done."""
    issue = {"severity": "information", "code": "informational", "diagnostics": _DONE[stored.change]}
    return orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})


def text_of(stored: Stored, *, actor: Actor) -> bytes:
    """The stored text, as a read returns it."""
    return stored.text or present(actor, stored.type, stored.logical_id).text or b""


def written_response(request: HttpRequest, actor: Actor, stored: Stored, *, status: int) -> HttpResponse:
    """What a write answers: the version's address, ETag and time, and the body that is preferred."""
    wanted = preferred_return(request)
    if wanted == "representation":
        response = fhir_response(text_of(stored, actor=actor), status=status)
    elif wanted == "OperationOutcome":
        response = fhir_response(done_outcome(stored), status=status)
    else:
        response = empty_response(status=status)
    response.headers["ETag"] = etag(stored.version)
    response.headers["Last-Modified"] = http_date(stored.recorded.timestamp())
    response.headers["Location"] = f"{base_of(request)}/{stored}/_history/{stored.version}"
    return response
