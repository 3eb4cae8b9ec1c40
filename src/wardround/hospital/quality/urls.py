"""The addresses of the data quality pages."""

from django.urls import path

from wardround.hospital.quality import queue_views, views

urlpatterns = [
    path("quality/", views.report, name="quality"),
    path("quality/measure/", views.measure_now, name="quality-measure"),
    path("quality/records/", views.records, name="quality-records"),
    path("quality/queue/", queue_views.queue, name="quality-queue"),
    path("quality/queue/accept/", queue_views.accept_group, name="quality-accept"),
    path("quality/queue/values/<int:value_id>/", queue_views.decide_value, name="quality-decide-value"),
    path("quality/queue/records/<int:finding_id>/", queue_views.decide_finding, name="quality-decide-record"),
    path("metrics", views.metrics, name="metrics"),
]
