"""Pages of the wards. Views translate HTTP and nothing else."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.records.access import may, require
from wardround.hospital.wards import queries
from wardround.hospital.wards.actions import NoSuchInterval, set_plan
from wardround.hospital.wards.due import CHOICES
from wardround.hospital.wards.vital_signs import COLUMNS
from wardround.web.layout.said import said
from wardround.web.paging import number_in, paged


@require_safe
@through_the_door()
def worklist(request: HttpRequest) -> HttpResponse:
    """What is due of the patients of one's care teams, most overdue first; of one ward where the address names it."""
    found = queries.worklist(request.user)
    chosen = request.GET.get("ward", "")
    lines = [line for ward in found if chosen in {"", ward.key} for line in ward.lines]
    lines.sort(key=lambda line: line.due.at)
    context = {
        "wards": sorted(found, key=lambda ward: ward.name),
        "chosen": chosen,
        "pages": paged(lines, asked=request.GET),
        "many": len(lines),
        "narrowed": f"{urlencode({'ward': chosen})}&" if chosen else "",
        "overdue": sum(line.due.is_overdue for line in lines),
        "columns": [title for _key, title in COLUMNS],
        "names": {line.patient_id: line.name for line in lines},
    }
    return render(request, "wards/worklist.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def wards(request: HttpRequest) -> HttpResponse:
    """The wards on which one's patients lie, and the rule for wards that have none of their own."""
    if request.method == "POST":
        return _set(request, ward_name="", back=redirect("wards"))
    context = {
        "wards": queries.wards(request.user),
        "names": {},
        "choices": CHOICES,
        "every_hours": queries.hours_of("", plans=queries.plans()),
        "may_set": may(request.user, "decide"),
    }
    return render(request, "wards/wards.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def ward(request: HttpRequest, key: str) -> HttpResponse:
    """One ward by bed; who decides on records sets how often observations are due there."""
    if request.method == "POST":
        require(request.user, "decide")
    found = queries.ward(request.user, key)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _set(request, ward_name=found.name, back=redirect("ward", key))
    context = {
        "ward": found,
        "columns": [title for _key, title in COLUMNS],
        "names": {line.patient_id: line.name for line in found.lines},
        "choices": CHOICES,
        "may_set": may(request.user, "decide"),
        "may_write": may(request.user, "write"),
    }
    return render(request, "wards/ward.html", context)


def _set(request: HttpRequest, *, ward_name: str, back: HttpResponse) -> HttpResponse:
    try:
        set_plan(request.user, ward=ward_name, every_hours=number_in(request.POST, "every_hours"))
    except NoSuchInterval as error:
        messages.error(request, said(error))
    else:
        messages.success(request, gettext("Set. The worklist follows from now on."))
    return back
