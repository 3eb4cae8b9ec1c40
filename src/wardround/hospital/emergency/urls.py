"""The addresses of emergency access."""

from django.urls import path

from wardround.hospital.emergency import views

urlpatterns = [
    path("emergency-access/", views.emergency_access, name="emergency-access"),
    path("emergency-access/<str:access_id>/end/", views.end, name="emergency-end"),
    path("administration/emergencies/", views.reviews, name="emergency-reviews"),
]
