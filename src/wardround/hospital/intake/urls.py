"""The addresses of the pages about imports and the quarantine."""

from django.urls import path

from wardround.hospital.intake import quarantine_views, upload_views, views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", upload_views.new_import, name="import-new"),
    path("imports/uploads/<str:upload_id>/", upload_views.upload, name="upload"),
    path("imports/quarantine/", quarantine_views.waiting, name="quarantine"),
    path("imports/quarantine/replay/", quarantine_views.replay_many, name="quarantine-replay-many"),
    path("imports/quarantine/<int:number>/", quarantine_views.message, name="quarantine-message"),
    path("imports/quarantine/<int:number>/raw/", quarantine_views.raw, name="quarantine-raw"),
    path("imports/quarantine/<int:number>/replay/", quarantine_views.replay_one, name="quarantine-replay"),
    path("imports/<str:batch_id>/", views.one_import, name="import"),
    path("imports/<str:batch_id>/undo/", views.undo, name="import-undo"),
]
