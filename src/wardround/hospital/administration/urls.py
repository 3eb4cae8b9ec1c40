"""The addresses of the administration."""

from django.urls import path

from wardround.hospital.administration import audit_views, health_views, people_views, team_views

urlpatterns = [
    path("administration/people/", people_views.people, name="people"),
    path("administration/people/<str:username>/", people_views.person, name="person"),
    path("administration/teams/", team_views.care_teams, name="care-teams"),
    path("administration/teams/<int:team_id>/", team_views.care_team, name="care-team"),
    path("administration/audit/", audit_views.audit, name="audit"),
    path("administration/audit/check/", audit_views.audit_check, name="audit-check"),
    path("administration/audit/export.<str:form>", audit_views.audit_export, name="audit-export"),
    path("administration/health/", health_views.health_page, name="health-page"),
]
