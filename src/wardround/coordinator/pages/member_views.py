"""The members' pages: who is there, invite, take in a request, admit after the fingerprints were compared, revoke."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wardround.coordinator.members import actions
from wardround.coordinator.members.actions import MembershipError
from wardround.coordinator.members.queries import NoSuchMemberError, admission_of, member_named, members
from wardround.coordinator.pages.access import actor, for_those_who, require
from wardround.coordinator.pages.queries import part_in_studies
from wardround.federation.identity import fingerprint
from wardround.federation.joining import LARGEST
from wardround.web.home import slug_of
from wardround.web.layout.said import said

LETTER = "application/json"


@require_safe
@for_those_who("watch")
def member_list(request: HttpRequest) -> HttpResponse:
    """Every hospital that was ever invited."""
    return render(request, "coordinator/members.html", {"members": members(), "own": _own_fingerprint()})


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who("watch")
def invite(request: HttpRequest) -> HttpResponse:
    """A form, and after it the member's page with the letter to download."""
    by = require(request.user, "operate")
    refused = ""
    title, name = request.POST.get("title", "").strip(), request.POST.get("name", "").strip()
    if request.method == "POST":
        try:
            actions.invite(title, name=name, by=by)
            messages.success(request, _("The invitation is written. Download it and bring it to the hospital."))
            return redirect("member", name or slug_of(title))
        except MembershipError as refusal:
            refused = said(refusal)
    return render(
        request, "coordinator/invite.html", {"refused": refused, "title": title, "name": name}, status=_status(refused)
    )


@require_safe
@for_those_who("watch")
def member(request: HttpRequest, name: str) -> HttpResponse:
    """One hospital: how it stands, what is next, and in which studies it takes part."""
    return _member_page(request, name)


@require_safe
@for_those_who("operate")
def invitation(request: HttpRequest, name: str) -> HttpResponse:
    """The letter of an invitation that waits for its answer."""
    try:
        letter = actions.invitation_again(name, by=actor(request))
    except MembershipError as error:
        raise Http404 from error
    return _letter(letter, file=f"{name}.invitation.json")


@require_safe
@for_those_who("operate")
def admission_letter(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - a view gets its request
    """The admission as a file, for a hospital that does not fetch it over the web."""
    letter = admission_of(name)
    if letter is None:
        raise Http404
    return _letter(letter, file=f"{name}.admission.json")


@require_POST
@for_those_who("operate")
def take_request(request: HttpRequest) -> HttpResponse:
    """A join request that came as a file."""
    try:
        found = actions.receive_request(_uploaded_request(request), by=actor(request))
        messages.success(request, _("The request is taken in. Now compare the fingerprint with the hospital."))
        return redirect("member", found.name)
    except MembershipError as refusal:
        messages.error(request, said(refusal))
        return redirect("members")


@require_POST
@for_those_who("operate")
def admit(request: HttpRequest, name: str) -> HttpResponse:
    """Admit a hospital whose fingerprint was told by another way."""
    try:
        actions.admit(name, fingerprint_seen=request.POST.get("fingerprint", ""), by=actor(request))
    except MembershipError as refusal:
        return _member_page(request, name, refused=said(refusal))
    messages.success(request, _("The hospital is a member. It fetches its admission by itself, or you bring it."))
    return redirect("member", name)


@require_POST
@for_those_who("operate")
def revoke(request: HttpRequest, name: str) -> HttpResponse:
    """End a membership, with the reason."""
    try:
        actions.revoke(name, reason=_reason(request), by=actor(request))
    except MembershipError as refusal:
        return _member_page(request, name, refused=said(refusal))
    messages.success(request, _("The membership is ended. The engine shuts the hospital out within seconds."))
    return redirect("member", name)


def _uploaded_request(request: HttpRequest) -> bytes:
    file = request.FILES.get("request")
    if file is None or file.size is None or file.size > LARGEST:
        raise MembershipError(_("Choose the hospital's join request, a file smaller than 1 MiB."))
    return bytes(file.read())


def _reason(request: HttpRequest) -> str:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise MembershipError(_("Give the reason; it stands on this page and in the audit trail."))
    return reason


def _member_page(request: HttpRequest, name: str, *, refused: str = "") -> HttpResponse:
    try:
        found = member_named(name)
    except NoSuchMemberError as error:
        raise Http404 from error
    context = {"member": found, "studies": part_in_studies(name), "own": _own_fingerprint(), "refused": refused}
    return render(request, "coordinator/member.html", context, status=_status(refused))


def _status(refused: str) -> int:
    return 422 if refused else 200


def _letter(letter: bytes, *, file: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return HttpResponse(letter, content_type=LETTER, headers=headers)


def _own_fingerprint() -> str:
    return fingerprint(settings.HOME.identity_key().public_key())
