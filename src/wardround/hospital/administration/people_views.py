"""The pages about people. Views translate HTTP and nothing else."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from wardround.hospital.administration import people_actions as deeds
from wardround.hospital.administration import queries
from wardround.hospital.administration.people_actions import NoSuchPerson
from wardround.hospital.care.actions import CareTeamError, put_into_teams
from wardround.hospital.care.queries import teams
from wardround.hospital.doors import through_the_door
from wardround.web.accounts.actions import AccountError
from wardround.web.accounts.models import ROLES_OF_SITE
from wardround.web.layout.said import said

ROLES = ROLES_OF_SITE["hospital"]


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account; a new person is added here, and their password stands on this answer alone."""
    role = request.GET.get("role", "")
    context: dict[str, object] = {"roles": ROLES, "role": role, "teams": teams()}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("username", "full_name", "role")}
        chosen = request.POST.getlist("teams") if typed["role"] in {"nurse", "doctor"} else []
        try:
            user, password = deeds.add_person(
                typed["username"], role=typed["role"], full_name=typed["full_name"], teams=chosen, by=request.user
            )
            context |= {"added": user, "password": password}
        except (AccountError, CareTeamError) as error:
            context |= {"refused": said(error), "typed": typed, "chosen": chosen}
    context["people"] = queries.people(request.user, role=role)
    return render(request, "administration/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door(NoSuchPerson)
@never_cache
def person(request: HttpRequest, username: str) -> HttpResponse:
    """One person; what is changed is sent here. A one-time password stands on this answer alone."""
    page = queries.person(request.user, username)
    if request.method != "POST":
        return _shown(request, page)
    asked, by = request.POST, request.user
    changes: dict[str, tuple[Callable[[], object], str]] = {
        "role": (
            lambda: deeds.change_role(username, role=asked.get("role", ""), by=by),
            gettext("The role is changed. The person is logged off."),
        ),
        "teams": (
            lambda: put_into_teams(username, asked.getlist("teams"), by=by),
            gettext("The care teams are changed."),
        ),
        "deactivate": (
            lambda: deeds.deactivate(username, by=by),
            gettext("The account is deactivated. The person is logged off."),
        ),
        "activate": (lambda: deeds.activate(username, by=by), gettext("The account is active again.")),
        "unlock": (lambda: deeds.unlock(username, by=by), gettext("The person may log in again at once.")),
        "password": (lambda: deeds.give_one_time_password(username, by=by), ""),
    }
    if (change := changes.get(asked.get("change", ""))) is None:
        wrong = gettext("A change is role, teams, deactivate, activate, unlock or password.")
        return HttpResponseBadRequest(wrong, content_type="text/plain")
    try:
        made = change[0]()
    except (AccountError, CareTeamError) as error:
        messages.error(request, said(error))
        return redirect("person", username)
    if isinstance(made, str):
        return _shown(request, queries.person(request.user, username), password=made)
    messages.success(request, change[1])
    return redirect("person", username)


def _shown(request: HttpRequest, page: queries.PersonPage, *, password: str = "") -> HttpResponse:
    context = {"shown": page, "roles": ROLES, "teams": teams(), "password": password}
    return render(request, "administration/person.html", context)
