"""The pages of one chart beside its summary: lists, vital signs, laboratory, documents, print. HTTP and nothing else."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from wardround.hospital.charts import pages, vital_signs
from wardround.hospital.charts.everything import everything, whole_record
from wardround.hospital.charts.given import given
from wardround.hospital.charts.laboratory import flowsheet
from wardround.hospital.charts.limit_results import limit_results
from wardround.hospital.charts.observed_text import as_received
from wardround.hospital.charts.person import banner_for
from wardround.hospital.charts.printing import printed
from wardround.hospital.doors import through_the_door
from wardround.hospital.records.access import Patient, may, patient_for
from wardround.web.paging import number_in, page_of, paged

_ROWS = 25  # moments of a page of vital signs
_LONG = 50  # lines of a page of a list
# Whoever opens a file of a record as a page of its own opens it without this site's rights: no script, no form, no frame.
_NOTHING_RUNS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Showing = Callable[[HttpRequest, Patient], HttpResponse]


def _page(route: str) -> Callable[[Showing], Callable[..., HttpResponseBase]]:
    """A page about one patient: through the door, and on to the record that is kept where theirs was merged into it."""

    def made(showing: Showing) -> Callable[..., HttpResponseBase]:
        @require_safe
        @through_the_door()
        def view(request: HttpRequest, patient_id: str) -> HttpResponse:
            patient = patient_for(request.user, patient_id)
            return showing(request, patient) if patient.id == patient_id else redirect(route, patient.id)

        return view

    return made


def _family(_request: HttpRequest, patient: Patient) -> dict[str, object]:
    return {"family": pages.family(patient), "family_listing": pages.FAMILY}


def _given(request: HttpRequest, patient: Patient) -> dict[str, object]:
    return {"given": given(patient.id, start=number_in(request.GET, "given"))}


# What stands below a list, on the same page.
_BESIDE = {"problems": _family, "medicines": _given}


def listing(name: str) -> Callable[..., HttpResponseBase]:
    """The page of one of the chart's lists."""

    @_page(f"chart-{name}")
    def view(request: HttpRequest, patient: Patient) -> HttpResponse:
        lines = pages.listed(patient, name=name)
        page = paged(lines, asked=request.GET, size=_LONG)
        shown = {
            "person": banner_for(patient),
            "name": name,
            "listing": pages.LISTINGS[name],
            "page": page,
            "present": [line for line in page.rows if not line.is_past and not line.is_suspected],
            "suspected": [line for line in page.rows if line.is_suspected and not line.is_past],
            "past": [line for line in page.rows if line.is_past],
            **(_BESIDE[name](request, patient) if name in _BESIDE else {}),
        }
        return render(request, "charts/papers.html" if name in {"notes", "documents"} else "charts/listing.html", shown)

    return view


@_page("chart-encounters")
def encounters(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Stays and visits with their places."""
    page = paged(pages.stays(patient), asked=request.GET, size=_LONG)
    return render(request, "charts/encounters.html", {"person": banner_for(patient), "page": page})


@_page("chart-vital-signs")
def vital_signs_page(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The trend, the same as a drawing to zoom, and the table of every value."""
    person = banner_for(patient)
    asked = request.GET.get("show", "")
    moments = vital_signs.moments_of(patient.id)
    total = moments.count()
    start = min(number_in(request.GET, "start"), max(total - 1, 0)) // _ROWS * _ROWS
    shown = [time for time in moments[start : start + _ROWS] if time is not None]
    keys = vital_signs.measured_keys(patient.id)
    rows = vital_signs.table(patient.id, keys=keys, moments=shown, whose=person.whose)
    trend = vital_signs.vital_signs(patient.id, asked=asked, whose=person.whose)
    return render(
        request,
        "charts/vital_signs.html",
        {
            "person": person,
            "vital_signs": trend,
            "columns": vital_signs.columns(keys),
            "page": page_of(rows, start=start, total=total, size=_ROWS),
            "narrowed": f"show={trend.window}&",
            "zone": timezone.get_current_timezone_name(),
            "may_write": may(request.user, "write"),
        },
    )


@_page("chart-vital-signs")
def vital_sign_points(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The trend's values, for the drawing on the page of vital signs."""
    rows = vital_signs.points_of(patient.id, asked=request.GET.get("show", ""), whose=banner_for(patient).whose)
    return JsonResponse({"rows": rows})


@_page("chart-laboratory")
def laboratory(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every result in time, and what is no standard value as it was received."""
    person = banner_for(patient)
    limits = limit_results(patient.id)
    sheet = flowsheet(patient.id, start=number_in(request.GET, "start"), whose=person.whose, limits=limits)
    others = as_received(patient.id, start=number_in(request.GET, "other"), without=[one.row for one in limits])
    shown = {"person": person, "sheet": sheet, "others": others, "may_write": may(request.user, "write")}
    return render(request, "charts/laboratory.html", shown)


@require_safe
@through_the_door()
def document(request: HttpRequest, patient_id: str, type_name: str, logical_id: str) -> HttpResponse:
    """One document: its words as text, and its files to download."""
    patient, found = _document(request, patient_id, type_name, logical_id)
    return render(request, "charts/document.html", {"person": banner_for(patient), "document": found})


@require_safe
@through_the_door()
def document_file(request: HttpRequest, patient_id: str, type_name: str, logical_id: str, number: int) -> HttpResponse:
    """A file of a document. A picture or a plain text opens; all else is a download. Nothing in it ever runs here."""
    patient, found = _document(request, patient_id, type_name, logical_id)
    file = next((file for file in found.files if file.number == number), None)
    if file is None:
        raise Http404
    pages.audit_download(patient, of=found, file=file)
    answer = HttpResponse(file.content, content_type=file.served_as)
    answer["Content-Disposition"] = f'{"inline" if file.is_shown else "attachment"}; filename="{file.name}"'
    for name, value in _NOTHING_RUNS.items():
        answer[name] = value
    return answer


@_page("chart-everything")
def everything_page(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every record of the patient by kind, each on one line."""
    found = everything(patient, kind=request.GET.get("kind", ""), start=number_in(request.GET, "start"))
    narrowed = f"kind={found.asked}&" if found.asked else ""
    shown = {"person": banner_for(patient), "everything": found, "page": found.page, "narrowed": narrowed}
    return render(request, "charts/everything.html", shown)


@require_safe
@through_the_door()
def record_page(request: HttpRequest, patient_id: str, type_name: str, logical_id: str) -> HttpResponse:
    """One record as it is stored."""
    patient = patient_for(request.user, patient_id)
    found = whole_record(patient, type_name=type_name, logical_id=logical_id)
    if found is None:
        raise Http404
    return render(request, "charts/record.html", {"person": banner_for(patient), "record": found})


@_page("chart-print")
def print_view(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The whole chart for paper."""
    name, account = str(request.user), patient.actor.name
    made = printed(patient, by=name if name == account else f"{name} ({account})")
    return render(request, "charts/print.html", {"printed": made, "person": made.person})


def _document(request: HttpRequest, patient_id: str, type_name: str, logical_id: str) -> tuple[Patient, Any]:
    patient = patient_for(request.user, patient_id)
    base = request.build_absolute_uri(reverse("fhir-base"))
    found = pages.document_at(patient, type_name=type_name, logical_id=logical_id, base=base)
    if found is None:
        raise Http404
    return patient, found
