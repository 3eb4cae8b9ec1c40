"""Who may look at the coordinator's pages: the people of the coordinator, whatever their role there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from wardround.web.accounts.models import ROLES_OF_SITE, User
from wardround.web.audit.trail import record_one


def require_watcher(user: AbstractBaseUser | AnonymousUser) -> None:
    """Raises PermissionDenied, and the trail has it, when the role is not one of a coordinator's."""
    if isinstance(user, User) and user.role in ROLES_OF_SITE["coordinator"]:
        return
    if isinstance(user, User):
        record_one(user.as_actor(), "access", outcome="refused", what="coordinator pages")
    raise PermissionDenied


def for_watchers(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of the coordinator: other roles get 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_watcher(request.user)
        return view(request, *args, **kwargs)

    return guarded
