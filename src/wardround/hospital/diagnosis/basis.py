"""From the inputs of an estimate back to the records that state them."""

from wardround.hospital.diagnosis.inputs import Inputs
from wardround.hospital.records.access import Patient
from wardround.hospital.records.models import StandardValue
from wardround.hospital.records.queries import facts_from
from wardround.hospital.training.events import events_of


def basis_of(inputs: Inputs, *, patient: Patient) -> tuple[str, ...]:
    """The references of the records used, each once. The patient's own record (birth, sex) is the subject, no basis."""
    used = {(event.code, event.time, event.numeric_value) for event in inputs.all_events}
    rows = StandardValue.objects.filter(
        patient_id=patient.id, is_current=True, is_held=False, resource__is_deleted=False, not_standard=""
    ).select_related("resource")
    found = {
        f"{row.resource.type}/{row.resource.logical_id}"
        for row in rows
        for event in events_of(facts_from(patient.id, rows=[row]), subject=1)
        if row.resource.type != "Patient" and (event.code, event.time, event.numeric_value) in used
    }
    return tuple(sorted(found))
