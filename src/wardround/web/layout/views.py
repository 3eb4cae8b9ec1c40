"""The component page: every control in every state, for those who design the next screen. It shows nobody's data."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

SECTIONS = ("actions", "fields", "flags", "notes", "states", "tables", "cards", "navigation")


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Each section is a template of its own: what a designer copies is what stands there."""
    return render(
        request,
        "layout/components.html",
        {"sections": [(key, f"layout/components/{key}.html") for key in SECTIONS], "examples": ("140", "38.6", "7")},
    )
