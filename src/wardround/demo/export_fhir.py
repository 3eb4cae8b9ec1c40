"""Zurich and Basel's export: FHIR R4 in bulk-export NDJSON, LOINC where it exists, the hospitals' own codes for the rest."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from wardround.demo.paper import PaperChart
from wardround.demo.planter import EXAM_DATE, RECORD

_OWN = "urn:wardround:local:zurich-basel"
_MRN = "urn:wardround:mrn:zurich-basel"
_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_SUMMER_FROM, _SUMMER_UNTIL = date(2026, 3, 29), date(2026, 10, 25)

_CODES = {
    "chest_pain_type": ("BRUSTSCHMERZ", "Art des Brustschmerzes"),
    "resting_ecg": ("RUHE-EKG", "Ruhe-EKG"),
    "fasting_glucose_over_120": ("NBZ-120", "Nüchternblutzucker über 120 mg/dl"),
    "exercise_heart_rate": ("ERGO-HF-MAX", "Maximale Herzfrequenz, Ergometrie"),
    "exercise_angina": ("ERGO-AP", "Angina pectoris unter Belastung"),
    "st_depression": ("ERGO-ST", "ST-Senkung unter Belastung"),
    "st_slope": ("ERGO-ST-VERLAUF", "Verlauf der ST-Strecke"),
    "fluoroscopy_vessels": ("DL-GEFAESSE", "Gefässe in der Durchleuchtung"),
    "thallium_scan": ("THALLIUM", "Thallium-Szintigraphie"),
    "coronary_narrowing": ("KORO-STENOSE", "Koronarstenose von mindestens 50 %"),
}
_ANSWERS = {
    "typical_angina": ("TYPISCH", "Typische Angina pectoris"),
    "atypical_angina": ("ATYPISCH", "Atypische Angina pectoris"),
    "non_anginal_pain": ("NICHT-KARDIAL", "Nicht anginöser Schmerz"),
    "asymptomatic": ("KEIN-SCHMERZ", "Kein Brustschmerz"),
    "normal": ("UNAUFFAELLIG", "Unauffällig"),
    "st_t_abnormality": ("ST-T", "ST-T-Veränderung"),
    "left_ventricular_hypertrophy": ("LVH", "Linksventrikuläre Hypertrophie"),
    "upsloping": ("ASZENDIEREND", "Aszendierend"),
    "flat": ("HORIZONTAL", "Horizontal"),
    "downsloping": ("DESZENDIEREND", "Deszendierend"),
    "fixed_defect": ("FIXIERT", "Fixierter Defekt"),
    "reversible_defect": ("REVERSIBEL", "Reversibler Defekt"),
}
_EXERCISE = ("exercise_heart_rate", "exercise_angina", "st_depression", "st_slope")
_SCAN = ("fluoroscopy_vessels", "thallium_scan")
_UNITS = {"exercise_heart_rate": ("/min", "/min"), "st_depression": ("mm", "mm"), "fluoroscopy_vessels": ("", "1")}

Resource = dict[str, Any]


def write_fhir(folder: Path, charts: Iterable[PaperChart], *, written: Mapping[tuple[str, str], str]) -> None:
    """Write one NDJSON file per resource type; ``written`` is what stands there instead of the truth."""
    lines: dict[str, list[str]] = {"Patient": [], "Observation": [], "Procedure": [], "Condition": []}
    for chart in charts:
        for resource in _resources(chart, written):
            line = _json(resource)
            if resource["id"] == f"{_id(chart)}-exercise-heart-rate" and (chart.mrn, RECORD) in written:
                line = line[: len(line) * 2 // 3]
            lines[resource["resourceType"]].append(line)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, written_lines in lines.items():
        (folder / f"{kind}.ndjson").write_bytes("".join(f"{line}\n" for line in written_lines).encode("utf-8"))


def _resources(chart: PaperChart, written: Mapping[tuple[str, str], str]) -> Iterator[Resource]:
    yield _patient(chart)
    day = written.get((chart.mrn, EXAM_DATE), chart.day.isoformat())
    if chart.row.systolic_pressure is not None:
        yield _blood_pressure(chart, written, at=f"{day}T08:40:00{_offset(chart.day)}")
    for field in ("chest_pain_type", "resting_ecg", "fasting_glucose_over_120"):
        yield from _finding(chart, field, getattr(chart.row, field), at=chart.seen_at)
    if chart.row.total_cholesterol is not None:
        quantity = _quantity(_typed(chart, "total_cholesterol", written), "mmol/l", "mmol/L")
        coding = _coding(_LOINC, "2093-3", "Cholesterol [Mass/volume] in Serum or Plasma")
        yield _observation(chart, "total-cholesterol", coding, at=_instant(chart.seen_at)) | {"valueQuantity": quantity}
    for fields, moment in ((_EXERCISE, chart.exercise_at), (_SCAN, chart.scan_at)):
        for field in fields:
            value = getattr(chart.row, field)
            if field in _UNITS and value is not None:
                coding = _coding(_OWN, *_CODES[field])
                quantity = _quantity(_typed(chart, field, written), *_UNITS[field])
                yield _observation(chart, field, coding, at=_instant(moment)) | {"valueQuantity": quantity}
            else:
                yield from _finding(chart, field, value, at=moment)
    yield _angiography(chart)
    yield from _finding(chart, "coronary_narrowing", chart.row.has_coronary_disease, at=chart.result_at)
    if chart.row.has_coronary_disease:
        yield _coronary_disease(chart)


def _patient(chart: PaperChart) -> Resource:
    person = chart.person
    number_type = _coding("http://terminology.hl7.org/CodeSystem/v2-0203", "MR", "Medical record number")
    return {
        "resourceType": "Patient",
        "id": _id(chart),
        "identifier": [{"use": "usual", "type": {"coding": [number_type]}, "system": _MRN, "value": chart.mrn}],
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "telecom": [{"system": "phone", "value": person.phone, "use": "home"}],
        "gender": chart.row.sex,
        "birthDate": str(chart.birth_year),
        "address": [
            {
                "use": "home",
                "line": [person.street],
                "city": person.town,
                "state": person.region,
                "postalCode": person.postcode,
                "country": person.country,
            }
        ],
    }


def _blood_pressure(chart: PaperChart, written: Mapping[tuple[str, str], str], *, at: str) -> Resource:
    panel = _coding(_LOINC, "85354-9", "Blood pressure panel with all children optional")
    parts = (
        ("systolic_pressure", _coding(_LOINC, "8480-6", "Systolic blood pressure")),
        ("diastolic_pressure", _coding(_LOINC, "8462-4", "Diastolic blood pressure")),
    )
    components = [
        {"code": {"coding": [coding]}, "valueQuantity": _quantity(_typed(chart, field, written), "mmHg", "mm[Hg]")}
        for field, coding in parts
    ]
    return _observation(chart, "blood-pressure", panel, at=at) | {"component": components}


def _finding(chart: PaperChart, field: str, value: object, *, at: datetime) -> Iterator[Resource]:
    if value is None:
        return
    observation = _observation(chart, field, _coding(_OWN, *_CODES[field]), at=_instant(at))
    if isinstance(value, bool):
        yield observation | {"valueBoolean": value}
    else:
        yield observation | {"valueCodeableConcept": {"coding": [_coding(_OWN, *_ANSWERS[str(value)])]}}


def _observation(chart: PaperChart, name: str, coding: Resource, *, at: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"{_id(chart)}-{name.replace('_', '-')}",
        "status": "final",
        "code": {"coding": [coding]},
        "subject": {"reference": f"Patient/{_id(chart)}"},
        "effectiveDateTime": at,
    }


def _angiography(chart: PaperChart) -> Resource:
    return {
        "resourceType": "Procedure",
        "id": f"{_id(chart)}-coronary-angiography",
        "status": "completed",
        "code": {"coding": [_coding(_OWN, "KORO", "Koronarangiographie")]},
        "subject": {"reference": f"Patient/{_id(chart)}"},
        "performedDateTime": _instant(chart.angiography_at),
    }


def _coronary_disease(chart: PaperChart) -> Resource:
    def status(system: str, code: str) -> Resource:
        return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}

    return {
        "resourceType": "Condition",
        "id": f"{_id(chart)}-coronary-disease",
        "clinicalStatus": status("condition-clinical", "active"),
        "verificationStatus": status("condition-ver-status", "confirmed"),
        "code": {"coding": [_coding(_OWN, "KHK", "Koronare Herzkrankheit, angiographisch gesichert")]},
        "subject": {"reference": f"Patient/{_id(chart)}"},
        "onsetDateTime": _instant(chart.result_at),
        "recordedDate": _instant(chart.result_at),
    }


def _id(chart: PaperChart) -> str:
    return chart.mrn.lower()


def _coding(system: str, code: str, display: str) -> Resource:
    return {"system": system, "code": code, "display": display}


def _quantity(text: str, unit: str, code: str) -> Resource:
    quantity = {"value": _Number(text), "unit": unit, "system": _UCUM, "code": code}
    return quantity if unit else {key: value for key, value in quantity.items() if key != "unit"}


def _typed(chart: PaperChart, field: str, written: Mapping[tuple[str, str], str]) -> str:
    return written.get((chart.mrn, field), chart.value_text(field) or "")


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}{_offset(moment.date())}"


def _offset(day: date) -> str:
    return "+02:00" if _SUMMER_FROM <= day < _SUMMER_UNTIL else "+01:00"


class _Number(str):
    """A number whose text is kept in JSON: 6.10 stays 6.10."""

    __slots__ = ()


def _json(resource: Resource) -> str:
    text = json.dumps(_marked(resource), ensure_ascii=False, separators=(",", ":"))
    return re.sub('"\\\\u0000([^"]+)"', r"\1", text)


def _marked(value: Any) -> Any:
    if isinstance(value, _Number):
        return f"\0{value}"
    if isinstance(value, dict):
        return {key: _marked(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_marked(entry) for entry in value]
    return value
