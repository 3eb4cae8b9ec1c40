"""The addresses of the FHIR interface."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
