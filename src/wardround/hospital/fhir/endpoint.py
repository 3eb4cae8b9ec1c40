"""One address of the interface: a handler for each method, and every refusal as an OperationOutcome."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from wardround.hospital.fhir.authentication import actor_from
from wardround.hospital.fhir.errors import (
    FhirError,
    MethodNotAllowed,
    NotAcceptable,
    TooLarge,
    UnsupportedMediaType,
    refusal_of,
)
from wardround.hospital.fhir.responses import MEDIA_TYPE, outcome_response
from wardround.hospital.records.access import AccessError
from wardround.hospital.records.errors import RecordError
from wardround.hospital.records.keyring import KeyringError
from wardround.interchange.errors import NotJSON
from wardround.interchange.fhir.structure import Problem

Handler = Callable[..., HttpResponse]
_JSON_TYPES = frozenset({MEDIA_TYPE, "application/json", "text/json", "json"})
_ANYTHING = frozenset({"*/*", "application/*"})


def endpoint(handlers: dict[str, Handler], *, is_public: bool = False) -> Callable[..., HttpResponse]:
    """A view that hands (request, actor, **address) to the method's handler, or (request, **address) when public."""

    def view(request: HttpRequest, **address: str) -> HttpResponse:
        try:
            # Whoever is not logged in is told nothing, not even which methods there are.
            caller = () if is_public else (actor_from(request),)
            method = "GET" if request.method == "HEAD" else str(request.method)
            if method not in handlers:
                raise MethodNotAllowed(
                    f"{request.method} is not possible here; {' and '.join(sorted(handlers))} would be.",
                    headers={"Allow": ", ".join(sorted({*handlers, *({"HEAD"} if "GET" in handlers else ())}))},
                )
            _check_accept(request)
            return handlers[method](request, *caller, **address)
        except (FhirError, RecordError, AccessError, KeyringError, NotJSON) as error:
            status, code, problems = refusal_of(error)
            headers = error.headers if isinstance(error, FhirError) else {}
            return outcome_response(problems, status=status, code=code, headers=headers)
        except TooManyFieldsSent:
            sentence = f"A request has at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} parameters."
            return outcome_response([Problem("", sentence)], status=400, code="too-costly")

    return csrf_exempt(login_not_required(view))


def body_of(request: HttpRequest) -> bytes:
    """The JSON text that was sent."""
    content_type = (request.content_type or "").lower()
    if content_type not in _JSON_TYPES:
        raise UnsupportedMediaType(f"Send JSON: Content-Type: {MEDIA_TYPE}.")
    try:
        return request.body
    except RequestDataTooBig as error:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
        raise TooLarge(f"A request may have {limit} MiB. Import larger files with the import command.") from error


def _check_accept(request: HttpRequest) -> None:
    # A plus sign in an address arrives as a blank.
    wanted = request.GET.get("_format", "").replace(" ", "+") or request.headers.get("Accept") or "*/*"
    types = {part.partition(";")[0].strip().lower() for part in wanted.split(",")}
    if not types & (_JSON_TYPES | _ANYTHING):
        raise NotAcceptable(f"Only JSON is spoken here. Ask for {MEDIA_TYPE}.")
