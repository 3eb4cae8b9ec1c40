"""The addresses of the worklist and the wards."""

from django.urls import path

from wardround.hospital.wards import views

urlpatterns = [
    path("worklist/", views.worklist, name="worklist"),
    path("wards/", views.wards, name="wards"),
    path("wards/<slug:key>/", views.ward, name="ward"),
]
