"""The addresses of verdicts, of agreement over time, and of model facts."""

from django.urls import URLPattern, path

from wardround.hospital.diagnosis import model_facts_views, views

urlpatterns: list[URLPattern] = [
    path("patients/<str:patient_id>/verdict/", views.verdict, name="verdict"),
    path("models/<str:sha256>/facts/", model_facts_views.facts, name="model-facts"),
    path("models/<str:sha256>/facts.json", model_facts_views.facts_file, name="model-facts-file"),
    path("quality/agreement/", views.agreement, name="agreement"),
    path("quality/agreement/<str:sha256>/", views.agreement_records, name="agreement-records"),
]
