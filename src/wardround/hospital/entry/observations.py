"""From readings to FHIR Observations: value and unit as they were typed; the two pressures of one cuff are one panel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from wardround.clinical.catalogue import LOINC, Coding
from wardround.hospital.entry.typed import Reading
from wardround.interchange.fhir.values import UCUM
from wardround.web.layout.printed import printed_unit

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
# FHIR R4, vital signs profile "bp" (hl7.org/fhir/R4/bp.html).
_PRESSURES = ("systolic_pressure", "diastolic_pressure")
_PANEL = Coding(LOINC, "85354-9", "Blood pressure panel with all children optional")


@dataclass(frozen=True)
class Written:
    """Resources to be stored, and where in them each reading stands: (which resource, path), by catalogue key."""

    resources: tuple[dict[str, Any], ...]
    places: Mapping[str, tuple[int, str]]


def observations(readings: Mapping[str, Reading], *, patient_id: str, at: datetime, category: str) -> Written:
    """One Observation for each reading, by catalogue key."""
    resources: list[dict[str, Any]] = []
    places: dict[str, tuple[int, str]] = {}
    have_both = all(key in readings for key in _PRESSURES)
    for key, reading in readings.items():
        if have_both and key in _PRESSURES:
            if key in places:
                continue
            for number, part in enumerate(_PRESSURES):
                places[part] = (len(resources), f"Observation.component[{number}].valueQuantity")
            components = [{"code": _code(readings[part]), **_value(readings[part])} for part in _PRESSURES]
            content: dict[str, Any] = {"code": _concept(_PANEL), "component": components}
        else:
            places[key] = (len(resources), "Observation.valueQuantity")
            content = {"code": _code(reading), **_value(reading)}
        resources.append(_observation(content, patient_id=patient_id, at=at, category=category))
    return Written(tuple(resources), places)


def _observation(content: dict[str, Any], *, patient_id: str, at: datetime, category: str) -> dict[str, Any]:
    code = content.pop("code")
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": category}]}],
        "code": code,
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": timezone.localtime(at).isoformat(timespec="seconds"),
        **content,
    }


def _code(reading: Reading) -> dict[str, Any]:
    return _concept(reading.measurement.coding)


def _concept(coding: Coding) -> dict[str, Any]:
    said = {"system": coding.system, "code": coding.code} | ({"display": coding.display} if coding.display else {})
    return {"coding": [said]}


def _value(reading: Reading) -> dict[str, Any]:
    shown = printed_unit(reading.unit)
    quantity: dict[str, Any] = {"value": reading.number}
    if reading.comparator:
        quantity["comparator"] = reading.comparator
    if shown:
        quantity["unit"] = shown
    return {"valueQuantity": {**quantity, "system": UCUM, "code": reading.unit}}
