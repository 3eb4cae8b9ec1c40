"""The pages of the fix queue. Views translate HTTP and nothing else."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.quality.actions import accept_shown
from wardround.hospital.quality.deciding import decide_on_record, decide_on_value
from wardround.hospital.quality.queue_lines import shown_part
from wardround.hospital.quality.waiting import queue_page, suggestions_of
from wardround.hospital.records.errors import NotHere
from wardround.web.paging import PAGE, number_in, page_of


@require_safe
@through_the_door(NotHere)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, fifty lines at a time."""
    finding, of, start = _asked(request.GET)
    page = queue_page(request.user, finding=finding, of=of, start=start)
    narrowed = {"finding": finding, "of": of}
    context = {
        "page": page,
        "parts": [shown_part(part.group, part.lines) for part in page.parts],
        "finding": finding,
        "of": of,
        "start": page.start,
        "narrowed": urlencode(narrowed),
        "pages": page_of([line for part in page.parts for line in part.lines], start=page.start, total=page.total),
    }
    return render(request, "quality/queue.html", context)


@require_POST
@through_the_door(NotHere)
def decide_value(request: HttpRequest, value_id: int) -> HttpResponse:
    """A held value is decided, and the queue goes on where it stood."""
    return decide_on_value(request, value_id) or _back_to_the_queue(request)


@require_POST
@through_the_door(NotHere)
def decide_finding(request: HttpRequest, finding_id: int) -> HttpResponse:
    """A held record is decided, and the queue goes on where it stood."""
    return decide_on_record(request, finding_id) or _back_to_the_queue(request)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door(NotHere)
def accept_group(request: HttpRequest) -> HttpResponse:
    """Every suggestion of a group on one page; accepted only from there."""
    key = (request.POST if request.method == "POST" else request.GET).get("group", "")
    if request.method == "POST":
        are_records = request.POST.get("kind") == "records"
        done = accept_shown(request.POST.getlist("shown"), by=request.user, are_records=are_records)
        said = ngettext("%(many)d suggestion is accepted.", "%(many)d suggestions are accepted.", done.accepted)
        messages.success(request, said % {"many": done.accepted})
        for why, many in done.left.items():
            messages.error(request, gettext("Left: %(many)d. %(why)s") % {"many": many, "why": why})
        return redirect("quality-queue")
    group, lines = suggestions_of(request.user, key)
    if group is None:
        raise Http404
    context = {"part": shown_part(group, lines), "more": group.suggested - len(lines)}
    return render(request, "quality/accept_group.html", context)


def _back_to_the_queue(request: HttpRequest) -> HttpResponse:
    finding, of, start = _asked(request.POST)
    return redirect(f"{reverse('quality-queue')}?{urlencode({'finding': finding, 'of': of, 'start': start})}")


def _asked(asked: QueryDict) -> tuple[str, str, int]:
    return asked.get("finding", "")[:30], asked.get("of", "")[:60], number_in(asked, "start") // PAGE * PAGE
