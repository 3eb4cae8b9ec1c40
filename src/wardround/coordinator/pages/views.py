"""The overview, the runs, and one run live. Views translate HTTP and nothing else."""

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from wardround.coordinator.members.queries import members
from wardround.coordinator.pages.access import actor, for_those_who, may, require
from wardround.coordinator.pages.live import changes
from wardround.coordinator.pages.queries import COMMANDS, page_of_run, runs_with_situations, study_lines
from wardround.coordinator.runs.queries import NoSuchRunError, run_state
from wardround.coordinator.runs.steering import OrderRefusedError, order
from wardround.web.accounts.sessions import person_of_session
from wardround.web.layout.said import said

_SAID = {
    "pause": gettext_lazy("The pause is ordered; the run obeys when its present round is done."),
    "resume": gettext_lazy("The run goes on."),
    "close": gettext_lazy("The round is closed; the run waits for the late no longer."),
    "stop": gettext_lazy("The stop is ordered; the run obeys at its next safe point."),
}


@require_safe
@for_those_who("watch")
def home(request: HttpRequest) -> HttpResponse:
    """What goes on now, who is there, what was asked."""
    runs = runs_with_situations(5)
    return render(
        request,
        "coordinator/home.html",
        {
            "going_on": [(run, situation) for run, situation in runs if not run.finished],
            "ended": [(run, situation) for run, situation in runs if run.finished],
            "members": members(),
            "studies": study_lines()[:5],
        },
    )


@require_safe
@for_those_who("watch")
def runs(request: HttpRequest) -> HttpResponse:
    """Every run, newest first."""
    return render(request, "coordinator/runs.html", {"runs": runs_with_situations()})


@require_safe
@for_those_who("watch")
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """One run; it is complete without JavaScript and follows the run live with it."""
    try:
        page = page_of_run(run_id)
    except NoSuchRunError as error:
        raise Http404 from error
    return render(request, "coordinator/run.html", {"page": page})


@require_POST
@for_those_who("operate")
def run_order(request: HttpRequest, run_id: str) -> HttpResponse:
    """Pause, resume, close the round, stop. A stop cannot be taken back, so it is asked once more."""
    command, reason = request.POST.get("command", ""), request.POST.get("reason", "")
    known = [name for name in COMMANDS if name == command]
    if not known:
        return HttpResponseBadRequest(_("A run can be paused, resumed, closed or stopped."))
    try:
        page = page_of_run(run_id)
        if command == "stop" and "confirmed" not in request.POST and reason.strip() and not page.refusals["stop"]:
            return render(request, "coordinator/run/stop.html", {"page": page, "reason": reason})
        order(run_id, known[0], reason=reason, by=actor(request))
        messages.success(request, _SAID[command])
    except NoSuchRunError as error:
        raise Http404 from error
    except OrderRefusedError as refusal:
        messages.error(request, said(refusal))
    return redirect("run", run_id)


async def run_stream(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """The changes of one run as server-sent events."""
    user = await request.auser()
    await sync_to_async(require)(user, "watch")
    try:
        await sync_to_async(run_state)(run_id)
    except NoSuchRunError as error:
        raise Http404 from error
    steers, key = may(user, "operate"), request.session.session_key

    def may_watch() -> bool:
        person = person_of_session(key)
        return may(person, "watch") and may(person, "operate") == steers

    return StreamingHttpResponse(
        changes(run_id, steers=steers, may_watch=may_watch),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
