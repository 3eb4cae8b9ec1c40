"""The page of runs. Views translate HTTP and nothing else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.training.runs_page import runs_page
from wardround.web.paging import paged


@require_safe
@through_the_door()
def runs(request: HttpRequest) -> HttpResponse:
    """What goes on now, and what went on."""
    page = runs_page(request.user)
    return render(request, "training/runs.html", {"page": page, "past": paged(page.past, asked=request.GET)})


@require_safe
@through_the_door()
def now(request: HttpRequest) -> HttpResponse:
    """What goes on now, for a page that looks again."""
    return render(request, "training/now.html", {"page": runs_page(request.user)})
