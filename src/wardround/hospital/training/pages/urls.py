"""The addresses of the federation at the hospital."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
