"""The addresses of the forms for measured values."""

from django.urls import path

from wardround.hospital.entry import draft_views

urlpatterns = [
    path("drafts/<str:key>/", draft_views.draft, name="draft"),
]
