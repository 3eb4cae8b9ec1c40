"""Where a page keeps what is being typed, and where a person throws a draft away."""

from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from wardround.hospital.doors import through_the_door
from wardround.hospital.entry import drafts
from wardround.hospital.entry.errors import TooMuchTyped
from wardround.web.layout.said import said

_LONGEST_KEY = 120


@require_POST
@through_the_door()
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what the form holds and say when, in the reader's words; with `discard`, throw it away and open the form anew."""
    user = request.user
    if not user.is_authenticated:  # the middleware sends strangers to the log-in; this tells the types
        return HttpResponse(status=403)
    if len(key) > _LONGEST_KEY:
        raise Http404
    if "discard" in request.POST:
        drafts.forget(user, key)
        return redirect(local_address(request, request.POST.get("next", "")))
    try:
        saved = drafts.keep(user, key, typed=dict(request.POST.lists()))
    except TooMuchTyped as error:
        return HttpResponse(said(error), status=413, content_type="text/plain; charset=utf-8")
    if saved is None:
        return HttpResponse(status=204)
    told = gettext("Draft kept, %(time)s.") % {"time": date_format(timezone.localtime(saved), "H:i")}
    return HttpResponse(told, content_type="text/plain; charset=utf-8")


def keep_refused(request: HttpRequest, key: str) -> None:
    """What was sent and is not saved is kept at once: whoever leaves the page now, or is logged out at it, finds it again."""
    with suppress(TooMuchTyped):  # it stays on the page
        drafts.keep(request.user, key, typed=dict(request.POST.lists()))  # type: ignore[arg-type]


def local_address(request: HttpRequest, address: str, *, otherwise: str = "/") -> str:
    """The address, if it is one of this site; a form must not lead elsewhere."""
    is_here = url_has_allowed_host_and_scheme(address, allowed_hosts=None, require_https=request.is_secure())
    return address if is_here and address.startswith("/") else otherwise
