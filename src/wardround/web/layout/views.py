"""The component page: every control in every state, for those who design the next screen. It shows nobody's data."""

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

_SECTIONS = ("actions", "fields", "flags", "notes", "states", "tables", "cards", "navigation")


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Each section is a template of its own: what a designer copies is what stands there.

    An app of the site that has components of its own says so: `AppConfig.components()` gives a section's name, its
    template, and what the template needs.
    """
    sections = [(name, name, f"layout/components/{name}.html") for name in _SECTIONS]
    needed: dict[str, object] = {}
    for app in apps.get_app_configs():
        if hasattr(app, "components"):
            name, template, context = app.components()
            sections.append((slugify(name), name, template))
            needed |= context
    return render(request, "layout/components.html", {"sections": sections, **needed})
