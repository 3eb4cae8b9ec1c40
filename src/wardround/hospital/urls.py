"""The addresses of a hospital's site."""

from django.urls import URLPattern, URLResolver, include, path

from wardround.hospital.fhir.interactions import at_the_base
from wardround.web.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("wardround.web.accounts.urls")),
    path("", include("wardround.hospital.charts.urls")),
    path("fhir/R4", at_the_base(), name="fhir-base"),
    path("fhir/R4/", include("wardround.hospital.fhir.urls")),
    path("healthz", healthz, name="healthz"),
]
