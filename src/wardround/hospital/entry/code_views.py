"""The search for codes while one types."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from wardround.hospital.doors import through_the_door
from wardround.hospital.entry.terms import KINDS, search_terms
from wardround.hospital.records.access import require


@require_http_methods(["GET", "HEAD", "POST"])
@through_the_door()
def code_search(request: HttpRequest) -> HttpResponse:
    """The terms that fit, as choices of a form (`name`), or as a page of their own. No patient is concerned."""
    require(request.user, "write")
    asked = request.POST if request.method == "POST" else request.GET
    of, name = asked.get("of", "Condition"), asked.get("name", "code")
    if of not in KINDS or not name.isidentifier():
        raise Http404
    text = (asked.get(f"{name}_text") or asked.get("text", "")).strip()[:200]
    context = {"terms": search_terms(text, of=of), "text": text, "name": name, "of": of, "typed": ""}
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, "entry/code_terms.html" if is_part else "entry/codes.html", context)
