"""One invented patient with something on every page of the chart, as FHIR resources in the order in which they are stored."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_CONDITION = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_ALLERGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
_VITALS = {
    ("8310-5", "Cel"): (36.6, 36.7, 37.0, 37.2, 37.6, 37.9, 38.2, 38.5, 38.4),
    ("8867-4", "/min"): (72, 74, 78, 82, 90, 96, 104, 112, 109),
    ("8480-6", "mm[Hg]"): (128, 131, 126, 124, 118, 112, 106, 88, 92),
    ("8462-4", "mm[Hg]"): (78, 77, 76, 74, 70, 66, 62, 56, 58),
    ("9279-1", "/min"): (14, 15, 16, 16, 18, 19, 22, 24, 23),
    ("2708-6", "%"): (97, 97, 96, 96, 95, 95, 94, 92, 93),
}
_LABORATORY = {
    ("2160-0", "mg/dL"): (0.9, 1.1, 1.5),
    ("2951-2", "mmol/L"): (138, 136, 132),
    ("2823-3", "mmol/L"): (4.0, 4.1, 4.2),
    ("1988-5", "mg/L"): (22, 60, 148),
    ("2093-3", "mmol/L"): (4.9, 5.0, 5.4),
    ("718-7", "g/dL"): (13.1, 12.8, 12.4),
}
_LETTER = """<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><component><section><title>Discharge letter</title>
<text><paragraph>Came with fever &amp; cough. <script>alert(1)</script></paragraph></text></section></component></ClinicalDocument>"""
_NOTE = "Seen on the ward round.\nA beteg <b>jobban</b> van: köhög, de láztalan.\n\nPlan: fluids, blood cultures."


def everything_of(patient_id: str) -> list[dict[str, Any]]:
    """Two days of vital signs, three of laboratory, and each kind of list."""
    subject = {"subject": {"reference": f"Patient/{patient_id}"}}
    patient = {"patient": {"reference": f"Patient/{patient_id}"}}
    return [*_measured(subject), *_stated(subject, patient), *_written(subject)]


def _measured(subject: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for (code, unit), values in _VITALS.items():
        for number, value in enumerate(values):
            found.append(
                _observation(code, value, unit, NOW - timedelta(hours=6 * (len(values) - 1 - number)), subject)
            )
    for (code, unit), values in _LABORATORY.items():
        for number, value in enumerate(values):
            found.append(_observation(code, value, unit, NOW - timedelta(days=2 * (len(values) - 1 - number)), subject))
    found.append(_observation("29463-7", 68.4, "kg", NOW - timedelta(days=4), subject))
    range_only = _observation("2093-3", 1, "mmol/L", NOW, subject)
    del range_only["valueQuantity"]
    range_only["code"] = {"text": "Trace of protein in urine"}
    range_only["valueString"] = "trace"
    return [*found, range_only]


def _observation(code: str, value: float, unit: str, time: datetime, subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        **subject,
        "effectiveDateTime": time.isoformat(),
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }


def below_what_is_measured(patient_id: str) -> dict[str, Any]:
    """A troponin that the laboratory could not measure, it was so low."""
    subject = {"subject": {"reference": f"Patient/{patient_id}"}}
    found = _observation("6598-7", 0.01, "ng/mL", NOW, subject)
    return {**found, "valueQuantity": {**found["valueQuantity"], "comparator": "<"}}


def _stated(subject: dict[str, Any], patient: dict[str, Any]) -> list[dict[str, Any]]:
    problems = (
        ("J44.9", "COPD", "2019", ""),
        ("E11.9", "Type 2 diabetes", "2014", ""),
        ("I10", "Hypertension", "2011", ""),
    )
    problems += (
        ("N39.0", "Urinary tract infection", "2026-11-20", ""),
        ("J18.9", "Pneumonia", "2020-02-01", "2020-03-01"),
    )
    return [
        *(_condition(*problem, subject) for problem in problems),
        _allergy("Penicillin", "Anaphylaxis", "severe", "high", patient),
        _allergy("Latex", "Rash", "mild", "low", patient),
        _medicine("Metformin hydrochloride 500 MG Oral Tablet", 500, "mg", "twice a day with food", "active", subject),
        _medicine("Tiotropium 18 MCG Inhalation Powder [Spiriva]", 18, "ug", "once a day", "active", subject),
        _medicine("Amlodipine 5 MG Oral Tablet", 5, "mg", "once a day", "on-hold", subject),
        _medicine("Ibuprofen 400 MG Oral Tablet", 400, "mg", "when needed", "stopped", subject),
        {
            "resourceType": "Procedure",
            "status": "completed",
            "code": {"coding": [{"system": SNOMED, "code": "30088009", "display": "Blood culture"}]},
            **subject,
            "performedDateTime": "2026-11-23T09:30:00Z",
        },
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": {
                "coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "140", "display": "Influenza"}]
            },
            **patient,
            "occurrenceDateTime": "2026-10-01",
            "lotNumber": "A-17",
        },
        {
            "resourceType": "Encounter",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            **subject,
            "period": {"start": "2026-11-22T07:40:00Z"},
            "location": [
                {
                    "location": {"display": "Emergency, bay 3"},
                    "status": "completed",
                    "period": {"start": "2026-11-22T07:40:00Z", "end": "2026-11-22T10:00:00Z"},
                },
                {
                    "location": {"display": "Acute Medical 2, bed 14"},
                    "status": "active",
                    "period": {"start": "2026-11-22T10:00:00Z"},
                },
            ],
        },
    ]


def _condition(code: str, name: str, onset: str, over: str, subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": _CONDITION, "code": "resolved" if over else "active"}]},
        "code": {"coding": [{"system": ICD, "code": code}], "text": name},
        **subject,
        "onsetDateTime": onset,
        **({"abatementDateTime": over} if over else {}),
    }


def _allergy(name: str, reaction: str, severity: str, criticality: str, patient: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {"coding": [{"system": _ALLERGY, "code": "active"}]},
        "criticality": criticality,
        "code": {"text": name},
        **patient,
        "recordedDate": "2019-05-02",
        "reaction": [{"manifestation": [{"text": reaction}], "severity": severity}],
    }


def _medicine(name: str, dose: float, unit: str, how: str, state: str, subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "status": state,
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "display": name}]},
        **subject,
        "authoredOn": "2026-11-22",
        "dosageInstruction": [
            {
                "text": how,
                "route": {"text": "Oral"},
                "doseAndRate": [{"doseQuantity": {"value": dose, "unit": unit, "system": UCUM, "code": unit}}],
            }
        ],
    }


def _written(subject: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        _document("text/plain; charset=utf-8", _NOTE, "Progress note", "2026-11-24T07:50:00Z", subject),
        _document("text/xml", _LETTER, "Discharge letter", "2020-03-01T10:00:00Z", subject),
    ]


def _document(kind: str, text: str, name: str, date: str, subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": name},
        **subject,
        "date": date,
        "author": [{"display": "Dr D. Keller"}],
        "content": [{"attachment": {"contentType": kind, "data": base64.b64encode(text.encode()).decode()}}],
    }
