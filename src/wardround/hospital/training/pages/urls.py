"""The addresses of the federation at the hospital."""

from django.urls import URLPattern, path

from wardround.hospital.training.pages import joining_views, ledger_views, model_views, run_views, study_views

urlpatterns: list[URLPattern] = [
    path("federation/", joining_views.federation, name="federation"),
    path("federation/invitation/", joining_views.invitation, name="federation-invitation"),
    path("federation/join/", joining_views.join, name="federation-join"),
    path("federation/request/", joining_views.request_file, name="federation-request"),
    path("federation/request/send/", joining_views.send_request, name="federation-send"),
    path("federation/admission/", joining_views.admission, name="federation-admission"),
    path("studies/", study_views.studies, name="studies"),
    path("studies/fetch/", study_views.fetch, name="studies-fetch"),
    path("studies/upload/", study_views.upload, name="studies-upload"),
    path("studies/<str:study_hash>/", study_views.study, name="study"),
    path("studies/<str:study_hash>/dry-run/", study_views.dry_run, name="study-dry-run"),
    path("studies/<str:study_hash>/dry-run/state/", study_views.dry_run_state, name="study-dry-run-state"),
    path("studies/<str:study_hash>/confirm/", study_views.confirm, name="study-confirm"),
    path("studies/<str:study_hash>/approve/", study_views.approve, name="study-approve"),
    path("studies/<str:study_hash>/refuse/", study_views.refuse, name="study-refuse"),
    path("studies/<str:study_hash>/withdraw/", study_views.withdraw, name="study-withdraw"),
    path("runs/", run_views.runs, name="runs"),
    path("runs/now/", run_views.now, name="runs-now"),
    path("models/", model_views.models, name="models"),
    path("models/<int:number>/use/", model_views.use, name="model-use"),
    path("models/<int:number>/off/", model_views.off, name="model-off"),
    path("what-left/", ledger_views.left, name="what-left"),
    path("what-left/check/", ledger_views.check, name="what-left-check"),
    path("what-left/check/state/", ledger_views.check_state, name="what-left-check-state"),
    path("what-left/export/", ledger_views.export, name="what-left-export"),
]
