"""The audit trail of the coordinator: asked, exported, verified. For those who judge and do not act on runs."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from wardround.coordinator.pages.access import actor, for_those_who
from wardround.web.audit.export import CONTENT_TYPES, export
from wardround.web.audit.queries import (
    AuditQuestion,
    AuditQuestionError,
    chain_end,
    events,
    known_actions,
    known_people,
)
from wardround.web.audit.trail import record_one
from wardround.web.audit.verification import Verdict
from wardround.web.audit.verification import verify as verify_trail
from wardround.web.layout.said import said
from wardround.web.paging import PAGE, number_in, page_of


@require_safe
@for_those_who("audit")
def audit(request: HttpRequest) -> HttpResponse:
    """The events that fit, a page at a time."""
    return _page(request)


@require_POST
@for_those_who("audit")
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Check every event, the whole chain and every signed head."""
    verdict = verify_trail()
    record_one(actor(request), "audit.verify", detail={"events": verdict.events, "problems": len(verdict.problems)})
    return _page(request, verdict=verdict)


@require_POST
@for_those_who("audit")
def audit_export(request: HttpRequest) -> HttpResponseBase:
    """The events that fit as a file; the export is in the trail itself."""
    forms = [form for form in CONTENT_TYPES if form == request.POST.get("form")]
    try:
        question = AuditQuestion.asked(request.POST.dict())
    except AuditQuestionError as error:
        return HttpResponseBadRequest(said(error))
    if not forms:
        return HttpResponseBadRequest("A trail is exported as csv or jsonl.")
    name = f"audit-{timezone.localtime():%Y%m%d-%H%M%S}.{forms[0]}"
    lines = export(question, form=forms[0], by=actor(request))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines, content_type=CONTENT_TYPES[forms[0]], headers=headers)


def _page(request: HttpRequest, *, verdict: Verdict | None = None) -> HttpResponse:
    wrong = ""
    try:
        question = AuditQuestion.asked(request.GET.dict())
    except AuditQuestionError as error:
        question, wrong = AuditQuestion(), said(error)
    found = events(question)
    total = found.count()
    start = min(number_in(request.GET, "start"), max(total - 1, 0)) // PAGE * PAGE
    shown = page_of(list(found[start : start + PAGE]), start=start, total=total)
    record_one(actor(request), "audit.read", detail={**question.facts(), "shown": len(shown.rows)})
    asked = request.GET.copy()
    asked.pop("start", None)
    context = {
        "question": question,
        "fields": {name: value or "" for name, value in asdict(question).items()},
        "wrong": wrong,
        "page": shown,
        "asked": f"{asked.urlencode()}&" if asked else "",
        "actions": known_actions(),
        "kinds": sorted({action.partition(".")[0] for action in known_actions() if "." in action}),
        "people": known_people(),
        "end": chain_end(),
        "verdict": verdict,
    }
    return render(request, "coordinator/audit.html", context, status=400 if wrong else 200)
