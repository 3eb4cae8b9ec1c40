"""The addresses of the pages about patients who may be here twice."""

from django.urls import path

from wardround.hospital.identity import views

urlpatterns = [
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/<int:number>/", views.duplicate, name="duplicate"),
]
