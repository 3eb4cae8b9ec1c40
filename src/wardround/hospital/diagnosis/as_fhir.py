"""A verdict as FHIR R4: the suspected Condition, the RiskAssessment that was judged, and the Provenance of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wardround.hospital.diagnosis.reasons import REASONS, SYSTEM
from wardround.interchange.fhir.json import Number

Body = dict[str, Any]
_HL7 = "http://terminology.hl7.org/CodeSystem"


@dataclass(frozen=True)
class Judged:
    """What is said of one verdict: who judged which estimate of which model, made from what."""

    patient_id: str
    given: datetime
    username: str
    full_name: str
    choice: str
    reason: str
    words: str
    study: str  # "Coronary heart disease before angiography, version 1"
    model_sha256: str
    inputs_sha256: str
    index_time: datetime
    probability: float
    low: float
    high: float
    outcome: Body  # CodeableConcept
    basis: tuple[str, ...]  # "Observation/abc"

    @property
    def doctor(self) -> Body:
        return {
            "type": "Practitioner",
            "identifier": {"system": "urn:wardround:user", "value": self.username},
            "display": self.full_name,
        }

    @property
    def model(self) -> Body:
        return {
            "type": "Device",
            "identifier": {"system": "urn:wardround:model", "value": self.model_sha256},
            "display": self.study,
        }


def suspicion(outcome: Body, *, patient_id: str) -> Body:
    """The problem, as suspected, as a card suggests it to another record. R4's `provisional` is "a tentative diagnosis, still
    a candidate"; `differential` would say that it is one of a set of which only one can be true, and a model alone says no
    such thing."""
    return {
        "resourceType": "Condition",
        "clinicalStatus": _concept(f"{_HL7}/condition-clinical", "active"),
        "verificationStatus": _concept(f"{_HL7}/condition-ver-status", "provisional"),
        "category": [_concept(f"{_HL7}/condition-category", "problem-list-item")],
        "code": outcome,
        "subject": {"reference": f"Patient/{patient_id}"},
    }


def suspected(judged: Judged, *, condition_id: str) -> Body:
    """The problem, as suspected under the doctor's name in the chart here."""
    return {
        **suspicion(judged.outcome, patient_id=judged.patient_id),
        "id": condition_id,
        "recordedDate": _instant(judged.given),
        "recorder": judged.doctor,
        "asserter": judged.doctor,
    }


def risk_assessment(judged: Judged, *, assessment_id: str, condition_id: str) -> Body:
    """The estimate as it was judged. R4 writes probabilityDecimal in percent (rule ras-2: at most 100)."""
    body: Body = {
        "resourceType": "RiskAssessment",
        "id": assessment_id,
        "status": "final",
        "method": {
            "coding": [{"system": "urn:wardround:model", "code": judged.model_sha256}],
            "text": judged.study,
        },
        "subject": {"reference": f"Patient/{judged.patient_id}"},
        "occurrenceDateTime": _instant(judged.index_time),
        "performer": judged.model,
        "basis": [{"reference": reference} for reference in judged.basis],
        "prediction": [
            {
                "outcome": judged.outcome,
                "probabilityDecimal": _percent(judged.probability),
                "rationale": f"90 % interval {_percent(judged.low).text} to {_percent(judged.high).text} %. "
                "Model output, not a diagnosis.",
            }
        ],
    }
    if not judged.basis:
        del body["basis"]
    if condition_id:
        body["condition"] = {"reference": f"Condition/{condition_id}"}
    return body


def provenance(judged: Judged, *, provenance_id: str, targets: Sequence[str]) -> Body:
    """Who judged, and by which model the estimate was made from which inputs.

    The Patient is a target too: by it, in FHIR's patient compartment, a Provenance lies in the patient's chart and nowhere
    else, where its words of a reason belong.
    """
    activity = {"coding": [{"system": "urn:wardround:verdict", "code": judged.choice}]}
    body: Body = {
        "resourceType": "Provenance",
        "id": provenance_id,
        "target": [{"reference": target} for target in (*targets, f"Patient/{judged.patient_id}")],
        "recorded": _instant(judged.given),
        "activity": activity,
        "agent": [
            {"type": _concept(f"{_HL7}/provenance-participant-type", "verifier"), "who": judged.doctor},
            {"type": _concept(f"{_HL7}/provenance-participant-type", "assembler"), "who": judged.model},
        ],
        "entity": [
            {
                "role": "source",
                "what": {
                    "identifier": {"system": "urn:wardround:inputs", "value": judged.inputs_sha256},
                    "display": "The inputs of the estimate, by their hash",
                },
            }
        ],
    }
    if judged.reason or judged.words:
        body["reason"] = [_reason(judged)]
    return body


def _reason(judged: Judged) -> Body:
    reason: Body = {"text": judged.words or str(REASONS[judged.reason])}
    if judged.reason:
        reason["coding"] = [{"system": SYSTEM, "code": judged.reason, "display": str(REASONS[judged.reason])}]
    return reason


def _concept(system: str, code: str) -> Body:
    return {"coding": [{"system": system, "code": code}]}


def _percent(probability: float) -> Number:
    """With as many digits as tell it from any other estimate in practice; the verdict's row has it to the last bit."""
    return Number(f"{100 * probability:.4f}")


def _instant(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds")
