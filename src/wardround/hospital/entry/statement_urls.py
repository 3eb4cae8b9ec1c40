"""The addresses of the forms for everything else: problems, medicines, allergies, procedures, notes, stays, new patients, corrections."""

from django.urls import path

from wardround.hospital.entry import code_views, correction_views, new_patient_views
from wardround.hospital.entry.allergy_form import ALLERGY
from wardround.hospital.entry.medicine_form import MEDICINE
from wardround.hospital.entry.note_form import NOTE
from wardround.hospital.entry.problem_form import PROBLEM
from wardround.hospital.entry.procedure_form import PROCEDURE, VACCINATION
from wardround.hospital.entry.statement_views import entering
from wardround.hospital.entry.stay_forms import ADMISSION, DISCHARGE, TRANSFER

_FORMS = (PROBLEM, MEDICINE, ALLERGY, PROCEDURE, VACCINATION, NOTE)

urlpatterns = [
    path("patients/new/", new_patient_views.new_patient, name="new-patient"),
    path("patients/<str:patient_id>/correct/<str:type_name>/<str:rid>/", correction_views.correct, name="correct"),
    path("codes/", code_views.code_search, name="code-search"),
    *(
        path(f"patients/<str:patient_id>/enter/{f.name}/", entering(f), name=f.name)
        for f in (ADMISSION, TRANSFER, DISCHARGE)
    ),
    *(path(f"patients/<str:patient_id>/enter/{f.name}/", entering(f), name=f"enter-{f.name}") for f in _FORMS),
]
