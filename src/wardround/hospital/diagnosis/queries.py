"""The references for one patient: every adopted model's estimate, from this patient's records before the index time."""

from wardround.hospital.diagnosis.reference import Reference
from wardround.hospital.records.access import Patient


def references_for(patient: Patient) -> tuple[Reference, ...]:
    """One reference per model in use here, newest model first; empty when none was adopted."""
    return ()
