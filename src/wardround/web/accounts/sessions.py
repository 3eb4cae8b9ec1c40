"""How long a log-in lasts, and where a person who has to log in again goes afterwards.

Fifteen minutes without a request (the cookie's age) or twelve hours after the log-in, whichever is first. What a page asks
by itself is no such request: a terminal that nobody stands at is logged off, whatever its page follows. Sessions also end
when the password, the role or the right to log in changes: `User.get_session_auth_hash` covers all three. A second factor
(the next issue) is asked in `SessionLimits`, beside the password that has to be changed first.
"""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone

from wardround.web.accounts.models import User

LONGEST = timedelta(hours=12)
STARTED = "logged_in_at"  # in the session: seconds since 1970, set at log-in
_WITH_A_FIRST_PASSWORD = frozenset({"own-password", "logout", "login"})
_SAFE = frozenset({"GET", "HEAD"})


class Sessions(SessionMiddleware):
    """Django's own, which begins the fifteen minutes anew with every request but those that a page makes by itself."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if _is_asked_by_a_page(request) and not request.session.modified:
            return response
        return super().process_response(request, response)


class SessionLimits:
    """Ends a session after twelve hours, and sends whoever has a one-time password to the page that changes it.

    No browser keeps a page of somebody who is logged in: after the log-out its Back button must not show a chart.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = timezone.now().timestamp()
            if now - float(request.session.setdefault(STARTED, now)) >= LONGEST.total_seconds():
                logout(request)
        response = self._get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or not user.must_change_password:
            return None
        here = request.resolver_match.url_name if request.resolver_match else ""
        return None if here in _WITH_A_FIRST_PASSWORD else redirect("own-password")


def person_of_session(key: str | None) -> User | None:
    """Whom the session with this key stands for now; for a stream that began while it did."""
    asked = HttpRequest()
    asked.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    started = float(asked.session.get(STARTED, 0))
    user = get_user(asked)
    is_over = timezone.now().timestamp() - started >= LONGEST.total_seconds()
    return user if isinstance(user, User) and not is_over else None


class LogInFirst(LoginRequiredMiddleware):
    """Django's own, which also knows where a person was who sent a form or whose page asked for a part of itself."""

    def handle_no_permission(  # type: ignore[override] # htmx is told by a header, not by a redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        is_part = request.headers.get("HX-Request") == "true"
        if request.method in _SAFE and not is_part:
            return super().handle_no_permission(request, view_func)
        page = request.headers.get("HX-Current-URL", "") if is_part else request.headers.get("Referer", "")
        to_login = redirect_to_login(_own_path(page, request=request), resolve_url(settings.LOGIN_URL))
        if not is_part:
            return to_login
        whole = HttpResponse(status=401)  # htmx follows this header with the whole page, whatever the status
        whole["HX-Redirect"] = to_login.url
        return whole


def _own_path(address: str, *, request: HttpRequest) -> str:
    """The path of a page of this site; the first page for any other address."""
    parts = urlsplit(address)
    if parts.netloc != request.get_host() or not parts.path.startswith("/"):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_asked_by_a_page(request: HttpRequest) -> bool:
    """Does a page look for news, without anybody having done anything? Such an element carries this header."""
    return request.headers.get("X-Asked-By") == "page" or request.headers.get("Accept") == "text/event-stream"
