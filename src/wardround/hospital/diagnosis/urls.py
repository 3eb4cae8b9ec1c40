"""The addresses of verdicts and model facts."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
