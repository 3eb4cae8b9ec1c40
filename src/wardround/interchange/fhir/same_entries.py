"""Do two resources say the same thing of a patient: the same code at the same time with the same content?"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

# What must be alike, by type; what is not listed (identifiers, who entered it, notes, the visit) may differ.
_ALIKE: dict[str, tuple[str, ...]] = {
    "Condition": ("code", "bodySite", "category", "stage", "severity"),
    "Encounter": ("class", "type", "serviceType", "partOf", "location"),
    "Immunization": ("vaccineCode", "site", "doseQuantity", "protocolApplied"),
    "MedicationAdministration": ("medicationCodeableConcept", "medicationReference", "dosage"),
    "MedicationRequest": (
        "medicationCodeableConcept",
        "medicationReference",
        "dosageInstruction",
        "intent",
        "priorPrescription",
    ),
    "MedicationStatement": ("medicationCodeableConcept", "medicationReference", "dosage"),
    "Observation": ("code", "bodySite", "method", "specimen", "device", "focus", "component", "hasMember"),
    "Procedure": ("code", "bodySite", "partOf"),
}
_WHEN: dict[str, tuple[str, ...]] = {
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "Encounter": ("period",),
    "Immunization": ("occurrenceDateTime",),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod"),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant"),
    "Procedure": ("performedDateTime", "performedPeriod"),
}
_OTHER_WORDS = frozenset({"id", "display", "userSelected", "extension"})
_BESIDE_CODES = _OTHER_WORDS | {"text"}
_UNTRUE = frozenset({"entered-in-error", "cancelled", "not-done", "registered", "planned", "intended"})
_VERSIONS = frozenset({"amended", "corrected", "preliminary"})  # of what may be there as final too


@dataclass(frozen=True, slots=True)
class Entry:
    """What a resource says, written one way. `is_timed`: it names the hour, so saying it twice is hardly a repetition."""

    content: str
    is_timed: bool


def entry_of(resource: Mapping[str, Any]) -> Entry | None:
    """What can be entered twice, or None: it has no code or no time, it is not true, or it is not of a type that counts."""
    alike = _ALIKE.get(resource["resourceType"])
    if alike is None or resource.get("status") in _UNTRUE or resource.get("status") in _VERSIONS:
        return None
    when = next((resource[name] for name in _WHEN[resource["resourceType"]] if name in resource), None)
    start = when.get("start") if isinstance(when, dict) else when
    if start is None or not any(name in resource for name in alike[:2]):
        return None
    verification = resource.get("verificationStatus")
    if verification and any(c.get("code") in ("entered-in-error", "refuted") for c in verification.get("coding", ())):
        return None
    content = {name: resource[name] for name in alike if name in resource}
    if resource["resourceType"] == "Observation":
        values = {name: value for name, value in resource.items() if name.startswith("value")}
        if not values and "component" not in resource:
            return None
        content |= values
    text = orjson.dumps([resource["resourceType"], when, _bare(content)], option=orjson.OPT_SORT_KEYS)
    return Entry(text.decode(), is_timed="T" in start and start[11:16] != "00:00")


def _bare(value: Any) -> Any:
    """Without what says the same in other words: displays, texts beside codes, ids."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        left_out = _BESIDE_CODES if value.get("coding") else _OTHER_WORDS
        return {name: _bare(part) for name, part in value.items() if name not in left_out}
    if isinstance(value, list):
        return [_bare(part) for part in value]
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return _plain(Decimal(value))
    return value


def _plain(value: Decimal) -> str:
    """1.50 and 1.5 are the same value; the digits are not rounded, however many there are."""
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    number = text.rstrip("0")
    if not number:
        return "0"
    return f"{'-' if sign else ''}{number}e{int(exponent) + len(text) - len(number)}"
