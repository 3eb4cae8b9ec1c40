"""The page of what left this hospital. Views translate HTTP and nothing else."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.training.ledger_check import ask_check
from wardround.hospital.training.what_left import Asked, exported, shown_lines, what_left
from wardround.web.paging import paged


@require_safe
@through_the_door()
def left(request: HttpRequest) -> HttpResponse:
    """Every message that left, fifty at a time, each with its fields. Only what is shown has its signature checked."""
    asked = _asked(request.GET)
    found = what_left(asked, by=request.user)
    page = paged(found.lines, asked=request.GET)
    lines = shown_lines(found.ledger, page.rows)
    problems = list(dict.fromkeys((*found.problems, *(line.problem for line in lines if line.problem))))
    narrowed = urlencode({"study": asked.study, "kind": asked.kind, "day": asked.day})
    context = {
        "left": found,
        "asked": asked,
        "page": page,
        "lines": lines,
        "problems": problems,
        "narrowed": narrowed,
    }
    return render(request, "training/what_left.html", context)


@require_POST
@through_the_door()
def check(request: HttpRequest) -> HttpResponse:
    """Ask for the check of every signature."""
    ask_check(by=request.user)
    return redirect("what-left")


@require_safe
@through_the_door()
def check_state(request: HttpRequest) -> HttpResponse:
    """How far that check is, for a page that looks again."""
    return render(request, "training/ledger_check.html", {"left": what_left(Asked(), by=request.user)})


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
