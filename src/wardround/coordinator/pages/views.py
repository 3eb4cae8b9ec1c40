"""Pages of the coordinator. Views translate HTTP and nothing else."""

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wardround.coordinator.members.queries import members
from wardround.coordinator.pages.access import for_watchers, require_watcher
from wardround.coordinator.pages.live import changes
from wardround.coordinator.pages.queries import page_of_run, study_lines
from wardround.coordinator.runs.queries import NoSuchRunError, latest_runs, run_state


@require_safe
@for_watchers
def home(request: HttpRequest) -> HttpResponse:
    """Members, studies and runs."""
    return render(
        request,
        "coordinator/home.html",
        {"members": members(), "studies": study_lines(), "runs": latest_runs()},
    )


@require_safe
@for_watchers
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """One run; it is complete without JavaScript and follows the run live with it."""
    try:
        page = page_of_run(run_id)
    except NoSuchRunError as error:
        raise Http404 from error
    return render(request, "coordinator/run.html", {"page": page})


async def run_stream(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """The changes of one run as server-sent events."""
    await sync_to_async(require_watcher)(await request.auser())
    try:
        await sync_to_async(run_state)(run_id)
    except NoSuchRunError as error:
        raise Http404 from error
    return StreamingHttpResponse(
        changes(run_id),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
