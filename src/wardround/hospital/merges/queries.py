"""From a retired record of a patient to the one that is kept."""

from collections.abc import Iterable

from django.db.models import QuerySet

from wardround.hospital.merges.models import Merge

_SLICE = 500  # a database takes only so many parameters in one question


def standing() -> QuerySet[Merge]:
    """The merges that were not taken back."""
    return Merge.objects.filter(undone=None)


def survivors_of(patient_ids: Iterable[str]) -> dict[str, str]:
    """Of those of these patients who are retired: the record that is kept in the end, also over several merges."""
    found: dict[str, str] = {}
    asked = {patient_id for patient_id in patient_ids if patient_id}
    wanted = asked
    while wanted:
        order = sorted(wanted)
        step: dict[str, str] = {}
        for start in range(0, len(order), _SLICE):
            step.update(standing().filter(retired__in=order[start : start + _SLICE]).values_list("retired", "survivor"))
        found.update(step)
        wanted = set(step.values()) - found.keys()
    return {patient_id: _last(found, patient_id) for patient_id in asked & found.keys()}


def survivor_of(patient_id: str) -> str:
    """The record that is kept of this patient; the patient's own where nothing was merged."""
    return survivors_of([patient_id]).get(patient_id, patient_id)


def kept_instead_of(patient_id: str) -> str:
    """Into whom this retired record was merged itself, who may be retired too."""
    return standing().get(retired=patient_id).survivor


def retired_records_of(patient_ids: Iterable[str]) -> dict[str, list[str]]:
    """Of each of these patients who were kept: the records in the store that were merged into theirs."""
    found: dict[str, list[str]] = {}
    order = sorted(set(patient_ids))
    for start in range(0, len(order), _SLICE):
        rows = standing().filter(survivor__in=order[start : start + _SLICE], was_there=True).order_by("merged", "id")
        for survivor, retired in rows.values_list("survivor", "retired"):
            found.setdefault(survivor, []).append(retired)
    return found


def _last(steps: dict[str, str], patient_id: str) -> str:
    while patient_id in steps:
        patient_id = steps[patient_id]
    return patient_id
