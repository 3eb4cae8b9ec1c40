"""The pages of emergency access. Views translate HTTP and nothing else."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from wardround.hospital.doors import through_the_door
from wardround.hospital.emergency.actions import end_emergency, may_open, open_in_emergency, review_emergency
from wardround.hospital.emergency.errors import EmergencyError
from wardround.hospital.emergency.queries import own_open_charts, reviewed, to_review
from wardround.web.layout.said import said

_LISTED = 50


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def emergency_access(request: HttpRequest) -> HttpResponse:
    """Where a chart is opened in an emergency. What is typed is sent by POST and stands in no address."""
    may_open(request.user)
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("number", "birth", "reason")}
        try:
            return redirect("chart", open_in_emergency(**typed, by=request.user))
        except EmergencyError as error:
            context = {"typed": typed, "refused": said(error), "open": own_open_charts(request.user)}
            return render(request, "emergency/access.html", context)
    return render(request, "emergency/access.html", {"open": own_open_charts(request.user)})


@require_POST
@through_the_door()
def end(request: HttpRequest, access_id: str) -> HttpResponse:
    """The person needs the chart no longer."""
    try:
        end_emergency(access_id, by=request.user)
        messages.success(request, gettext("The emergency access is ended."))
    except EmergencyError as error:
        messages.error(request, said(error))
    return redirect("emergency-access")


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def reviews(request: HttpRequest) -> HttpResponse:
    """Every emergency access that nobody has reviewed, and the latest that were."""
    if request.method == "POST":
        try:
            review_emergency(request.POST.get("access", ""), note=request.POST.get("note", ""), by=request.user)
            messages.success(request, gettext("It is reviewed."))
        except EmergencyError as error:
            messages.error(request, said(error))
        return redirect("emergency-reviews")
    context = {"waiting": to_review(request.user), "reviewed": reviewed(request.user, most=_LISTED)}
    return render(request, "emergency/reviews.html", context)
