"""The page about joining a federation. Views translate HTTP and nothing else."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from wardround.federation.joining import Invitation, read_letter
from wardround.hospital.doors import through_the_door
from wardround.hospital.records.access import require
from wardround.hospital.training import joining, post
from wardround.hospital.training.federation_page import federation_page, join_request
from wardround.hospital.training.pages.refusing import letter_of, says_why_not
from wardround.web.layout.said import said


@require_safe
@through_the_door()
def federation(request: HttpRequest) -> HttpResponse:
    """Where this hospital stands, its own fingerprint, and whose keys are confirmed."""
    return render(request, "training/federation.html", {"federation": federation_page(request.user)})


@require_POST
@through_the_door()
@says_why_not("federation")
def invitation(request: HttpRequest) -> HttpResponse:
    """What an invitation says; nothing is kept before the fingerprint is confirmed."""
    require(request.user, "approve")
    return _compared(request, letter_of(request))


@require_POST
@through_the_door()
@says_why_not("federation")
def join(request: HttpRequest) -> HttpResponse:
    """The fingerprint was typed as it was told: pin the coordinator and make the request."""
    letter, typed = letter_of(request), request.POST.get("fingerprint", "")
    try:
        joining.ask_to_join(letter, coordinator_fingerprint=typed, by=request.user)
    except joining.JoiningError as error:
        return _compared(request, letter, typed=typed, refused=said(error))
    told = gettext("The coordinator's key is pinned. Now send the request, and tell them your own fingerprint.")
    messages.success(request, told)
    return redirect("federation")


@require_safe
@through_the_door()
@says_why_not("federation")
def request_file(request: HttpRequest) -> HttpResponse:
    """The signed join request, for a hospital that sends it by hand."""
    name, letter = join_request(request.user)
    answer = HttpResponse(letter, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="join-request-{name}.json"'
    return answer


@require_POST
@through_the_door()
@says_why_not("federation")
def send_request(request: HttpRequest) -> HttpResponse:
    """Hand the request in at the coordinator's site."""
    require(request.user, "approve")
    _name, letter = join_request(request.user)
    post.send_request(joining.joined_federation().web, letter=letter)
    messages.success(request, gettext("The coordinator has the request. Its operator will compare your fingerprint."))
    return redirect("federation")


@require_POST
@through_the_door()
@says_why_not("federation")
def admission(request: HttpRequest) -> HttpResponse:
    """Take the admission: a file, or asked for at the coordinator's site."""
    require(request.user, "approve")
    letter = letter_of(request)
    if not letter:
        known = joining.joined_federation()
        letter = post.fetch_admission(known.web, hospital=known.hospital)
    joined = joining.finish_joining(letter, by=request.user)
    told = gettext("This hospital is in the federation of %(coordinator)s.")
    messages.success(request, told % {"coordinator": joined.coordinator})
    return redirect("federation")


def _compared(request: HttpRequest, letter: bytes, *, typed: str = "", refused: str = "") -> HttpResponse:
    found, identity = read_letter(letter, kind=Invitation)
    fingerprint = joining.fingerprint_of(identity)
    context = {
        "invitation": found,
        "letter": letter.decode("utf-8", "replace"),
        "fingerprint": fingerprint,
        "refused": refused,
        "compared": joining.compared_groups(fingerprint, typed=typed) if typed.strip() else [],
    }
    return render(request, "training/compare.html", context, status=422 if refused else 200)
