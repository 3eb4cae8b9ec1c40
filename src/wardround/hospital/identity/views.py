"""The pages where a steward decides who is one person. Views translate HTTP and nothing else."""

from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.identity.actions import NoSuchPair, merge_pair, tell_apart, undo_merge
from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.identity.queries import pairs, side_by_side, waiting
from wardround.hospital.records.errors import RecordError
from wardround.web.layout.said import said
from wardround.web.paging import paged


@require_safe
@through_the_door(NoSuchPair)
def duplicates(request: HttpRequest) -> HttpResponse:
    """The pairs that wait for a decision, or those decided, fifty at a time."""
    state = request.GET.get("state", CandidatePair.State.OPEN)
    if state not in CandidatePair.State.values:
        raise Http404
    found = pairs(request.user, state=state)
    context = {
        "state": state,
        "page": paged(found, asked=request.GET),
        "waiting": len(found) if state == CandidatePair.State.OPEN else waiting(request.user),
    }
    return render(request, "identity/pairs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door(NoSuchPair)
def duplicate(request: HttpRequest, number: int) -> HttpResponse:
    """One pair side by side; a decision is sent here."""
    if request.method == "POST":
        return _decided(request, number)
    shown = side_by_side(request.user, number)
    context = {
        "shown": shown,
        "sides": [
            {**asdict(side), "total": sum(side.records.values()), "by_type": dict(side.records)}
            for side in (shown.one, shown.other)
        ],
        "stated": [line for line in shown.fields if line.agreement != "neither"],
        "unstated": [gettext(line.name) for line in shown.fields if line.agreement == "neither"],
    }
    return render(request, "identity/pair.html", context)


def _decided(request: HttpRequest, number: int) -> HttpResponse:
    reason, keep = request.POST.get("reason", "").strip(), request.POST.get("keep", "")
    try:
        if keep:
            merge = merge_pair(number, keep=keep, by=request.user, reason=reason)
            messages.success(request, gettext("Merged: %(many)d records moved.") % {"many": merge.moved})
        elif request.POST.get("decision") == "different":
            tell_apart(number, by=request.user, reason=reason)
            messages.success(request, gettext("They are two people, and the pair is not shown again."))
            return redirect("duplicates")
        elif request.POST.get("decision") == "undo":
            messages.success(request, undo_merge(number, by=request.user, reason=reason).sentence)
        else:
            return HttpResponseBadRequest(gettext("A decision is keep, different or undo."), content_type="text/plain")
    except NoSuchPair as error:
        messages.error(request, said(error))
        return redirect("duplicates")
    except RecordError as error:
        messages.error(request, gettext("This could not be stored: %(why)s") % {"why": said(error)})
    return redirect("duplicate", number)
