"""Pages of the forms for measured values. Views translate HTTP and nothing else."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from wardround.clinical.neighbours import OTHER_PRESSURE
from wardround.hospital.charts.person import banner_for
from wardround.hospital.doors import through_the_door
from wardround.hospital.entry import drafts, once
from wardround.hospital.entry.actions import save_values
from wardround.hospital.entry.draft_views import keep_refused, local_address
from wardround.hospital.entry.earlier import earlier_values
from wardround.hospital.entry.errors import AlreadySaved, SavedBefore
from wardround.hospital.entry.fields import Problem
from wardround.hospital.entry.judging import Judged, judged, with_focus
from wardround.hospital.entry.openings import opened, still_open
from wardround.hospital.entry.sheets import LABORATORY, PANELS, SHEETS, VITAL_SIGNS, Sheet, find_tests, measurements_of
from wardround.hospital.entry.typed import time_boxes
from wardround.hospital.records.access import Patient, patient_for
from wardround.hospital.records.errors import RecordError
from wardround.web.layout.said import said

_UNITS = "entry_units"  # in the session: the unit that this person chose last for each measurement


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def enter_vital_signs(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Vital signs: a page of its own, or a card that the chart loads beside the values."""
    return _enter(request, patient_id, sheet=VITAL_SIGNS)


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def enter_laboratory(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Laboratory results: tests are chosen by panel or by search, and keep their boxes until the form is saved."""
    return _enter(request, patient_id, sheet=LABORATORY)


@require_POST
@through_the_door()
def check(request: HttpRequest, patient_id: str, sheet: str) -> HttpResponse:
    """What is said about one box while it is typed into; the other pressure is looked at with it."""
    if sheet not in SHEETS:
        raise Http404
    patient = still_open(request, patient_id)
    form = _judged(request, SHEETS[sheet], patient=patient, typed=_posted(request), tests=request.POST.getlist("test"))
    by_name = {field.name: field for field in form.fields}
    name = request.POST.get("check", "")
    if name not in by_name:
        raise Http404
    partner = by_name.get(OTHER_PRESSURE.get(name, ""))
    context = {"field": by_name[name], "partner": partner if partner and partner.typed else None}
    return render(request, "entry/checked.html", context)


@require_POST
@through_the_door()
def find(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Laboratory tests by name or code, while it is typed."""
    still_open(request, patient_id)
    search = request.POST.get("search", "")
    return render(request, "entry/found_tests.html", {"found": find_tests(search), "search": search})


def _enter(request: HttpRequest, patient_id: str, *, sheet: Sheet) -> HttpResponse:
    patient = patient_for(request.user, patient_id, to="write")
    if patient.id != patient_id and request.method != "POST":  # merged since this address was written down
        return redirect(f"enter-{sheet.name}", patient.id)
    key = drafts.key_of(sheet.name, patient.id)
    if request.method == "POST":
        return _posted_form(request, sheet, patient=patient, key=key)
    draft = drafts.restored(request.user, key)  # type: ignore[arg-type]
    typed = {name: values[-1] for name, values in draft.typed.items()} if draft else time_boxes(timezone.now())
    tests = [*(draft.typed.get("test", []) if draft else []), *_chosen(request.GET)]
    form = _judged(request, sheet, patient=patient, typed=typed, tests=tests)
    return _shown(request, sheet, patient=patient, form=with_focus(form), draft=draft)


def _posted_form(request: HttpRequest, sheet: Sheet, *, patient: Patient, key: str) -> HttpResponse:
    typed, tests = _posted(request), request.POST.getlist("test")
    asked, search = request.POST, request.POST.get("search", "").strip()
    removed = asked.get("remove", "")
    added = _chosen(asked)
    on = _fill(typed, asked.get("use", "")) or next((m.key for m in measurements_of(added)), "")
    tests = [test for test in [*tests, *added] if test != removed]
    form = _judged(request, sheet, patient=patient, typed=typed, tests=tests)
    # Enter in the search box of a browser without scripts is not "Save".
    is_search = bool(search) and asked.get("save") != "1"
    if on or added or removed or is_search:
        keep_refused(request, key)
        found = find_tests(search) if is_search else []
        return _shown(request, sheet, patient=patient, form=with_focus(form, on=on), found=found, search=search)
    if not form.problems and not form.number_of_values:
        problem = Problem("", gettext("Nothing is entered yet. Fill in at least one value."))
        return _shown(request, sheet, patient=patient, form=with_focus(form), problems=[problem])
    if form.problems:
        keep_refused(request, key)
        return _shown(request, sheet, patient=patient, form=with_focus(form), problems=form.problems)
    return _saved(request, sheet, patient=patient, form=form, key=key)


def _saved(request: HttpRequest, sheet: Sheet, *, patient: Patient, form: Judged, key: str) -> HttpResponse:
    token, is_meant = request.POST.get("form_token", ""), request.POST.get("again") == "1"
    many = form.number_of_values
    try:
        stored = save_values(
            form, patient=patient, by=request.user, draft_key=key, token=token, is_meant=is_meant  # type: ignore[arg-type]
        )  # fmt: skip
    except AlreadySaved as error:
        messages.info(request, said(error))
    except SavedBefore as error:
        problems = [Problem("", said(error))]
        return _shown(request, sheet, patient=patient, form=with_focus(form), problems=problems, again="1")
    except RecordError as error:
        keep_refused(request, key)
        problems = [Problem("", gettext("This could not be stored: %(why)s") % {"why": said(error)})]
        return _shown(request, sheet, patient=patient, form=with_focus(form), problems=problems)
    else:
        told = ngettext("Saved: %(many)s value.", "Saved: %(many)s values.", many) % {"many": many}
        held = sum(one.held for one in stored)
        if held:
            told += " " + ngettext(
                "%(held)s of them is held until somebody decides.", "%(held)s of them are held until somebody decides.", held
            ) % {"held": held}  # fmt: skip
        messages.success(request, told, extra_tags=patient.id)  # a board says there whose they are
        chosen = {field.name: field.unit for field in form.fields if field.typed}
        request.session[_UNITS] = {**request.session.get(_UNITS, {}), **chosen}
    back = _back(request, patient)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": back})
    return redirect(back)


def _judged(
    request: HttpRequest, sheet: Sheet, *, patient: Patient, typed: Mapping[str, str], tests: list[str]
) -> Judged:
    keys = sheet.keys or tests
    preferred = request.session.get(_UNITS, {})
    return judged(sheet, patient=patient, measurements=measurements_of(keys), typed=typed, preferred=preferred)


def _shown(
    request: HttpRequest,
    sheet: Sheet,
    *,
    patient: Patient,
    form: Judged,
    problems: list[Problem] | None = None,
    **more: Any,
) -> HttpResponse:
    opened(request, patient)
    is_card = bool(request.headers.get("HX-Request"))
    context = {
        "sheet": sheet,
        "form": form,
        "problems": problems or [],
        "patient_id": patient.id,
        "address": reverse(f"enter-{sheet.name}", args=[patient.id]),
        "check_address": reverse("enter-check", args=[patient.id, sheet.name]),
        "form_token": once.new_token(),
        "draft_key": drafts.key_of(sheet.name, patient.id),
        "back": _back(request, patient),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "is_laboratory": sheet is LABORATORY,
        "panels": PANELS if sheet is LABORATORY else (),
        **time_boxes(form.at or timezone.now()),
        **({"measured_date": request.POST.get("measured_date"), "measured_time": request.POST.get("measured_time")}
           if form.at is None else {}),
        **more,
    }  # fmt: skip
    if is_card:
        return render(request, "entry/measured_card.html", context)
    person = context["person"] = banner_for(patient)
    shown = measurements_of([field.name for field in form.fields])
    context["earlier"] = earlier_values(patient, measurements=shown, whose=person.whose)
    return render(request, "entry/measured.html", context)


def _posted(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in request.POST}


def _chosen(asked: Any) -> list[str]:
    """The tests that an address or a button adds: one, or those of a panel."""
    panel = next((panel.tests for panel in PANELS if panel.key == asked.get("panel", "")), ())
    return [*panel, *filter(None, asked.getlist("add"))]


def _fill(typed: dict[str, str], fills: str) -> str:
    """Put the likely value into its boxes, where the page has no scripts that do it; the name of the first box."""
    try:
        values = json.loads(fills) if fills else {}
    except ValueError:
        return ""
    if not isinstance(values, dict):
        return ""
    boxes = {str(name): str(value) for name, value in values.items()}
    typed.update(boxes)
    return next(iter(boxes), "")


def _back(request: HttpRequest, patient: Patient) -> str:
    """Where the form was opened from: the worklist, a ward, or the chart."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return local_address(request, asked, otherwise=reverse("chart", args=[patient.id]))
