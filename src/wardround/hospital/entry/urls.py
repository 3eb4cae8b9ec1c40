"""The addresses of the forms for measured values."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
