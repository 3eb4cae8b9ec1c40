"""The pages about care teams. Patients are named by their hospital number, sent by POST."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from wardround.hospital.administration import queries
from wardround.hospital.administration.team_actions import NoSuchTeam, release_by_id, take_by_number, team_by_id
from wardround.hospital.care.actions import CareTeamError, first_team, join_team, leave_team, make_team, rename_team
from wardround.hospital.doors import through_the_door
from wardround.hospital.roles import require
from wardround.web.layout.said import said
from wardround.web.paging import PAGE, number_in, page_of


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def care_teams(request: HttpRequest) -> HttpResponse:
    """Every team; a new one is made here."""
    require(request.user, "users")
    first_team()  # so that the page can show it
    if request.method == "POST":
        try:
            team = make_team(request.POST.get("name", ""), by=request.user)
            messages.success(request, gettext("The team is made. Put people and patients into it."))
            return redirect("care-team", team.pk)
        except CareTeamError as error:
            messages.error(request, said(error))
            return redirect("care-teams")
    context = {"teams": queries.care_teams(request.user), "unsaid": queries.unsaid_members()}
    return render(request, "administration/teams.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door(NoSuchTeam)
def care_team(request: HttpRequest, team_id: int) -> HttpResponse:
    """One team with its people and patients; what is changed is sent here."""
    team = team_by_id(team_id, by=request.user)
    if request.method == "POST":
        return _changed(request, team_id)
    start = number_in(request.GET, "start")
    lines, total = queries.patients_of_team(request.user, team, start=start, size=PAGE)
    context = {
        "shown": queries.care_team(request.user, team),
        "page": page_of(lines, start=start, total=total),
        "unsaid": queries.unsaid_members(),
    }
    return render(request, "administration/team.html", context)


def _changed(request: HttpRequest, team_id: int) -> HttpResponse:
    asked, by = request.POST, request.user
    team = team_by_id(team_id, by=by)
    changes: dict[str, Callable[[], object]] = {
        "rename": lambda: rename_team(team, asked.get("name", ""), by=by),
        "join": lambda: join_team(team, asked.get("username", ""), by=by),
        "leave": lambda: leave_team(team, asked.get("username", ""), by=by),
        "take": lambda: take_by_number(team, asked.get("numbers", ""), by=by),
        "release": lambda: release_by_id(team, asked.get("patient", ""), by=by),
    }
    if (change := changes.get(asked.get("change", ""))) is None:
        wrong = gettext("A change is rename, join, leave, take or release.")
        return HttpResponseBadRequest(wrong, content_type="text/plain")
    try:
        done = change()
        messages.success(request, str(done) if done else gettext("The team is changed."))
    except CareTeamError as error:
        messages.error(request, said(error))
    return redirect("care-team", team_id)
