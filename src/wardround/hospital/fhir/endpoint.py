"""One address of the interface: a handler for each method, and every refusal as an OperationOutcome."""

import logging
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation, TooManyFieldsSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from wardround.hospital.fhir.authentication import actor_from
from wardround.hospital.fhir.bodies import FHIR_VERSIONS, JSON_TYPES
from wardround.hospital.fhir.errors import FhirError, MethodNotAllowed, NotAcceptable, TooLongAddress, refusal_of
from wardround.hospital.fhir.limits import within_time
from wardround.hospital.fhir.responses import MEDIA_TYPE, outcome_response
from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.structure import Problem
from wardround.web.audit.actor import Actor

Handler = Callable[..., HttpResponse]
_ANYTHING = frozenset({"*/*", "application/*"})
_MOST_ADDRESS = 32 * 1024  # characters; longer searches are sent by POST to _search
_SOURCES = Path(__file__).parents[2]
_log = logging.getLogger(__name__)


class Endpoint:
    """What is possible at one address. A batch asks the same endpoints that callers do."""

    def __init__(
        self, handlers: Mapping[str, Handler], *, is_public: bool = False, media_types: frozenset[str] = frozenset()
    ) -> None:
        self.handlers = dict(handlers)
        self.is_public = is_public
        self.media_types = media_types | JSON_TYPES | _ANYTHING

    def answered(self, request: HttpRequest, actor: Actor | None, address: Mapping[str, str]) -> HttpResponse:
        """The answer, whatever happens; only what an interrupted or busy database says goes on to the caller."""
        try:
            return self.handled(request, actor, address)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - a caller is told by an OperationOutcome, whatever it is
            return refused_response(error)

    def handled(self, request: HttpRequest, actor: Actor | None, address: Mapping[str, str]) -> HttpResponse:
        """The answer; refusals are raised."""
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in self.handlers:
            raise MethodNotAllowed(
                f"{method[:20]} is not possible here; {' and '.join(sorted(self.handlers))} would be.",
                headers={"Allow": ", ".join(sorted({*self.handlers, *({"HEAD"} if "GET" in self.handlers else ())}))},
            )
        _check_accept(request, spoken=self.media_types)
        caller = () if self.is_public else (actor,)
        return self.handlers[method](request, *caller, **address)

    def view(self, request: HttpRequest, **address: str) -> HttpResponse:
        """The Django view."""
        try:
            with within_time():
                # Whoever is not logged in is told nothing, not even which methods there are.
                actor = None if self.is_public else actor_from(request)
                _check_length(request)
                response = self.answered(request, actor, address)
        except Exception as error:  # noqa: BLE001 - as above
            response = refused_response(error)
        if request.META.get("QUERY_STRING") and "_pretty=true" in request.META["QUERY_STRING"].split("&"):
            _make_pretty(response)
        return response


def endpoint(
    handlers: Mapping[str, Handler], *, is_public: bool = False, media_types: frozenset[str] = frozenset()
) -> Callable[..., HttpResponse]:
    """A view that hands (request, actor, **address) to the method's handler, or (request, **address) when public.

    `media_types` are what may be asked for beside FHIR's JSON.
    """
    one = Endpoint(handlers, is_public=is_public, media_types=media_types)

    def view(request: HttpRequest, **address: str) -> HttpResponse:
        return one.view(request, **address)

    view.endpoint = one  # type: ignore[attr-defined]
    return csrf_exempt(login_not_required(view))


def refused_response(error: Exception) -> HttpResponse:
    """The OperationOutcome of anything that went wrong. What nobody foresaw is logged by its place, never by its words:
    they may hold a patient's."""
    if isinstance(error, TooManyFieldsSent):
        sentence = f"A request has at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} parameters."
        return outcome_response([Problem("", sentence)], status=400, code="too-costly")
    if isinstance(error, DisallowedHost):
        return outcome_response([Problem("", "This server does not go by that name.")], status=400, code="security")
    if isinstance(error, SuspiciousOperation | BadRequest | UnreadablePostError):
        return outcome_response([Problem("", "This request cannot be read.")], status=400, code="structure")
    try:
        status, code, problems = refusal_of(error)
    except Exception:  # noqa: BLE001 - it is no refusal
        _log.error("A request failed: %s at %s", type(error).__name__, _place_of(error))
        sentence = "Something went wrong here; nothing was stored. The server's log says where. Tell whoever runs it."
        return outcome_response([Problem("", sentence)], status=500, code="exception")
    headers = error.headers if isinstance(error, FhirError) else {}
    return outcome_response(problems, status=status, code=code, headers=headers)


def _place_of(error: Exception) -> str:
    """The innermost line of ours: "hospital/fhir/changes.py:41"."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_SOURCES)] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}" if ours else "an unknown place"


def _check_length(request: HttpRequest) -> None:
    if len(request.get_full_path()) > _MOST_ADDRESS:
        raise TooLongAddress("The address is too long. Send the search by POST to _search.")


def _check_accept(request: HttpRequest, *, spoken: frozenset[str]) -> None:
    # A plus sign in an address arrives as a blank.
    wanted = request.GET.get("_format", "").replace(" ", "+") or request.headers.get("Accept") or "*/*"
    if not any(_is_spoken(part, spoken=spoken) for part in wanted.split(",")):
        raise NotAcceptable(f"Only JSON is spoken here. Ask for {MEDIA_TYPE}.")


def _is_spoken(part: str, *, spoken: frozenset[str]) -> bool:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    given = dict(piece.replace(" ", "").partition("=")[::2] for piece in parameters)
    if media_type not in spoken or given.get("fhirversion", "4.0") not in FHIR_VERSIONS:
        return False
    return given.get("q", "1").strip("0.") != ""


def _make_pretty(response: HttpResponse) -> None:
    if response.headers.get("Content-Type", "").startswith(MEDIA_TYPE) and response.content:
        response.content = dumps(loads(response.content), indent=True)
