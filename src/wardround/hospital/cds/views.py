"""The addresses of CDS Hooks 2.0. Views translate HTTP and nothing else; a person's session counts for nothing here."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.csrf import csrf_exempt

from wardround.hospital.cds import calls
from wardround.hospital.cds.cards import Places
from wardround.hospital.cds.errors import BadRequest, CdsError, NotTrusted, TooMuch
from wardround.hospital.cds.feedback import take_feedback
from wardround.hospital.cds.models import CdsClient
from wardround.hospital.cds.tokens import client_of
from wardround.interchange.errors import NotJSON
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

MOST_BYTES = 8 * 1024 * 1024
_MOST_DEPTH = 40
Answer = Callable[..., dict[str, Any]]


def _endpoint(method: str) -> Callable[[Answer], Callable[..., HttpResponse]]:
    """A view that answers one method with JSON, and a browser's question beforehand (CORS)."""

    def wrapping(answer: Answer) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @login_not_required
        @wraps(answer)
        def view(request: HttpRequest, **parts: str) -> HttpResponse:
            if request.method == "OPTIONS":
                return _preflight(request, method=method)
            if request.method != method:
                return _refusal(f"This address answers {method}.", status=405, code="not-supported", allow=method)
            client: CdsClient | None = None
            try:
                client = _client(request)
                response: HttpResponse = JsonResponse(answer(request, client=client, **parts))
            except CdsError as error:
                response = _refusal(str(error), status=error.status, code=error.code)
            origin = request.headers.get("Origin", "")
            if _may_read(origin, client=client):
                response["Access-Control-Allow-Origin"] = origin
            response["Vary"] = "Origin"
            response["Cache-Control"] = "no-store"
            return response

        return view

    return wrapping


@_endpoint("GET")
def discovery(request: HttpRequest, *, client: CdsClient) -> dict[str, Any]:  # noqa: ARG001 - every endpoint has both
    """The services of this hospital."""
    return {"services": calls.services()}


@_endpoint("POST")
def service(request: HttpRequest, *, client: CdsClient, service: str) -> dict[str, Any]:
    """What a model says of the patient whom somebody looks at."""

    def places(model: str, patient_id: str) -> Places:
        return Places(
            site=request.build_absolute_uri("/"),
            facts=_address(request, "model-facts", model),
            chart=_address(request, "chart", patient_id) if patient_id else "",
        )

    return calls.called(service, _body(request), client=client, places=places)


@_endpoint("POST")
def feedback(request: HttpRequest, *, client: CdsClient, service: str) -> dict[str, Any]:
    """What somebody did with a card; how many reports came, and how many of them were new."""
    body = _body(request)
    new = take_feedback(service, body, client=client)
    return {"reports": len(body["feedback"]), "new": new}


def _client(request: HttpRequest) -> CdsClient:
    try:
        endpoint = request.build_absolute_uri(request.path).rstrip("/")
        return client_of(request.headers.get("Authorization", ""), endpoint=endpoint)
    except NotTrusted as error:
        record_one(Actor("service", "", ""), "cds.token", outcome="refused", detail={"why": str(error)[:150]})
        raise


def _body(request: HttpRequest) -> dict[str, Any]:
    sentence = f"The request is larger than {MOST_BYTES // 2**20} MiB; send only what the discovery document asks for."
    try:
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            raise TooMuch(sentence)
        body = loads(request.body, max_bytes=MOST_BYTES, max_depth=_MOST_DEPTH)
    except RequestDataTooBig as error:
        raise TooMuch(sentence) from error
    except (NotJSON, ValueError) as error:
        raise BadRequest("The body should be one JSON object.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body should be one JSON object.")
    return body


def _refusal(sentence: str, *, status: int, code: str, allow: str = "") -> HttpResponse:
    """An OperationOutcome, since whoever calls reads FHIR (the specification names no form): a sentence, and nothing of any
    patient."""
    issue = {"severity": "error", "code": code, "diagnostics": sentence}
    response = JsonResponse({"resourceType": "OperationOutcome", "issue": [issue]}, status=status)
    if status == NotTrusted.status:
        response["WWW-Authenticate"] = 'Bearer realm="CDS Hooks"'
    if allow:
        response["Allow"] = f"{allow}, OPTIONS"
    return response


def _preflight(request: HttpRequest, *, method: str) -> HttpResponse:
    """Only pages of registered origins may call from a browser; to others the answer says nothing."""
    response = HttpResponse(status=204)
    origin = request.headers.get("Origin", "")
    if _may_read(origin, client=None):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = method
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response["Access-Control-Max-Age"] = "600"
    response["Vary"] = "Origin"
    return response


def _may_read(origin: str, *, client: CdsClient | None) -> bool:
    """May a page of this origin read the answer? An answer to nobody known holds nothing, so any registered page may."""
    known = [client] if client is not None else CdsClient.objects.filter(is_active=True)
    return bool(origin) and any(origin in one.origins for one in known)


def _address(request: HttpRequest, name: str, *parts: str) -> str:
    try:
        return request.build_absolute_uri(reverse(name, args=parts))
    except NoReverseMatch:
        return ""
