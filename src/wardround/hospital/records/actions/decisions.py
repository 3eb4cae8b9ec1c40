"""What a person decides about a held value: take the suggestion, correct it, confirm it, or enter it as an error.

A value that is held only with its record is decided with it (see record_decisions.py).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from wardround.hospital.records.access import Patient, patient_for
from wardround.hospital.records.actions.amending import amended, body_of, present_version, write_amended
from wardround.hospital.records.actions.record_decisions import (
    accept_record,
    as_error,
    confirm_record,
    withdraw_record,
)
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.errors import NotDecidable, NotHere
from wardround.hospital.records.held_records import is_held_with_its_record
from wardround.hospital.records.models import Decision, ResourceFinding, ResourceVersion, StandardValue
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Activity
from wardround.hospital.records.value_paths import with_quantity
from wardround.interchange.fhir.json import Number
from wardround.web.audit.trail import must_be_in_transaction, record_one

UCUM = "http://unitsofmeasure.org"


def accept_suggestion(value_id: int, *, by: object, reason: str = "") -> list[Stored]:
    """Write a new version of the observation with the value that was probably meant.

    Swapped pressures are accepted together. The new version is checked again and held again if it must be.
    """
    patient = _patient_of(value_id, by=by)
    with transaction.atomic():
        hold_other_writers()
        value = _waiting(value_id)
        if is_held_with_its_record(value):
            return accept_record(_finding_of(value).pk, by=patient.actor, reason=reason)
        if value.suggestion is None:
            raise NotDecidable("There is no suggestion for this value. Correct it, or confirm it as it stands.")
        values = [value, *_the_other_pressure(value)]
        return _amend(
            [(v, v.suggestion, v.suggestion_unit or v.unit) for v in values if v.suggestion is not None],
            patient=patient,
            activity="accept",
            reason=reason or f"The suggestion was accepted: {value.finding_sentence}",
        )


def correct_value(value_id: int, *, by: object, value: float, unit: str, reason: str) -> list[Stored]:
    """Write a new version of the observation with this value. It is checked again and held again if it must be."""
    if not reason.strip():
        raise NotDecidable("A correction needs its reason, for example: read again from the paper form.")
    patient = _patient_of(value_id, by=by)
    with transaction.atomic():
        hold_other_writers()
        held = _waiting(value_id)
        if is_held_with_its_record(held):
            raise NotDecidable("The value itself is not in doubt, its whole record is. Decide about the record.")
        return _amend([(held, value, unit)], patient=patient, activity="correct", reason=reason)


def confirm_value(value_id: int, *, by: object, reason: str = "") -> StandardValue:
    """Lift the hold: the value is true as it stands and may be used."""
    patient = _patient_of(value_id, by=by)
    with transaction.atomic():
        hold_other_writers()
        value = _waiting(value_id)
        if is_held_with_its_record(value):
            confirm_record(_finding_of(value).pk, by=patient.actor, reason=reason)
            value.refresh_from_db()
            return value
        confirm_held(value, patient=patient, reason=reason)
    return value


def confirm_held(value: StandardValue, *, patient: Patient, reason: str) -> None:
    """Lift the hold of one value, in the caller's transaction; whose right that is, the caller has asked."""
    must_be_in_transaction()
    _decide([value], decision=Decision.CONFIRMED, patient=patient, reason=reason, now=timezone.now())
    value.is_held = value.is_record_held
    value.save(update_fields=["is_held"])
    record_one(
        patient.actor,
        "record.confirm",
        patient_id=patient.id,
        what=f"{value.resource}/_history/{value.version}",
        detail={"path": value.path, "finding": value.finding},
    )


def withdraw_value(value_id: int, *, by: object, reason: str) -> list[Stored]:
    """Mark the record that states this value entered-in-error, in a new version: it states nothing any more."""
    if not reason.strip():
        raise NotDecidable("Marking a record as an error needs its reason, for example: it was entered twice.")
    patient = _patient_of(value_id, by=by)
    now = timezone.now()
    with transaction.atomic():
        hold_other_writers()
        value = _waiting(value_id)
        if is_held_with_its_record(value):
            return withdraw_record(_finding_of(value).pk, by=patient.actor, reason=reason)
        version = present_version(value.resource)
        body = as_error(amended(body_of(version), actor=patient.actor, reason=reason, now=now))
        _decide([value], decision=Decision.WITHDRAWN, patient=patient, reason=reason, now=now)
        return write_amended([body], of=version, actor=patient.actor, activity="withdraw", reason=reason)


def _patient_of(value_id: int, *, by: object) -> Patient:
    """The door, passed before the transaction: a refusal stays in the audit trail when nothing else does."""
    patient_id = StandardValue.objects.filter(pk=value_id).values_list("patient_id", flat=True).first()
    if patient_id is None:
        raise NotHere("There is no such value. It may be of another hospital.")
    return patient_for(by, patient_id, to="decide")


def _waiting(value_id: int) -> StandardValue:
    value = StandardValue.objects.select_related("resource").get(pk=value_id)
    if not value.is_current or not value.is_held:
        raise NotDecidable("This value does not wait for a decision any more. Reload the list.")
    return value


def _the_other_pressure(value: StandardValue) -> list[StandardValue]:
    if value.finding != "swapped_pressures":
        return []
    return list(
        StandardValue.objects.select_related("resource")
        .filter(patient_id=value.patient_id, time=value.time, finding=value.finding, is_held=True, is_current=True)
        .exclude(pk=value.pk)
    )


def _amend(
    changes: Sequence[tuple[StandardValue, float, str]], *, patient: Patient, activity: Activity, reason: str
) -> list[Stored]:
    now = timezone.now()
    bodies: dict[int, dict[str, Any]] = {}
    versions: dict[int, ResourceVersion] = {}
    for value, number, unit in changes:
        if value.resource_id not in bodies:
            versions[value.resource_id] = present_version(value.resource)
            body = body_of(versions[value.resource_id])
            bodies[value.resource_id] = amended(body, actor=patient.actor, reason=reason, now=now)
        quantity = {"value": Number(_shortest(number)), "unit": unit, "system": UCUM, "code": unit}
        bodies[value.resource_id] = with_quantity(bodies[value.resource_id], path=value.path, quantity=quantity)
    decision = Decision.ACCEPTED if activity == "accept" else Decision.CORRECTED
    _decide([value for value, _n, _u in changes], decision=decision, patient=patient, reason=reason, now=now)
    one = next(iter(versions.values()))
    return write_amended(list(bodies.values()), of=one, actor=patient.actor, activity=activity, reason=reason)


def _finding_of(value: StandardValue) -> ResourceFinding:
    findings = ResourceFinding.objects.filter(resource=value.resource_id, is_current=True, is_held=True)
    finding = findings.filter(kind=value.finding).order_by("id").first()
    if finding is None:
        raise NotDecidable("This record does not wait for a decision any more. Reload the list.")
    return finding


def _decide(
    values: Sequence[StandardValue], *, decision: Decision, patient: Patient, reason: str, now: datetime
) -> None:
    for value in values:
        value.decision = decision
        value.decided_by = patient.actor.name
        value.decided = now
        value.decision_reason = reason[:500]
        value.save(update_fields=["decision", "decided_by", "decided", "decision_reason"])


def _shortest(number: float) -> str:
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)
