"""A hospital joins over HTTP: it hands in its request and later fetches its admission. Both are signed letters."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from wardround.coordinator.members.actions import MembershipError, receive_request
from wardround.coordinator.members.queries import admission_of
from wardround.federation.joining import LARGEST
from wardround.web.audit.actor import Actor

LETTER = "application/json"
HOSPITAL = Actor(kind="service", name="joining hospital", role="service")


@csrf_exempt  # no session and no cookie: the letter's own signature and secret say who sends it
@login_not_required
@require_POST
def join(request: HttpRequest) -> HttpResponse:
    if len(request.body) > LARGEST:
        return JsonResponse({"refused": "A join request is smaller than 1 MiB."}, status=413)
    try:
        member = receive_request(request.body, by=HOSPITAL)
    except MembershipError as refusal:
        return JsonResponse({"refused": str(refusal)}, status=403)
    return JsonResponse({"hospital": member.name, "standing": member.standing}, status=202)


@login_not_required
@require_GET
def admission(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - a view gets its request
    letter = admission_of(name)
    if letter is None:
        return JsonResponse(
            {"refused": "There is no admission yet; the operator compares fingerprints first."}, status=404
        )
    return HttpResponse(letter, content_type=LETTER)
