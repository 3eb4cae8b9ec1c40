"""The page of what left this hospital. Views translate HTTP and nothing else."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.training.what_left import Asked, exported, shown_lines, what_left
from wardround.web.paging import paged


@require_safe
@through_the_door()
def left(request: HttpRequest) -> HttpResponse:
    """Every message that left, fifty at a time, each with its fields."""
    asked = _asked(request.GET)
    found = what_left(asked, by=request.user)
    page = paged(found.lines, asked=request.GET)
    narrowed = urlencode({"study": asked.study, "kind": asked.kind, "day": asked.day})
    context = {"left": found, "asked": asked, "page": page, "lines": shown_lines(page.rows), "narrowed": narrowed}
    return render(request, "training/what_left.html", context)


@require_safe
@through_the_door()
def export(request: HttpRequest) -> HttpResponse:
    """The same, as JSON lines."""
    text = "".join(exported(_asked(request.GET), by=request.user))
    answer = HttpResponse(text, content_type="application/x-ndjson; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="what-left.jsonl"'
    return answer


def _asked(asked: QueryDict) -> Asked:
    return Asked(study=asked.get("study", "")[:64], kind=asked.get("kind", "")[:40], day=asked.get("day", "")[:10])
