"""The page that registers a new patient, and shows who may be the same person."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from wardround.hospital.doors import through_the_door
from wardround.hospital.entry import drafts, once
from wardround.hospital.entry.draft_views import keep_refused
from wardround.hospital.entry.drafts import RestoredDraft
from wardround.hospital.entry.errors import AlreadySaved, SavedBefore
from wardround.hospital.entry.new_patient import NEW_PATIENT, JudgedPatient, boxes, judged_patient, register_patient
from wardround.hospital.entry.statement_form import JudgedStatement, shown_boxes
from wardround.hospital.entry.statement_views import typed_in, with_problem
from wardround.hospital.records.access import require
from wardround.hospital.records.errors import Duplicate, RecordError
from wardround.web.layout.said import said


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def new_patient(request: HttpRequest) -> HttpResponse:
    """Who it is; then, if somebody here looks like this person, both side by side before anything is stored."""
    require(request.user, "write")
    user, key = request.user, drafts.key_of("new-patient")
    if request.method != "POST":
        draft = drafts.restored(user, key)  # type: ignore[arg-type]
        typed = {name: values[-1] for name, values in draft.typed.items()} if draft else {}
        shown = shown_boxes(boxes(), typed=typed, problems={}, warnings=(), is_new=True)
        opened = JudgedStatement(NEW_PATIENT, shown, (), {}, (), "", is_vouched_for=False)
        return _page(request, JudgedPatient(opened), draft=draft)
    form = judged_patient(typed_in(request), by=user)  # type: ignore[arg-type]
    if not form.entered.may_be_saved:
        keep_refused(request, key)
        return _page(request, form)
    token, is_meant = request.POST.get("form_token", ""), request.POST.get("again") == "1"
    try:
        patient_id = register_patient(form, by=user, token=token, is_meant=is_meant)  # type: ignore[arg-type]
    except AlreadySaved as error:
        messages.info(request, said(error))
        return redirect("patients")
    except SavedBefore as error:
        return _page(request, _with_problem(form, "", said(error)), again="1")
    except Duplicate:
        keep_refused(request, key)
        why = gettext("Another patient here has this number. Look for that patient, or correct the number.")
        return _page(request, _with_problem(form, "number", why))
    except RecordError as error:
        keep_refused(request, key)
        return _page(
            request, _with_problem(form, "", gettext("This could not be stored: %(why)s") % {"why": said(error)})
        )
    messages.success(request, gettext("Registered."))
    return redirect("chart", patient_id)


def _page(
    request: HttpRequest, form: JudgedPatient, *, draft: RestoredDraft | None = None, again: str = ""
) -> HttpResponse:
    context = {
        "form": form.entered,
        "alike": form.alike,
        "problems": form.entered.summary,
        "address": request.path,
        "form_token": once.new_token(),
        "draft_key": drafts.key_of("new-patient"),
        "draft": draft,
        "back": reverse("patients"),
        "again": again,
    }
    return render(request, "entry/new_patient.html", context)


def _with_problem(form: JudgedPatient, box: str, sentence: str) -> JudgedPatient:
    if not box:
        return replace(form, entered=with_problem(form.entered, sentence))
    shown = tuple(replace(s, problem=sentence) if s.name == box else s for s in form.entered.boxes)
    return replace(form, entered=replace(form.entered, boxes=shown, problems={box: sentence}))
