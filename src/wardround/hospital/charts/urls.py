"""The addresses of the charts."""

from django.urls import path

from wardround.hospital.charts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("patients/", views.patient_list, name="patients"),
    path("patients/<str:patient_id>/", views.chart_summary, name="chart"),
    path("patients/<str:patient_id>/history/", views.change_history, name="chart-history"),
    path("patients/<str:patient_id>/values/<int:value_id>/", views.decide, name="decide-value"),
    path("patients/<str:patient_id>/records/<int:finding_id>/", views.decide_record, name="decide-record"),
]
