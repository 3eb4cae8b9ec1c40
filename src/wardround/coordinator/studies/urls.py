"""Where members ask for studies."""

from django.urls import path

from wardround.coordinator.studies import views

urlpatterns = [path("studies", views.studies, name="published-studies")]
