"""Who calls: a backend client with a bearer token, or a person with a session."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from wardround.hospital.fhir.errors import Forbidden, NotLoggedIn
from wardround.web.accounts.models import User
from wardround.web.accounts.queries import valid_token
from wardround.web.accounts.scopes import allows
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _ForgeryCheck(CsrfViewMiddleware):
    """Django's own check, asked for by hand: a token needs none, a session does."""

    def reason(self, request: HttpRequest) -> str | None:
        self.process_request(request)
        refused = self.process_view(request, self._checked_view, (), {})
        return None if refused is None else "refused"

    @staticmethod
    def _checked_view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()


def actor_from(request: HttpRequest) -> Actor:
    """The caller; raises `NotLoggedIn`, or `Forbidden` for a forged session request."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _blank, text = header.partition(" ")
        token = valid_token(text.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            record_one(Actor("service", "", ""), "token.use", outcome="refused")
            raise _not_logged_in("The token is unknown, expired or revoked. Make one with `wardround hospital token`.")
        return token.as_actor()
    user: User | AnonymousUser = request.user
    if not isinstance(user, User):
        raise _not_logged_in("Log in, or send a token: Authorization: Bearer TOKEN.")
    if request.method not in _SAFE and _ForgeryCheck(lambda _request: HttpResponse()).reason(request):
        raise Forbidden("The session's CSRF token is missing or wrong. Send it as X-CSRFToken, or use a bearer token.")
    return user.as_actor()


def require_scope(actor: Actor, *, type_name: str, letter: str) -> None:
    """A token opens what its scopes name; a person's role is asked at the door."""
    if actor.kind == "service" and not allows(actor.scopes, resource_type=type_name, letter=letter):
        record_one(actor, "token.scope", outcome="refused", what=type_name, detail={"needs": letter})
        raise Forbidden(f"The token's scopes do not include system/{type_name}.{letter}.")


def _not_logged_in(sentence: str) -> NotLoggedIn:
    return NotLoggedIn(sentence, headers={"WWW-Authenticate": 'Bearer realm="FHIR"'})
