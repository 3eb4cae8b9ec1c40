"""Pages of the charts: the patient list, the summary, the change history, decisions. Views translate HTTP and nothing else."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wardround.hospital.charts import summary
from wardround.hospital.charts.changes import changes
from wardround.hospital.charts.history import Asked, history
from wardround.hospital.charts.patients import patient_lines
from wardround.hospital.charts.person import banner_for
from wardround.hospital.diagnosis.queries import references_for
from wardround.hospital.doors import through_the_door
from wardround.hospital.navigation import entries_of
from wardround.hospital.quality.deciding import decide_on_record, decide_on_value
from wardround.hospital.records.access import may, patient_for
from wardround.hospital.records.errors import NotHere
from wardround.web.paging import number_in

_WHILE_TYPING = {"patient-list": "charts/patient_lines.html", "found-patients": "charts/found_patients.html"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where the work of the day is: what is due for a nurse, what to mend for a steward, the patients for who else has charts.

    For other roles the first page that they have, or one that says so.
    """
    if may(request.user, "write") and not may(request.user, "judge"):
        return redirect("worklist")
    if may(request.user, "imports"):
        return redirect("quality")
    if may(request.user, "charts"):
        return redirect("patients")
    if areas := entries_of(request):
        return redirect(areas[0].url)
    return render(request, "charts/no_charts.html")


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def patient_list(request: HttpRequest) -> HttpResponse:
    """The patients. A search is sent by POST, because an address ends in logs and a name must not.

    Enter opens the only patient who answers; while somebody types, here or in the bar of another page, the lines alone
    are sent.
    """
    asked = request.POST if request.method == "POST" else request.GET
    search = request.POST.get("search", "").strip()
    target = request.headers.get("HX-Target")
    if target == "found-patients" and not search:
        return HttpResponse()
    page = patient_lines(request.user, search=search, page=number_in(asked, "page", otherwise=1))
    if target in _WHILE_TYPING:
        return render(request, _WHILE_TYPING[target], {"page": page})
    if search and page.total == 1:
        return redirect("chart", page.lines[0].id)
    return render(request, "charts/patients.html", {"page": page})


@require_safe
@through_the_door()
def chart_summary(request: HttpRequest, patient_id: str) -> HttpResponse:
    """The chart of one patient, with what the hospitals learned together as a reference beside it."""
    patient = patient_for(request.user, patient_id)
    if patient.id != patient_id:  # merged since this address was written down
        return redirect("chart", patient.id)
    chart = summary.summary(patient, window=request.GET.get("show", ""))
    return render(
        request,
        "charts/chart.html",
        {
            "chart": chart,
            "person": chart.person,
            "references": references_for(patient),
            "may_decide": may(request.user, "decide"),
        },
    )


@require_safe
@through_the_door()
def change_history(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Every version of everything in the chart, in pages, narrowed by kind, person or record."""
    patient = patient_for(request.user, patient_id)
    if patient.id != patient_id:
        return redirect("chart-history", patient.id)
    asked = Asked(
        kind=request.GET.get("kind", ""), who=request.GET.get("who", ""), record=request.GET.get("record", "")
    )
    found = history(patient, asked=asked, start=number_in(request.GET, "start"))
    narrowed = request.GET.copy()
    narrowed.pop("start", None)
    return render(
        request,
        "charts/history.html",
        {
            "person": banner_for(patient),
            "history": found,
            "changes": changes(found),
            "page": found.page,
            "narrowed": narrowed.urlencode(),
        },
    )


@require_POST
@through_the_door(NotHere)
def decide(request: HttpRequest, patient_id: str, value_id: int) -> HttpResponse:
    """A held value of this chart is decided."""
    patient = patient_for(request.user, patient_id, to="decide")
    if not summary.has_value(patient, value_id):
        raise Http404
    return decide_on_value(request, value_id) or redirect("chart", patient_id)


@require_POST
@through_the_door(NotHere)
def decide_record(request: HttpRequest, patient_id: str, finding_id: int) -> HttpResponse:
    """A held record of this chart is decided."""
    patient = patient_for(request.user, patient_id, to="decide")
    if not summary.has_finding(patient, finding_id):
        raise Http404
    return decide_on_record(request, finding_id) or redirect("chart", patient_id)
