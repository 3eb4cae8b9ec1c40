"""The audit trail for privacy officers and administrators: filters, who opened one record, export, and is it whole."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wardround.hospital.administration.audit_trail import checked, exported, patient_with_number, trail_page
from wardround.hospital.doors import through_the_door
from wardround.hospital.roles import require
from wardround.web.accounts.models import ROLES_OF_SITE
from wardround.web.audit.export import CONTENT_TYPES
from wardround.web.audit.queries import (
    OUTCOMES,
    AuditQuestion,
    AuditQuestionError,
    chain_end,
    known_actions,
    known_people,
)
from wardround.web.layout.said import said
from wardround.web.paging import number_in

_ASKED = ("person", "role", "action", "outcome", "since", "until")


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def audit(request: HttpRequest) -> HttpResponse:
    """The events that fit. A hospital number is sent by POST and becomes the patient's id before it stands in an address."""
    require(request.user, "audit")
    if request.method == "POST":
        return _narrowed(request)
    patient_id = request.GET.get("patient", "")[:64]
    refused = ""
    try:
        question = AuditQuestion.asked(request.GET.dict(), patient_id=patient_id)
    except AuditQuestionError as error:
        question, refused = AuditQuestion(patient_id=patient_id), said(error)
    page = trail_page(request.user, question, start=number_in(request.GET, "start"))
    asked = {name: value for name in (*_ASKED, "patient") if (value := request.GET.get(name, ""))}
    context = {
        "page": page,
        "question": question,
        "given": asked,
        "asked": f"{urlencode(asked)}&" if asked else "",
        "refused": refused,
        "people": known_people(),
        "actions": known_actions(),
        "outcomes": OUTCOMES,
        "roles": ROLES_OF_SITE["hospital"],
        "chain": chain_end(),
    }
    return render(request, "administration/audit.html", context)


@require_safe
@through_the_door()
def audit_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The events that fit as a file; that it was made is in the trail before its first line leaves."""
    require(request.user, "audit")
    if form not in CONTENT_TYPES:
        return HttpResponseBadRequest(gettext("The trail is exported as csv or jsonl."), content_type="text/plain")
    try:
        question = AuditQuestion.asked(request.GET.dict(), patient_id=request.GET.get("patient", "")[:64])
    except AuditQuestionError as error:
        return HttpResponseBadRequest(said(error), content_type="text/plain")
    lines = exported(request.user, question, form=form)
    answer = StreamingHttpResponse(lines, content_type=CONTENT_TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="audit.{form}"'
    return answer


@require_POST
@through_the_door()
def audit_check(request: HttpRequest) -> HttpResponse:
    """Is the whole trail as it was written?"""
    verdict = checked(request.user)
    if verdict.is_whole:
        told = ngettext(
            "The trail is whole: %(many)d event checked.",
            "The trail is whole: %(many)d events checked.",
            verdict.events,
        )
        messages.success(request, told % {"many": verdict.events})
    for problem in verdict.problems[:20]:
        messages.error(request, problem)
    return redirect("audit")


def _narrowed(request: HttpRequest) -> HttpResponse:
    asked = {name: value for name in _ASKED if (value := request.POST.get(name, "").strip())}
    number = request.POST.get("number", "").strip()
    patient = request.POST.get("patient", "")
    if number:
        patient = patient_with_number(request.user, number) or ""
        if not patient:
            messages.error(request, gettext("No patient here has this hospital number."))
            return redirect("audit")
    return redirect(f"{reverse('audit')}?{urlencode({**asked, **({'patient': patient} if patient else {})})}")
