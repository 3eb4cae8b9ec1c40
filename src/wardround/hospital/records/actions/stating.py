"""What somebody states by a form: new records and next versions at once, with what they confirmed against a warning."""

from collections.abc import Collection, Sequence

from wardround.hospital.records.access import Patient
from wardround.hospital.records.actions.changing import Changing, Put
from wardround.hospital.records.actions.record_decisions import confirm_finding
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.models import ResourceFinding
from wardround.web.audit.trail import must_be_in_transaction

Warned = tuple[int, str]  # which of the resources, and the kind of the finding


def state(puts: Sequence[Put], *, patient: Patient, warned: Collection[Warned] = (), reason: str = "") -> list[Stored]:
    """Write these records of one patient, all or none, in the caller's transaction. Raises `Refused`, `VersionConflict`.

    `warned`: what whoever writes was told before, and vouches for with this reason. As with measured values, the right to
    write is enough for that: it is theirs, and a moment old. What nobody was warned of stays held for those who decide.
    """
    must_be_in_transaction()
    stored = Changing(patient.actor).put(puts)
    kinds = {number: {kind for at, kind in warned if at == number} for number, _kind in warned}
    for number, of_one in kinds.items():
        one = stored[number]
        held = ResourceFinding.objects.select_related("resource").filter(
            resource__type=one.type, resource__logical_id=one.logical_id, is_current=True, decision="", kind__in=of_one
        )
        for finding in held:
            confirm_finding(finding, actor=patient.actor, reason=reason)
    return stored
