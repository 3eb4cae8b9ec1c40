"""The addresses of the worklist and the wards."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
