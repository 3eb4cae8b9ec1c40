"""The addresses of the data quality pages."""

from django.urls import path

from wardround.hospital.quality import views

urlpatterns = [
    path("quality/", views.report, name="quality"),
    path("quality/measure/", views.measure_now, name="quality-measure"),
    path("quality/records/", views.records, name="quality-records"),
    path("metrics", views.metrics, name="metrics"),
]
