"""The addresses of the coordinator's pages."""

from django.urls import path

from wardround.coordinator.pages import views

urlpatterns = [
    path("", views.home, name="home"),
    path("runs/", views.runs, name="runs"),
    path("runs/<str:run_id>/", views.run, name="run"),
    path("runs/<str:run_id>/stream/", views.run_stream, name="run-stream"),
    path("runs/<str:run_id>/order/", views.run_order, name="run-order"),
]
