"""A zero character is in no text that people type, and not every database stores one: a request with one is not read."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

_FORM = "application/x-www-form-urlencoded"


class NoZeroCharacters:
    """Refuses it in an address and in a form, before anything is looked up; what is inside a file is its reader's matter.

    The address is looked at as it was sent: how many parameters it may have is for the view to say. Views that check
    addresses and forms of their own (the FHIR interface, uploads) do it themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if "\0" in query or "%00" in query:
            raise BadRequest("The address holds a zero character.")
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, named: dict[str, Any]
    ) -> HttpResponse | None:
        if getattr(view, "csrf_exempt", False):
            return None
        if any("\0" in str(part) for part in named.values()):
            raise BadRequest("The address holds a zero character.")
        if request.method == "POST" and request.content_type == _FORM and _has_one(request.POST):
            raise BadRequest("The form holds a zero character.")
        return None


def _has_one(sent: QueryDict) -> bool:
    return any("\0" in text for name, texts in sent.lists() for text in (name, *texts))
