"""What a record that came from another system also holds: files beside documents, relatives, flags, plans, orders, claims."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from rich_chart import LOINC, RXNORM, SNOMED, UCUM

Store = Callable[[dict[str, Any]], str]  # stores a resource and gives its id
ATTACK = "<!doctype html><title>Letter</title><p>Dear colleague</p><script>parent.document.title='taken';fetch('/patients/')</script>"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="fetch(\'/patients/\')">'
    '<script>document.title="taken"</script><circle cx="20" cy="20" r="18"/></svg>'
)
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ELSEWHERE = "https://archive.example.org/letters/2020-03.pdf"
_TERMS = "http://terminology.hl7.org/CodeSystem/"


def store_imported(patient_id: str, *, store: Store) -> dict[str, str]:
    """Stores it all and gives the ids that pages need."""
    subject = {"subject": {"reference": f"Patient/{patient_id}"}}
    patient = {"patient": {"reference": f"Patient/{patient_id}"}}
    ids = {"attached": store(_letter(subject, store=store)), "plan": store(_plan(subject))}
    drug = store({"resourceType": "Medication", "code": {"coding": [_coding(RXNORM, "", "Enoxaparin sodium 40 MG/0.4 ML Injection [Lovenox]")]}})  # fmt: skip
    for resource in (*_medicines(drug, subject), *_relatives(patient), *_standing(subject, patient)):
        store(resource)
    for resource in (*_others(subject, patient), *_doubtful(subject)):
        store(resource)
    return ids


def _coding(system: str, code: str, display: str) -> dict[str, Any]:
    return {"system": system, **({"code": code} if code else {}), "display": display}


def _binary(kind: str, content: bytes, *, store: Store) -> str:
    data = base64.b64encode(content).decode()
    return f"Binary/{store({'resourceType': 'Binary', 'contentType': kind, 'data': data})}"


def _letter(subject: dict[str, Any], *, store: Store) -> dict[str, Any]:
    good = base64.b64encode(hashlib.sha1(PICTURE, usedforsecurity=False).digest()).decode()
    attachments = [
        {"contentType": "text/html", "url": _binary("text/html", ATTACK.encode(), store=store), "title": "Letter"},
        {"contentType": "image/svg+xml", "url": _binary("image/svg+xml", DRAWING.encode(), store=store), "size": 12},
        {"contentType": "image/png", "url": _binary("image/png", PICTURE, store=store), "hash": good, "title": "X-ray"},
        {"contentType": "application/pdf", "url": ELSEWHERE, "title": "Letter of the other hospital"},
    ]
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": "Referral with enclosures"},
        **subject,
        "date": "2019-02-03T09:00:00Z",
        "content": [{"attachment": attachment} for attachment in attachments],
    }


def _medicines(drug: str, subject: dict[str, Any]) -> list[dict[str, Any]]:
    named = {"medicationReference": {"reference": f"Medication/{drug}"}}
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        **named,
        **subject,
        "authoredOn": "2026-11-22",
        "dosageInstruction": [
            {
                "route": {"text": "Subcutaneous"},
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["EVE"]}},
                "doseAndRate": [{"doseQuantity": {"value": 40, "unit": "mg", "system": UCUM, "code": "mg"}}],
            }
        ],
    }
    doses = [
        {
            "resourceType": "MedicationAdministration",
            "status": "not-done" if day == 23 else "completed",
            **named,
            **subject,
            "effectiveDateTime": f"2026-11-{day}T19:05:00Z",
            "dosage": {"dose": {"value": 40, "unit": "mg"}, "route": {"text": "Subcutaneous"}},
            **({"statusReason": [{"text": "Refused"}]} if day == 23 else {}),
        }
        for day in (22, 23)
    ]
    package = {
        "resourceType": "MedicationDispense",
        "status": "completed",
        "medicationCodeableConcept": {"text": "Metformin 500 mg"},
        **subject,
        "whenHandedOver": "2026-10-02T10:00:00Z",
        "quantity": {"value": 60, "unit": "tablets"},
        "daysSupply": {"value": 30, "unit": "days"},
    }
    return [order, *doses, package]


def _relatives(patient: dict[str, Any]) -> list[dict[str, Any]]:
    def years(value: int) -> dict[str, Any]:
        return {"value": value, "unit": "years", "system": UCUM, "code": "a"}

    mother = [
        {"code": {"text": "Breast cancer"}, "onsetAge": years(45)},
        {"code": {"text": "Stroke"}, "onsetAge": years(72), "contributedToDeath": True},
    ]
    return [
        {
            "resourceType": "FamilyMemberHistory",
            "status": "completed",
            **patient,
            "date": "2019-05-02",
            "relationship": {"coding": [_coding(f"{_TERMS}v3-RoleCode", "MTH", "mother")], "text": "Mother"},
            "deceasedAge": years(72),
            "condition": mother,
        },
        {
            "resourceType": "FamilyMemberHistory",
            "status": "partial",
            **patient,
            "date": "2019-05-02",
            "relationship": {"text": "Brother"},
            "ageAge": years(63),
            "deceasedBoolean": False,
            "condition": [{"code": {"text": "Type 2 diabetes"}, "onsetString": "in his forties"}],
        },
    ]


def _standing(subject: dict[str, Any], patient: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Flag",
            "status": "active",
            "category": [{"coding": [_coding(f"{_TERMS}flag-category", "safety", "Safety")]}],
            "code": {"text": "High risk of falls"},
            **subject,
            "period": {"start": "2026-11-22"},
        },
        {
            "resourceType": "Consent",
            "status": "active",
            "scope": {"coding": [_coding(f"{_TERMS}consentscope", "adr", "Advanced Care Directive")]},
            "category": [{"coding": [_coding(f"{_TERMS}consentcategorycodes", "dnr", "Do Not Resuscitate")]}],
            **patient,
            "dateTime": "2025-06-01",
            "policyRule": {"text": "Hospital policy"},
        },
    ]


def _plan(subject: dict[str, Any]) -> dict[str, Any]:
    steps = ("Pulmonary rehabilitation", "Smoking cessation therapy")
    return {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "category": [{"text": "Chronic obstructive pulmonary disease care"}],
        **subject,
        "period": {"start": "2019-03-01"},
        "activity": [{"detail": {"code": {"text": step}, "status": "in-progress"}} for step in steps],
    }


def _others(subject: dict[str, Any], patient: dict[str, Any]) -> list[dict[str, Any]]:
    whom = subject["subject"]
    return [
        {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "No exacerbation for a year"}, **subject, "startDate": "2019-03-01"},
        {"resourceType": "CareTeam", "status": "active", "name": "COPD team", **subject, "participant": [{"member": {"display": "Dr D. Keller"}}]},
        {"resourceType": "Device", "status": "active", "type": {"text": "Cardiac pacemaker"}, **patient, "manufactureDate": "2018-02-01"},
        {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": {"text": "Chest CT"}, **subject, "authoredOn": "2026-11-23T10:00:00Z"},
        {"resourceType": "ImagingStudy", "status": "available", **subject, "started": "2020-02-01T11:00:00Z", "description": "Chest X-ray, two views", "series": [{"uid": "1.2.3", "modality": _coding("http://dicom.nema.org/resources/ontology/DCM", "DX", "Digital radiography")}]},
        {"resourceType": "Coverage", "status": "active", "type": {"text": "Statutory health insurance"}, "beneficiary": whom, "payor": [{"display": "Regional health fund"}]},
        {"resourceType": "Claim", "status": "active", "use": "claim", "type": {"text": "Institutional"}, **patient, "created": "2020-03-05", "provider": {"display": "Northside Hospital"}, "priority": {"text": "normal"}, "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Regional health fund"}}], "total": {"value": 1234.5, "currency": "EUR"}},
        {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "http://example.org/Questionnaire/cat", **subject, "authored": "2026-11-23T08:00:00Z", "item": [{"linkId": "1", "text": "Cough", "answer": [{"valueInteger": 3}]}]},
        {"resourceType": "Specimen", "type": {"text": "Blood"}, **subject, "collection": {"collectedDateTime": "2026-11-23T09:30:00Z"}},
        {"resourceType": "NutritionOrder", "status": "active", "intent": "order", **patient, "dateTime": "2026-11-22T12:00:00Z", "oralDiet": {"type": [{"text": "Diabetic diet"}]}},
        {"resourceType": "Media", "status": "completed", "type": {"text": "Photograph"}, **subject, "createdDateTime": "2026-11-23T10:00:00Z", "bodySite": {"text": "Left heel"}, "content": {"contentType": "image/png", "data": base64.b64encode(PICTURE).decode()}},
        {"resourceType": "Appointment", "status": "booked", "serviceType": [{"text": "Lung function"}], "start": "2026-12-10T09:00:00Z", "end": "2026-12-10T09:30:00Z", "participant": [{"actor": whom, "status": "accepted"}]},
    ]  # fmt: skip


def _doubtful(subject: dict[str, Any]) -> list[dict[str, Any]]:
    """What is not so, or not known to be so."""
    verified = f"{_TERMS}condition-ver-status"
    return [
        {
            "resourceType": "Condition",
            "verificationStatus": {"coding": [{"system": verified, "code": "provisional"}]},
            "code": {"coding": [_coding(SNOMED, "59282003", "Pulmonary embolism (disorder)")]},
            **subject,
            "recordedDate": "2026-11-23",
        },
        {
            "resourceType": "Observation",
            "status": "entered-in-error",
            "code": {"coding": [_coding(LOINC, "883-9", "ABO group [Type] in Blood")], "text": "Blood group"},
            **subject,
            "effectiveDateTime": "2026-11-23T09:00:00Z",
            "valueString": "AB",
        },
    ]
