"""Pages of data quality. Views translate HTTP and nothing else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from wardround.hospital.quality.errors import NoSuchCheck
from wardround.hospital.quality.presentation import shown
from wardround.hospital.quality.prometheus import CONTENT_TYPE, store_lines
from wardround.hospital.quality.report import records_of
from wardround.hospital.quality.snapshots import latest, measure
from wardround.hospital.records.access import NotAllowed
from wardround.web.accounts.queries import valid_token

_PAGE = 100


def for_stewards(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A role that does not look after data is refused with 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as error:
            raise PermissionDenied from error

    return guarded


@require_safe
@for_stewards
def report(request: HttpRequest) -> HttpResponse:
    """The latest report."""
    facts = latest(request.user)
    return render(request, "quality/page.html", shown(facts) if facts else {"facts": None})


@require_POST
@for_stewards
def measure_now(request: HttpRequest) -> HttpResponse:
    """Measure the records now."""
    measure(request.user)
    return redirect("quality")


@require_safe
@for_stewards
def records(request: HttpRequest) -> HttpResponse:
    """The records behind one number, a hundred at a time."""
    start = request.GET.get("start", "0")
    first = int(start) if start.isascii() and start.isdecimal() and len(start) < 10 else 0
    try:
        check, found = records_of(request.GET.get("check", ""), by=request.user, start=first, most=_PAGE)
    except NoSuchCheck as error:
        raise Http404 from error
    context = {
        "check": check,
        "records": found,
        "first": first + 1,
        "last": first + len(found),
        "next": first + _PAGE if first + _PAGE < check.failed else None,
        "previous": max(first - _PAGE, 0) if first else None,
    }
    return render(request, "quality/records.html", context)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus, for whoever has a token of this node: `Authorization: Bearer TOKEN`."""
    scheme, _blank, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or valid_token(text.strip()) is None:
        sentence = "Send a token: Authorization: Bearer TOKEN. `wardround hospital token` makes one.\n"
        refused = HttpResponse(sentence, status=401, content_type="text/plain; charset=utf-8")
        refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refused
    return HttpResponse("\n".join(store_lines()) + "\n", content_type=CONTENT_TYPE)
