"""The addresses of CDS Hooks."""

from django.urls import path

from wardround.hospital.cds import views

urlpatterns = [
    path("cds-services", views.discovery, name="cds-services"),
    path("cds-services/<slug:service>", views.service, name="cds-service"),
    path("cds-services/<slug:service>/feedback", views.feedback, name="cds-feedback"),
]
