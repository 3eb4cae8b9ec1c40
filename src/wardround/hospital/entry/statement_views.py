"""Pages of the forms for what is no measured value. Views translate HTTP and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from wardround.hospital.charts.person import banner_of
from wardround.hospital.doors import through_the_door
from wardround.hospital.entry import drafts, once
from wardround.hospital.entry.draft_views import keep_refused, local_address
from wardround.hospital.entry.drafts import RestoredDraft
from wardround.hospital.entry.errors import AlreadySaved, SavedBefore
from wardround.hospital.entry.statement_form import Context, JudgedStatement, StatementForm, blank, judged, searching
from wardround.hospital.entry.statement_saving import save_statement
from wardround.hospital.records.access import Patient, patient_for
from wardround.hospital.records.errors import RecordError, VersionConflict
from wardround.hospital.records.queries import banner
from wardround.web.layout.said import said

View = Callable[..., HttpResponseBase]


def entering(form: StatementForm) -> View:
    """The view of one form: it is shown, and saved where it is posted."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @through_the_door()
    def view(request: HttpRequest, patient_id: str) -> HttpResponse:
        patient = patient_for(request.user, patient_id, to="write")
        if patient.id != patient_id and request.method != "POST":  # merged since this address was written down
            return redirect(request.resolver_match.view_name, patient.id)  # type: ignore[union-attr]
        context = Context(patient, request.user)  # type: ignore[arg-type]
        if request.method == "POST":
            return _posted(request, form, context=context)
        draft = drafts.restored(context.by, drafts.key_of(form.name, patient.id))
        typed = {name: values[-1] for name, values in draft.typed.items()} if draft else None
        return shown(request, blank(form, context=context, typed=typed), context=context, draft=draft)

    return view


def _posted(request: HttpRequest, form: StatementForm, *, context: Context) -> HttpResponse:
    typed, key = typed_in(request), drafts.key_of(form.name, context.patient.id)
    if "find" in request.POST:  # without scripts, the search for a code is a button
        keep_refused(request, key)
        return shown(request, searching(form, context=context, typed=typed), context=context)
    entered = judged(form, typed=typed, context=context)
    if not entered.may_be_saved:
        keep_refused(request, key)
        return shown(request, entered, context=context)
    token, is_meant = request.POST.get("form_token", ""), request.POST.get("again") == "1"
    try:
        save_statement(entered, context=context, draft_key=key, token=token, is_meant=is_meant)
    except AlreadySaved as error:
        messages.info(request, said(error))
    except SavedBefore as error:
        return shown(request, with_problem(entered, said(error)), context=context, again="1")
    except VersionConflict:
        keep_refused(request, key)
        why = gettext("Somebody changed this a moment ago. Look at what stands there now, and save again.")
        return shown(request, with_problem(entered, why), context=context)
    except RecordError as error:
        keep_refused(request, key)
        why = gettext("This could not be stored: %(why)s") % {"why": said(error)}
        return shown(request, with_problem(entered, why), context=context)
    else:
        messages.success(request, gettext("Saved."))
    return redirect(back_to(request, context.patient, route=form.list_route))


def shown(
    request: HttpRequest,
    form: JudgedStatement,
    *,
    context: Context,
    draft: RestoredDraft | None = None,
    template: str = "entry/statement.html",
    **more: Any,
) -> HttpResponse:
    """The page of a form, with what is said about it."""
    patient = context.patient
    return render(
        request,
        template,
        {
            "form": form,
            "problems": form.summary,
            "person": banner_of(banner(patient).resource),
            "patient_id": patient.id,
            "address": request.path,
            "form_token": once.new_token(),
            "draft_key": drafts.key_of(form.form.name, patient.id),
            "draft": draft,
            "back": back_to(request, patient, route=form.form.list_route),
            "next": request.POST.get("next") or request.GET.get("next", ""),
            **more,
        },
        status=200,
    )


def with_problem(form: JudgedStatement, sentence: str) -> JudgedStatement:
    """The same form with a sentence about the whole of it."""
    return replace(form, problems={**form.problems, "": sentence})


def typed_in(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in request.POST}


def back_to(request: HttpRequest, patient: Patient, *, route: str) -> str:
    """Where the form was opened from; else where the chart shows what it made."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return local_address(request, asked, otherwise=_route(route, patient.id))


def _route(name: str, patient_id: str) -> str:
    try:
        return reverse(name, args=[patient_id])
    except NoReverseMatch:
        return reverse("chart", args=[patient_id])
