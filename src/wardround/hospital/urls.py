"""The addresses of a hospital's site."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views import defaults

from wardround.hospital.fhir.interactions import at_the_base
from wardround.hospital.fhir.responses import outcome_response
from wardround.interchange.fhir.structure import Problem
from wardround.web.health import healthz

_FHIR = "/fhir/R4"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("wardround.web.accounts.urls")),
    path("", include("wardround.web.layout.urls")),
    path("", include("wardround.hospital.entry.urls")),
    path("", include("wardround.hospital.entry.statement_urls")),  # /patients/new/ stands before /patients/<id>/
    # Before the charts: /patients/new/ is nobody's chart.
    path("", include("wardround.hospital.entry.statement_urls")),
    path("", include("wardround.hospital.charts.urls")),
    path("", include("wardround.hospital.wards.urls")),
    path("", include("wardround.hospital.emergency.urls")),
    path("", include("wardround.hospital.administration.urls")),
    path("", include("wardround.hospital.diagnosis.urls")),
    path("", include("wardround.hospital.training.pages.urls")),
    path("", include("wardround.hospital.quality.urls")),
    path("", include("wardround.hospital.identity.urls")),
    path("", include("wardround.hospital.intake.urls")),
    path("", include("wardround.hospital.cds.urls")),
    path("fhir/R4", at_the_base(), name="fhir-base"),
    path("fhir/R4/", include("wardround.hospital.fhir.urls")),
    path("healthz", healthz, name="healthz"),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django itself cannot read, for example a host of another name."""
    if request.path.startswith(_FHIR):
        return outcome_response([Problem("", "This request cannot be read.")], status=400, code="structure")
    return defaults.bad_request(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """What failed before an interaction began."""
    if request.path.startswith(_FHIR):
        return outcome_response([Problem("", "Something went wrong here.")], status=500, code="exception")
    return defaults.server_error(request)
