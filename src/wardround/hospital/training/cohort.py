"""A study's cohort here: from the records to MEDS tables, and who is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from wardround.federation.errors import FederationError
from wardround.federation.study import Study
from wardround.hospital.records.queries import iter_patients_facts
from wardround.hospital.training import vault
from wardround.hospital.training.events import events_of, subject_id
from wardround.interchange.meds import Event, write_meds


class TooFewPatientsError(FederationError):
    """The hospital has fewer labelled patients than it needs to take part."""


class UnusableCohortError(FederationError):
    """The study's task does not run on this hospital's records."""


@dataclass(frozen=True)
class CohortFacts:
    """What a steward is told of a cohort: `patients` have a label; `dropped` says why others are left out."""

    patients: int
    in_records: int
    dropped: Mapping[str, int]


def count_cohort(study: Study, *, by: object) -> CohortFacts:
    """How many patients the study would have here; nothing is kept. Raises UnusableCohortError."""
    with vault.private_folder(settings.HOME) as folder:
        return build_cohort(study, folder=folder, by=by)


def refuse_too_few(patients: int, *, minimum: int) -> None:
    """Raises TooFewPatientsError under `minimum` labelled patients."""
    if patients < minimum:
        raise TooFewPatientsError(
            f"This hospital has {patients} patients with a result, and {minimum} are needed to take part."
        )


def build_cohort(study: Study, *, folder: Path, by: object) -> CohortFacts:
    """Write the study's MEDS tables into a private folder and say who is in its cohort. Raises UnusableCohortError."""
    from wardround.learning.cohort import CohortError, extract_cohort

    events: list[Event] = []
    patients = 0
    for facts in iter_patients_facts(by):
        patients += 1
        events.extend(
            events_of(facts, subject=subject_id(settings.HOME, study_hash=study.hash, patient_id=facts.patient_id))
        )
    write_meds(folder, events)
    try:
        cohort = extract_cohort(folder, task=study.cohort.task)
    except CohortError as error:
        raise UnusableCohortError(str(error)) from error
    return CohortFacts(patients=len(cohort.labels), in_records=patients, dropped=dict(cohort.dropped))
