"""The addresses of a hospital's site."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("wardround.web.accounts.urls")),
    path("fhir/R4/", include("wardround.hospital.fhir.urls")),
    *(
        path("", include(f"wardround.hospital.{room}.urls"))
        for room in ("charts", "quality", "training", "diagnosis")
        if find_spec(f"wardround.hospital.{room}") and find_spec(f"wardround.hospital.{room}.urls")
    ),
]
