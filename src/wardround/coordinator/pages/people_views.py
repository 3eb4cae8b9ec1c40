"""The people of the coordinator: who is there, add somebody, change a role, deactivate, a new password. For administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wardround.coordinator.pages.access import actor, for_those_who
from wardround.web.accounts import actions
from wardround.web.accounts.actions import AccountError, one_time_password
from wardround.web.accounts.models import ROLES_OF_SITE, User
from wardround.web.accounts.queries import is_locked_out, users
from wardround.web.layout.said import said

ROLES = ROLES_OF_SITE["coordinator"]


@require_safe
@for_those_who("people")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who has an account here."""
    return _people(request)


@require_POST
@for_those_who("people")
def add_person(request: HttpRequest) -> HttpResponse:
    """A new person gets a password that is shown once and changed at the first log-in."""
    given = {name: request.POST.get(name, "").strip() for name in ("username", "full_name", "role")}
    password = one_time_password()
    try:
        made = actions.add_user(
            given["username"],
            role=given["role"],
            password=password,
            full_name=given["full_name"][:200],
            must_change=True,
            by=actor(request),
        )
    except AccountError as refusal:
        return _people(request, refused=said(refusal), given=given)
    return _shown_once(request, made, password=password)


@require_safe
@for_those_who("people")
def person(request: HttpRequest, username: str) -> HttpResponse:
    """One person's account."""
    found = get_object_or_404(User, username=username)
    context = {"person": found, "roles": ROLES, "is_locked_out": is_locked_out(found)}
    return render(request, "coordinator/person.html", context)


@require_POST
@for_those_who("people")
def change_person(request: HttpRequest, username: str) -> HttpResponse:
    """One change of one account: role, deactivate, activate, unlock, password."""
    found, by = get_object_or_404(User, username=username), actor(request)
    try:
        match request.POST.get("change"):
            case "role":
                actions.change_role(found, role=request.POST.get("role", ""), by=by)
            case "deactivate":
                actions.deactivate(found, by=by)
            case "activate":
                actions.activate(found, by=by)
            case "unlock":
                actions.unlock(found, by=by)
            case "password":
                return _shown_once(request, found, password=actions.give_one_time_password(found, by=by))
            case _:
                return redirect("person", username)
    except AccountError as refusal:
        messages.error(request, said(refusal))
        return redirect("person", username)
    messages.success(request, _("It is changed."))
    return redirect("person", username)


def _people(request: HttpRequest, *, refused: str = "", given: dict[str, str] | None = None) -> HttpResponse:
    context = {"people": users(), "roles": ROLES, "refused": refused, "given": given or {}}
    return render(request, "coordinator/people.html", context, status=422 if refused else 200)


def _shown_once(request: HttpRequest, made: User, *, password: str) -> HttpResponse:
    answer = render(request, "coordinator/password_once.html", {"person": made, "password": password})
    answer["Cache-Control"] = "no-store"
    return answer
