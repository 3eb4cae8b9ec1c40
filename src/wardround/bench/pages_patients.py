"""The charts of the pages benchmark: one of ten years with many values, and people who lie on a ward. Nobody in them exists."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from wardround.bench.admission import admission
from wardround.bench.charts import MEASURED, Resource, invented_patient, patient_id
from wardround.bench.heart_visit import visit

WARD = "Acute Medical"
YEARS = 10
_LOINC, _UCUM = "http://loinc.org", "http://unitsofmeasure.org"
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
_PRESSURE = ("8480-6", "Systolic blood pressure", "vital-signs", 110.0, 150.0, "mm[Hg]")
_NEEDED = frozenset({"8480-6", "2093-3"})  # what the heart study asks for and a chart of years has many of


def long_chart(*, observations: int, seed: int) -> list[Resource]:
    """Patient 0: ten years of vital signs and laboratory values, evenly spread."""
    return [invented_patient(0, seed=seed), *_values(0, many=observations, seed=seed)]


def lying_patient(number: int, *, seed: int) -> list[Resource]:
    """Somebody on the ward, with a few values of the last day."""
    stay = admission(patient_id(number), ward=WARD, bed=str(number), since=_before(days=2))
    stay["id"] = f"stay-{number}"
    values = _values(number, many=12, seed=seed, days=1)
    return [invented_patient(number, seed=seed), stay, *values]


def prefetch_of_ten_years(patient: str, *, observations: int, seed: int) -> dict[str, Any]:
    """What another record sends of a chart of ten years: of all its values those that the heart study asks for."""
    values = [v for v in _values(1_000, many=observations, seed=seed) if v["code"]["coding"][0]["code"] in _NEEDED]
    subject = {"reference": f"Patient/{patient}"}
    # Of the visit, what is known before the angiography.
    known = [r for r in visit(patient) if r["resourceType"] == "Observation" and not _is_outcome(r)]
    sent = [{**value, "subject": subject} for value in values]
    sent += [{**resource, "id": f"visit-{number}"} for number, resource in enumerate(known)]
    return {
        "patient": {"resourceType": "Patient", "id": patient, "gender": "female", "birthDate": "1963-05-02"},
        "observations": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in sent]},
        "procedures": {"resourceType": "Bundle", "type": "searchset"},
    }


def _is_outcome(resource: Resource) -> bool:
    return bool(resource["code"]["coding"][0]["code"] == "coronary_narrowing")


def _values(number: int, *, many: int, seed: int, days: int = YEARS * 365) -> list[Resource]:
    dice = random.Random(f"{seed}|values|{number}")  # noqa: S311 - invented people, not keys
    measured = (_PRESSURE, *MEASURED)
    found = []
    for at in range(many):
        code, display, category, low, high, unit = measured[at % len(measured)]
        # A person's values stay near one another, or every second one would be held.
        middle, spread = (low + high) / 2, (high - low) / 16
        found.append(
            {
                "resourceType": "Observation",
                "id": f"v-{number}-{at}",
                "status": "final",
                "category": [{"coding": [{"system": _CATEGORIES, "code": category}]}],
                "code": {"coding": [{"system": _LOINC, "code": code, "display": display}], "text": display},
                "subject": {"reference": f"Patient/{patient_id(number)}"},
                "effectiveDateTime": _before(days=days * (many - at) / many),
                "valueQuantity": {
                    "value": round(dice.uniform(middle - spread, middle + spread), 1),
                    "unit": unit,
                    "system": _UCUM,
                    "code": unit,
                },
            }
        )
    return found


def _before(*, days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
