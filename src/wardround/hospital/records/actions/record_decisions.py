"""What a person decides about a record that is held or remarked on: accept, correct, confirm, or enter it as an error."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from wardround.hospital.records.access import patient_for, require
from wardround.hospital.records.actions.amending import amended, body_of, present_version, write_amended
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.errors import NotDecidable, NotHere
from wardround.hospital.records.held_records import hold_stored_values
from wardround.hospital.records.models import Decision, ResourceFinding, StandardValue
from wardround.hospital.records.one_writer import hold_other_writers
from wardround.hospital.records.origin import Activity
from wardround.hospital.records.value_paths import with_texts
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import must_be_in_transaction, record_one

_VERIFICATION = "http://terminology.hl7.org/CodeSystem/{}"
_BY_VERIFICATION = {"Condition": "condition-ver-status", "AllergyIntolerance": "allergyintolerance-verification"}
# Types whose status has the code entered-in-error in FHIR R4.
_BY_STATUS = frozenset(
    {
        "Appointment",
        "CarePlan",
        "Communication",
        "Composition",
        "Consent",
        "Device",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "EpisodeOfCare",
        "Flag",
        "ImagingStudy",
        "Immunization",
        "Media",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Procedure",
        "QuestionnaireResponse",
        "RiskAssessment",
        "ServiceRequest",
    }
)


def accept_record(finding_id: int, *, by: object, reason: str = "") -> list[Stored]:
    """Write a new version of the record as it was probably meant. It is judged again and held again if it must be."""
    actor = _opened(finding_id, by=by)
    with transaction.atomic():
        hold_other_writers()
        finding = _present(finding_id)
        if not finding.suggestion:
            raise NotDecidable("There is no suggestion for this record. Correct it, confirm it, or mark it an error.")
        why = reason or f"The suggestion was accepted: {finding.sentence}"
        return _written(finding, texts=finding.suggestion, actor=actor, activity="accept", reason=why)


def correct_record(finding_id: int, *, by: object, texts: Mapping[str, str], reason: str) -> list[Stored]:
    """Write a new version with these dates or codes by path ({"Procedure.performedDateTime": "2026-03-14"}).

    Raises `Refused` for what is no date, or no code there. It is judged again and held again if it must be.
    """
    if not reason.strip():
        raise NotDecidable("A correction needs its reason, for example: read again from the paper form.")
    actor = _opened(finding_id, by=by)
    with transaction.atomic():
        hold_other_writers()
        return _written(_present(finding_id), texts=texts, actor=actor, activity="correct", reason=reason)


def confirm_record(finding_id: int, *, by: object, reason: str = "") -> ResourceFinding:
    """The record is true as it stands: what it states may be used, unless another finding holds it."""
    actor = _opened(finding_id, by=by)
    with transaction.atomic():
        hold_other_writers()
        finding = _present(finding_id)
        confirm_finding(finding, actor=actor, reason=reason)
    return finding


def confirm_finding(finding: ResourceFinding, *, actor: Actor, reason: str) -> None:
    """Lift the hold of one finding, in the caller's transaction; whose right that is, the caller has asked."""
    must_be_in_transaction()
    now = timezone.now()
    _decide(finding, decision=Decision.CONFIRMED, actor=actor, reason=reason, now=now)
    finding.is_held = False
    finding.save(update_fields=["is_held"])
    of_record = StandardValue.objects.filter(resource=finding.resource_id, is_current=True, is_record_held=True)
    waiting = list(of_record.values_list("pk", flat=True))
    held = ResourceFinding.objects.filter(resource=finding.resource_id, is_current=True, is_held=True)
    hold_stored_values([finding.resource_id], found=held)
    StandardValue.objects.filter(pk__in=waiting, is_held=False).update(
        finding=finding.kind,
        finding_sentence=finding.sentence,
        decision=Decision.CONFIRMED,
        decided_by=actor.name,
        decided=now,
        decision_reason=reason[:500],
    )
    record_one(
        actor,
        "record.confirm",
        patient_id=finding.patient_id,
        what=f"{finding.resource}/_history/{finding.version}",
        detail={"path": finding.path, "finding": finding.kind},
    )


def withdraw_record(finding_id: int, *, by: object, reason: str) -> list[Stored]:
    """Mark the record entered-in-error, in a new version: it stays in the chart's history and states nothing any more."""
    if not reason.strip():
        raise NotDecidable("Marking a record as an error needs its reason, for example: it was entered twice.")
    actor = _opened(finding_id, by=by)
    with transaction.atomic():
        hold_other_writers()
        finding = _present(finding_id)
        version = present_version(finding.resource)
        now = timezone.now()
        body = as_error(amended(body_of(version), actor=actor, reason=reason, now=now))
        _decide(finding, decision=Decision.WITHDRAWN, actor=actor, reason=reason, now=now)
        return write_amended([body], of=version, actor=actor, activity="withdraw", reason=reason)


def as_error(body: dict[str, Any]) -> dict[str, Any]:
    """The record as FHIR marks one that should not be there. Raises `NotDecidable` for a type that has no such mark."""
    type_name = body["resourceType"]
    if type_name in _BY_STATUS:
        return {**body, "status": "entered-in-error"}
    system = _BY_VERIFICATION.get(type_name)
    if system is None:
        raise NotDecidable(f"A {type_name} cannot be marked entered-in-error. Correct it, or delete it.")
    body.pop("clinicalStatus", None)  # an error has none (con-5, ait-2)
    coding = {"system": _VERIFICATION.format(system), "code": "entered-in-error"}
    return {**body, "verificationStatus": {"coding": [coding]}}


def _opened(finding_id: int, *, by: object) -> Actor:
    """The door, passed before the transaction: a refusal stays in the audit trail when nothing else does."""
    patient_id = ResourceFinding.objects.filter(pk=finding_id).values_list("patient_id", flat=True).first()
    if patient_id is None:
        raise NotHere("There is no such finding. It may be of another hospital.")
    # What lies in nobody's chart needs the ability alone.
    return patient_for(by, patient_id, to="decide").actor if patient_id else require(by, "decide")


def _present(finding_id: int) -> ResourceFinding:
    finding = ResourceFinding.objects.select_related("resource").get(pk=finding_id)
    if not finding.is_current or finding.decision or finding.resource.is_deleted:
        raise NotDecidable("This record does not wait for a decision any more. Reload the list.")
    return finding


def _written(
    finding: ResourceFinding, *, texts: Mapping[str, str], actor: Actor, activity: Activity, reason: str
) -> list[Stored]:
    version = present_version(finding.resource)
    now = timezone.now()
    body = with_texts(amended(body_of(version), actor=actor, reason=reason, now=now), texts=texts)
    decision = Decision.ACCEPTED if activity == "accept" else Decision.CORRECTED
    _decide(finding, decision=decision, actor=actor, reason=reason, now=now)
    return write_amended([body], of=version, actor=actor, activity=activity, reason=reason)


def _decide(finding: ResourceFinding, *, decision: Decision, actor: Actor, reason: str, now: datetime) -> None:
    finding.decision = decision
    finding.decided_by = actor.name
    finding.decided = now
    finding.decision_reason = reason[:500]
    finding.save(update_fields=["decision", "decided_by", "decided", "decision_reason"])
    of_record = StandardValue.objects.filter(resource=finding.resource_id, is_current=True, finding=finding.kind)
    of_record.filter(is_record_held=True).update(
        decision=decision, decided_by=actor.name, decided=now, decision_reason=reason[:500]
    )
