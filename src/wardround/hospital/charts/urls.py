"""The addresses of the charts."""

from django.urls import path

from wardround.hospital.charts import page_views, views
from wardround.hospital.charts.pages import LISTINGS

_PATIENT = "patients/<str:patient_id>/"

urlpatterns = [
    path("", views.home, name="home"),
    path("patients/", views.patient_list, name="patients"),
    path(_PATIENT, views.chart_summary, name="chart"),
    path(f"{_PATIENT}vital-signs/", page_views.vital_signs_page, name="chart-vital-signs"),
    path(f"{_PATIENT}vital-signs/points/", page_views.vital_sign_points, name="chart-vital-sign-points"),
    path(f"{_PATIENT}laboratory/", page_views.laboratory, name="chart-laboratory"),
    *(path(f"{_PATIENT}{name}/", page_views.listing(name), name=f"chart-{name}") for name in LISTINGS),
    path(f"{_PATIENT}encounters/", page_views.encounters, name="chart-encounters"),
    path(
        f"{_PATIENT}documents/<str:type_name>/<str:logical_id>/",
        page_views.document,
        name="chart-document",
    ),
    path(
        f"{_PATIENT}documents/<str:type_name>/<str:logical_id>/files/<int:number>/",
        page_views.document_file,
        name="chart-document-file",
    ),
    path(f"{_PATIENT}everything/", page_views.everything_page, name="chart-everything"),
    path(
        f"{_PATIENT}everything/<str:type_name>/<str:logical_id>/",
        page_views.record_page,
        name="chart-record",
    ),
    path(f"{_PATIENT}history/", views.change_history, name="chart-history"),
    path(f"{_PATIENT}print/", page_views.print_view, name="chart-print"),
    path(f"{_PATIENT}values/<int:value_id>/", views.decide, name="decide-value"),
    path(f"{_PATIENT}records/<int:finding_id>/", views.decide_record, name="decide-record"),
]
