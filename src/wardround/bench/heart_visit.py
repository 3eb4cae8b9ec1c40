"""One invented patient's heart visit as FHIR resources, for pages that need a full chart."""

from typing import Any

LOINC = "http://loinc.org"
WARDROUND = "urn:wardround:code"
UCUM = "http://unitsofmeasure.org"

# (code system, code, value, unit, day, time); a bool is a boolean answer, a str without unit a coded one
_FINDINGS: tuple[tuple[str, str, Any, str, str], ...] = (
    (LOINC, "8480-6", 160, "mm[Hg]", "2026-03-02T08:10:00Z"),
    (LOINC, "2093-3", 7.4, "mmol/L", "2026-03-02T08:30:00Z"),
    (WARDROUND, "fasting_glucose_over_120", True, "", "2026-03-02T08:30:00Z"),
    (WARDROUND, "chest_pain_type", "asymptomatic", "", "2026-03-02T08:05:00Z"),
    (WARDROUND, "resting_ecg", "left_ventricular_hypertrophy", "", "2026-03-02T08:45:00Z"),
    (WARDROUND, "exercise_heart_rate", 108, "/min", "2026-03-03T10:00:00Z"),
    (WARDROUND, "exercise_angina", True, "", "2026-03-03T10:00:00Z"),
    (WARDROUND, "st_depression", 1.5, "mm", "2026-03-03T10:00:00Z"),
    (WARDROUND, "st_slope", "flat", "", "2026-03-03T10:00:00Z"),
    (WARDROUND, "fluoroscopy_vessels", 3, "1", "2026-03-04T08:30:00Z"),
)


def visit(patient_id: str, *, pressure: float = 160) -> list[dict[str, Any]]:
    """Observations of day 0 to day 2, the angiography and its result. `pressure` is the systolic one."""
    findings = [(s, c, pressure if c == "8480-6" else v, u, t) for s, c, v, u, t in _FINDINGS]
    reference = {"reference": f"Patient/{patient_id}"}
    observations = [_observation(reference, *finding) for finding in findings]
    angiography = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"coding": [{"system": WARDROUND, "code": "coronary_angiography"}]},
        "subject": reference,
        "performedDateTime": "2026-03-04T13:00:00Z",
    }
    finding: tuple[str, str, Any, str, str] = (WARDROUND, "coronary_narrowing", True, "", "2026-03-04T14:00:00Z")
    narrowed = _observation(reference, *finding)
    disease = {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I25.10"}]},
        "subject": reference,
        "onsetDateTime": "2026-03-04T14:00:00Z",
    }
    return [*observations, angiography, narrowed, disease]


def _observation(reference: dict[str, str], system: str, code: str, value: Any, unit: str, time: str) -> dict[str, Any]:
    observation: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": system, "code": code}]},
        "subject": reference,
        "effectiveDateTime": time,
    }
    if isinstance(value, bool):
        observation["valueBoolean"] = value
    elif isinstance(value, str):
        observation["valueCodeableConcept"] = {"coding": [{"system": WARDROUND, "code": value}]}
    else:
        observation["valueQuantity"] = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    return observation
