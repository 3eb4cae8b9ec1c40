"""The addresses of the coordinator's site."""

from django.urls import URLPattern, URLResolver, include, path

from wardround.web.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("wardround.web.accounts.urls")),
    path("", include("wardround.web.layout.urls")),
    path("", include("wardround.coordinator.pages.urls")),
    path("federation/", include("wardround.coordinator.members.urls")),
    path("federation/", include("wardround.coordinator.studies.urls")),
    path("healthz", healthz, name="healthz"),
]
