"""What somebody states by a form: new records and next versions at once, with what they confirmed against a warning."""

from collections.abc import Collection, Sequence

from wardround.hospital.records.access import Patient
from wardround.hospital.records.actions.changing import Changing, Put
from wardround.hospital.records.actions.decisions import confirm_held
from wardround.hospital.records.actions.record_decisions import confirm_finding
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.models import ResourceFinding, StandardValue
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import must_be_in_transaction

Warned = tuple[int, str]  # which of the resources, and the kind of a finding or the path of a value


def state(
    puts: Sequence[Put],
    *,
    patient: Patient,
    warned: Collection[Warned] = (),
    warned_values: Collection[Warned] = (),
    reason: str = "",
) -> list[Stored]:
    """Write these records of one patient, all or none, in the caller's transaction. Raises `Refused`, `VersionConflict`.

    `warned`: what whoever writes was told before, and vouches for with this reason; `warned_values` are single values, by
    their paths. As with values at the bedside, the right to write is enough for that: it is theirs, and a moment old. What
    nobody was warned of stays held for those who decide.
    """
    must_be_in_transaction()
    stored = Changing(patient.actor).put(puts)
    _confirm(stored, warned=warned, actor=patient.actor, reason=reason)
    for number, path in sorted(warned_values):
        held = StandardValue.objects.select_related("resource").filter(
            **_of(stored[number]), path=path, is_current=True, is_held=True, is_record_held=False
        )
        for value in held:
            confirm_held(value, patient=patient, reason=reason)
    return stored


def _of(stored: Stored) -> dict[str, str]:
    return {"resource__type": stored.type, "resource__logical_id": stored.logical_id}


def register(put: Put, *, by: Actor, warned: Collection[Warned] = (), reason: str = "") -> Stored:
    """Write a new patient, in the caller's transaction. Raises `Refused`, and `Duplicate` for a number that another has."""
    must_be_in_transaction()
    stored = Changing(by).put([put])
    _confirm(stored, warned=warned, actor=by, reason=reason)
    return stored[0]


def _confirm(stored: Sequence[Stored], *, warned: Collection[Warned], actor: Actor, reason: str) -> None:
    for number in sorted({number for number, _kind in warned}):
        kinds = {kind for at, kind in warned if at == number}
        found = ResourceFinding.objects.select_related("resource").filter(
            **_of(stored[number]), is_current=True, decision="", kind__in=kinds
        )
        for finding in found:
            confirm_finding(finding, actor=actor, reason=reason)
