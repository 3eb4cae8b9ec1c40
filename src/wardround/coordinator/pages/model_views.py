"""The model registry, one model's facts, and what may be downloaded: documents about a model, never the model itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wardround.coordinator.models.facts import all_facts, as_document, facts_of
from wardround.coordinator.models.queries import NoSuchModelError
from wardround.coordinator.pages.access import actor, for_those_who
from wardround.coordinator.runs.board import read_outcome, run_folder
from wardround.coordinator.runs.queries import NoSuchRunError, run_state
from wardround.web.audit.trail import record_one


@require_safe
@for_those_who("watch")
def model_list(request: HttpRequest) -> HttpResponse:
    """Every global model."""
    return render(request, "coordinator/models.html", {"models": all_facts()})


@require_safe
@for_those_who("watch")
def model(request: HttpRequest, sha256: str) -> HttpResponse:
    """The facts of one model."""
    try:
        facts = facts_of(sha256)
    except NoSuchModelError as error:
        raise Http404 from error
    return render(request, "coordinator/model.html", {"facts": facts})


@require_safe
@for_those_who("watch")
def model_facts_file(request: HttpRequest, sha256: str) -> HttpResponse:
    """The facts as JSON."""
    try:
        facts = facts_of(sha256)
    except NoSuchModelError as error:
        raise Http404 from error
    record_one(actor(request), "model.facts", what=f"GlobalModel/{facts.run_id}")
    return _json(as_document(facts), file=f"{facts.study.name}-{sha256[:12]}.facts.json")


@require_safe
@for_those_who("watch")
def run_report(request: HttpRequest, run_id: str) -> HttpResponse:
    """One run as JSON: its state with the whole log, and at its end its figures."""
    try:
        state = run_state(run_id)
    except NoSuchRunError as error:
        raise Http404 from error
    record_one(actor(request), "run.report", what=f"Run/{run_id}")
    report = {"format": "wardround-run-report-1", "run": asdict(state),
              "result": read_outcome(run_folder(settings.HOME, run_id))}  # fmt: skip
    return _json(report, file=f"{run_id}.report.json")


def _json(document: Mapping[str, object], *, file: str) -> HttpResponse:
    text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)
