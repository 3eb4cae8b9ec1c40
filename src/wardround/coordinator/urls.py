"""The addresses of the coordinator's site."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("wardround.web.accounts.urls")),
    path("federation/", include("wardround.coordinator.members.urls")),
    path("federation/", include("wardround.coordinator.studies.urls")),
    *(
        [path("", include("wardround.coordinator.pages.urls"))]
        if find_spec("wardround.coordinator.pages") and find_spec("wardround.coordinator.pages.urls")
        else []
    ),
]
