"""The addresses of the coordinator's pages."""

from django.urls import path

from wardround.coordinator.pages import audit_views, member_views, model_views, people_views, study_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("runs/", views.runs, name="runs"),
    path("runs/<str:run_id>/", views.run, name="run"),
    path("runs/<str:run_id>/stream/", views.run_stream, name="run-stream"),
    path("runs/<str:run_id>/order/", views.run_order, name="run-order"),
    path("runs/<str:run_id>/report.json", model_views.run_report, name="run-report"),
    path("studies/", study_views.study_list, name="studies"),
    path("studies/publish/", study_views.publish, name="publish-study"),
    path("studies/<str:hash_>/", study_views.study, name="study"),
    path("studies/<str:hash_>/run/", study_views.start, name="start-run"),
    path("studies/<str:hash_>/document.json", study_views.document, name="study-document"),
    path("members/", member_views.member_list, name="members"),
    path("members/invite/", member_views.invite, name="invite-member"),
    path("members/request/", member_views.take_request, name="take-request"),
    path("members/of/<slug:name>/", member_views.member, name="member"),
    path("members/of/<slug:name>/invitation.json", member_views.invitation, name="invitation"),
    path("members/of/<slug:name>/admission.json", member_views.admission_letter, name="admission-letter"),
    path("members/of/<slug:name>/admit/", member_views.admit, name="admit-member"),
    path("members/of/<slug:name>/revoke/", member_views.revoke, name="revoke-member"),
    path("models/", model_views.model_list, name="models"),
    path("models/<str:sha256>/", model_views.model, name="model-facts"),
    path("models/<str:sha256>/facts.json", model_views.model_facts_file, name="model-facts-file"),
    path("audit/", audit_views.audit, name="audit"),
    path("audit/export/", audit_views.audit_export, name="audit-export"),
    path("audit/verify/", audit_views.audit_verify, name="audit-verify"),
    path("people/", people_views.people, name="people"),
    path("people/add/", people_views.add_person, name="add-person"),
    path("people/of/<str:username>/", people_views.person, name="person"),
    path("people/of/<str:username>/change/", people_views.change_person, name="change-person"),
]
