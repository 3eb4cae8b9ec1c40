"""Pages of data quality. Views translate HTTP and nothing else."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from wardround.hospital.doors import through_the_door
from wardround.hospital.quality.errors import NoSuchCheck
from wardround.hospital.quality.presentation import shown
from wardround.hospital.quality.prometheus import store_text
from wardround.hospital.quality.report import records_of
from wardround.hospital.quality.snapshots import latest, measure
from wardround.hospital.training.watching import drift_alerts
from wardround.web.accounts.queries import valid_token
from wardround.web.paging import PAGE, number_in, page_of


@require_safe
@through_the_door(NoSuchCheck)
def report(request: HttpRequest) -> HttpResponse:
    """The latest report."""
    facts = latest(request.user)
    context = shown(facts) if facts else {"facts": None}
    return render(request, "quality/page.html", context | {"drift_alerts": drift_alerts()})


@require_POST
@through_the_door(NoSuchCheck)
def measure_now(request: HttpRequest) -> HttpResponse:
    """Measure the records now."""
    measure(request.user)
    return redirect("quality")


@require_safe
@through_the_door(NoSuchCheck)
def records(request: HttpRequest) -> HttpResponse:
    """The records behind one number, fifty at a time."""
    key, start = request.GET.get("check", ""), number_in(request.GET, "start")
    check, found = records_of(key, by=request.user, start=start, most=PAGE)
    context = {
        "check": check,
        "page": page_of(found, start=start, total=check.failed),
        "narrowed": urlencode({"check": key}),
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
    return HttpResponse(store_text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
