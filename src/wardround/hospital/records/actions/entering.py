"""What somebody enters by hand: several new resources at once, with what they confirmed while they typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from wardround.hospital.records.access import Patient, actor_of
from wardround.hospital.records.actions.changing import Changing, Put, one_change
from wardround.hospital.records.actions.decisions import confirm_held
from wardround.hospital.records.actions.resources import new_id
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.models import StandardValue

Place = tuple[int, str]  # which of the resources, and the path of the value in it


def enter(
    resources: Sequence[dict[str, Any]], *, patient: Patient, confirmed: Mapping[Place, str] | None = None
) -> list[Stored]:
    """Store these new resources of one patient, all or none, under ids of the server's choice. Raises `Refused`.

    `confirmed`: the values that whoever enters them was warned of and vouches for, with their reason. They were measured
    a moment ago by the person at the bedside, so the right to write is enough; what is found to be held later is decided
    by those who decide. A confirmed value that is held only with its record stays held.
    """
    actor = actor_of(patient.actor)
    with one_change(actor):
        puts = [Put({**resource, "id": new_id()}, activity="create") for resource in resources]
        stored = Changing(actor).put(puts)
        for (number, path), reason in (confirmed or {}).items():
            held = StandardValue.objects.select_related("resource").filter(
                resource__type=stored[number].type,
                resource__logical_id=stored[number].logical_id,
                path=path,
                is_current=True,
                is_held=True,
                is_record_held=False,
            )
            for value in held:
                confirm_held(value, patient=patient, reason=reason)
                stored[number].held -= 1
                stored[number].held_for[value.finding] -= 1
    return stored
