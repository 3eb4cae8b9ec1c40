"""The pages of past imports. Views translate HTTP and nothing else."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.intake.batches import batch_today, batches
from wardround.hospital.intake.errors import NoSuchBatch
from wardround.hospital.intake.replaying import undo_batch
from wardround.hospital.records.errors import RecordError
from wardround.web.layout.said import said
from wardround.web.paging import paged

_TABS = {
    "held": gettext_lazy("Held"),
    "not_standardised": gettext_lazy("Not in standard form"),
    "quarantined": gettext_lazy("In quarantine"),
    "unmapped": gettext_lazy("Places not mapped"),
}


@require_safe
@through_the_door(NoSuchBatch)
def imports(request: HttpRequest) -> HttpResponse:
    """Every import, the latest first."""
    return render(request, "intake/imports.html", {"page": paged(batches(request.user), asked=request.GET)})


@require_safe
@through_the_door(NoSuchBatch)
def one_import(request: HttpRequest, batch_id: str) -> HttpResponse:
    """One import as it stands today, and the rows of it that somebody should look at."""
    today = batch_today(batch_id, by=request.user)
    unmapped = sorted(today.counts.get("unmapped", {}).items(), key=lambda pair: (-pair[1], pair[0]))
    rows: dict[str, Sequence[Any]] = {
        "held": today.held,
        "not_standardised": today.not_standardised,
        "quarantined": today.quarantined,
        "unmapped": unmapped,
    }
    shown = request.GET.get("show", "")
    if shown not in rows:
        shown = next((key for key, found in rows.items() if found), "held")
    context = {
        "today": today,
        "tabs": [(key, title, len(rows[key])) for key, title in _TABS.items()],
        "shown": shown,
        "page": paged(rows[shown], asked=request.GET),
    }
    return render(request, "intake/import.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door(NoSuchBatch)
def undo(request: HttpRequest, batch_id: str) -> HttpResponse:
    """What an undo would take back; sent from there, it is done, or the page says why it cannot be."""
    refused = ""
    if request.method == "POST":
        try:
            done = undo_batch(batch_id, by=request.user)
        except RecordError as error:
            refused = said(error)
        else:
            told = gettext("The import is undone: %(deleted)d records deleted, %(set_back)d as they were before.")
            messages.success(request, told % {"deleted": done.deleted, "set_back": done.set_back})
            return redirect("import", batch_id)
    today = batch_today(batch_id, by=request.user)
    if today.state == "undone":
        raise Http404
    return render(request, "intake/undo.html", {"today": today, "refused": refused}, status=409 if refused else 200)
