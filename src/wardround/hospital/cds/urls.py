"""The addresses of CDS Hooks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
