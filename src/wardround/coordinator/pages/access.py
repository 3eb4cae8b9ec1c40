"""Who may do what on the coordinator's pages: one table of roles, and the guard of every page.

Whoever is judged by the audit trail does not curate it: operators act and do not read the trail, auditors and
administrators read it and do not act on runs.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from wardround.web.accounts.models import Role, User
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

Ability = Literal["watch", "operate", "audit", "people"]
_ABILITIES: dict[str, frozenset[Ability]] = {
    Role.OPERATOR: frozenset({"watch", "operate"}),
    Role.AUDITOR: frozenset({"watch", "audit"}),
    Role.ADMINISTRATOR: frozenset({"watch", "audit", "people"}),
}
View = Callable[..., HttpResponseBase]


def may(user: object, ability: str) -> bool:
    """Whether this person's role has the ability; nobody signed in has none."""
    return isinstance(user, User) and ability in _ABILITIES.get(user.role, frozenset())


def require(user: AbstractBaseUser | AnonymousUser, ability: Ability) -> Actor:
    """Who acts. Raises PermissionDenied, and the trail has it, when the role lacks the ability."""
    if isinstance(user, User) and may(user, ability):
        return user.as_actor()
    if isinstance(user, User):
        record_one(user.as_actor(), "access", outcome="refused", what=f"coordinator pages: {ability}")
    raise PermissionDenied


def for_those_who(ability: Ability) -> Callable[[View], View]:
    """A page for those whose role has this ability; others get 403."""

    def guarding(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(request.user, ability)
            return view(request, *args, **kwargs)

        return guarded

    return guarding


def actor(request: HttpRequest) -> Actor:
    """Who asks for a page that is guarded."""
    return request.user.as_actor()  # type: ignore[union-attr]  # the guard let a User in
