"""Where hospitals join."""

from django.urls import path

from wardround.coordinator.members import views

urlpatterns = [
    path("join", views.join, name="join"),
    path("admissions/<slug:name>", views.admission, name="admission"),
]
