"""Who refers to a resource: asked before one is deleted, so that no reference is left dangling in silence."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import Q

from wardround.hospital.records.models import ReferenceIndex, Resource

Key = tuple[str, str]  # (type, logical id)
_SLICE = 200


def referrers_of(keys: Iterable[Key]) -> dict[Key, Counter[str]]:
    """Of each of these addresses that present resources refer to: how many resources of which types.

    Whatever lies in a patient's chart refers to the patient. A resource that refers to itself does not count.
    """
    wanted = sorted(set(keys))
    found: dict[Key, dict[int, str]] = {}
    for start in range(0, len(wanted), _SLICE):
        part = wanted[start : start + _SLICE]
        for key, pk, type_name in (*_by_reference(part), *_by_chart(part)):
            found.setdefault(key, {})[pk] = type_name
    return {key: Counter(types.values()) for key, types in found.items()}


def _by_reference(keys: Sequence[Key]) -> Iterable[tuple[Key, int, str]]:
    rows = ReferenceIndex.objects.filter(target_id__in={logical_id for _type, logical_id in keys})
    rows = rows.filter(resource__is_deleted=False)
    known = set(keys)
    columns = ("target_type", "target_id", "resource_id", "type", "resource__logical_id")
    for target_type, target_id, pk, type_name, logical_id in rows.values_list(*columns):
        key = (target_type, target_id)
        if key in known and key != (type_name, logical_id):
            yield key, pk, type_name


def _by_chart(keys: Sequence[Key]) -> Iterable[tuple[Key, int, str]]:
    patients = [logical_id for type_name, logical_id in keys if type_name == "Patient"]
    if not patients:
        return
    chart = Resource.objects.filter(Q(patient_id__in=patients), is_deleted=False).exclude(type="Patient")
    for patient_id, pk, type_name in chart.values_list("patient_id", "pk", "type"):
        yield ("Patient", patient_id), pk, type_name
