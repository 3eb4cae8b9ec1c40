"""The page of models. Views translate HTTP and nothing else."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from wardround.hospital.doors import through_the_door
from wardround.hospital.training.models_page import model_numbered, models_page
from wardround.hospital.training.pages.refusing import says_why_not
from wardround.hospital.training.queries import NotKnownError
from wardround.hospital.training.switching import put_in_use, switch_off
from wardround.hospital.training.watching import drift_alerts


@require_safe
@through_the_door()
def models(request: HttpRequest) -> HttpResponse:
    """Every model this hospital has, study by study."""
    return render(
        request, "training/models.html", {"studies": models_page(request.user), "drift_alerts": drift_alerts()}
    )


@require_POST
@through_the_door(NotKnownError)
@says_why_not("models")
def use(request: HttpRequest, number: int) -> HttpResponse:
    """Put a kept model in use."""
    model, reason = model_numbered(number, by=request.user), request.POST.get("reason", "")
    put_in_use(model, reason=reason, by=request.user, in_use=request.POST.get("in_use", ""))
    messages.success(request, gettext("The model is in use: charts show its estimate from now on."))
    return redirect("models")


@require_POST
@through_the_door(NotKnownError)
@says_why_not("models")
def off(request: HttpRequest, number: int) -> HttpResponse:
    """No estimate of this model in any chart."""
    switch_off(model_numbered(number, by=request.user), reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, gettext("The model is switched off: no chart shows its estimate any more."))
    return redirect("models")
