"""The addresses of verdicts, of agreement over time, and of model facts."""

from django.urls import URLPattern, path

from wardround.hospital.diagnosis import views

urlpatterns: list[URLPattern] = [
    path("patients/<str:patient_id>/verdict/", views.verdict, name="verdict"),
    path("quality/agreement/", views.agreement, name="agreement"),
    path("quality/agreement/<str:sha256>/", views.agreement_records, name="agreement-records"),
]
