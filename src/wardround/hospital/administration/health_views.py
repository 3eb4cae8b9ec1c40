"""The page about keys, backups and health."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wardround.hospital.administration.health import health
from wardround.hospital.doors import through_the_door


@require_safe
@through_the_door()
def health_page(request: HttpRequest) -> HttpResponse:
    return render(request, "administration/health.html", {"health": health(request.user)})
