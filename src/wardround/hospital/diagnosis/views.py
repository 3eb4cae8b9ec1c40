"""Verdicts and agreement over time. Views translate HTTP and nothing else."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from wardround.hospital.diagnosis import agreement as over_time
from wardround.hospital.diagnosis.actions import record_impression, record_verdict
from wardround.hospital.diagnosis.answers import answers_behind, heading_of
from wardround.hospital.diagnosis.errors import VerdictError
from wardround.hospital.diagnosis.models import Choice
from wardround.hospital.diagnosis.small_numbers import FEWEST
from wardround.hospital.diagnosis.taking_back import take_back
from wardround.hospital.doors import through_the_door
from wardround.hospital.records.access import patient_for
from wardround.web.layout.said import said


@require_POST
@through_the_door()
def verdict(request: HttpRequest, patient_id: str) -> HttpResponse:
    """A doctor's answer to an estimate; the chart follows, with the estimate as it is now."""
    patient = patient_for(request.user, patient_id, to="judge")
    choice = request.POST.get("choice", "")
    model = request.POST.get("model", "")
    try:
        if choice == Choice.TAKE_BACK:
            given = take_back(patient, model_sha256=model)
        elif choice == Choice.IMPRESSION:
            given = record_impression(patient, model_sha256=model, impression=request.POST.get("reason", ""))
        else:
            given = record_verdict(
                patient,
                model_sha256=model,
                inputs_sha256=request.POST.get("inputs", ""),
                choice=choice,
                reason=request.POST.get("reason", ""),
                words=request.POST.get("words", ""),
            )
    except VerdictError as refusal:
        messages.error(request, said(refusal))
    else:
        if given.choice in _SAID:
            messages.success(request, _said(given.choice))
    return redirect(f"{reverse('chart', args=[patient.id])}#h-reference")


_SAID = frozenset({Choice.AGREE, Choice.DISAGREE, Choice.TAKE_BACK})


def _said(choice: str) -> str:
    if choice == Choice.AGREE:
        return gettext("You agreed, under your name. The problem stands in the chart.")
    if choice == Choice.TAKE_BACK:
        return gettext("You took your verdict back. It counts for nothing any more; the history keeps it.")
    return gettext("You disagreed. It is kept with your reason; nothing was added to the chart's problems.")


@require_safe
@through_the_door()
def agreement(request: HttpRequest) -> HttpResponse:
    """What people answered to each model's estimates over time."""
    models = over_time.agreement(request.user)
    return render(request, "diagnosis/agreement.html", {"models": models, "fewest": FEWEST, "few": over_time.FEW})


@require_safe
@through_the_door()
def agreement_records(request: HttpRequest, sha256: str) -> HttpResponse:
    """The answers behind one number."""
    asked = request.GET.get("asked", "")
    found = answers_behind(request.user, model_sha256=sha256, asked=asked)
    shown = {"answers": found, "heading": heading_of(found, asked=asked), "fewest": FEWEST}
    return render(request, "diagnosis/agreement_records.html", shown)
