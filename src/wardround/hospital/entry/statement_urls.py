"""The addresses of the forms for everything else: problems, medicines, allergies, procedures, notes, stays, new patients, corrections."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
