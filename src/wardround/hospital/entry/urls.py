"""The addresses of the forms for measured values."""

from django.urls import path

from wardround.hospital.entry import draft_views, measured_views

urlpatterns = [
    path("drafts/<str:key>/", draft_views.draft, name="draft"),
    path("patients/<str:patient_id>/enter/vital-signs/", measured_views.enter_vital_signs, name="enter-vital-signs"),
    path("patients/<str:patient_id>/enter/laboratory/", measured_views.enter_laboratory, name="enter-laboratory"),
    path("patients/<str:patient_id>/enter/laboratory/tests/", measured_views.find, name="enter-find-test"),
    path("patients/<str:patient_id>/enter/<str:sheet>/check/", measured_views.check, name="enter-check"),
]
