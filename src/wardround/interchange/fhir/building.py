"""FHIR resources made of what other formats hold; codes, units and digits stay as received."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from wardround.interchange.fhir.json import Number
from wardround.interchange.fhir.values import UNIT_AS_RECEIVED

Resource = dict[str, Any]
NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
NUMBER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
UNKNOWN_CLASS = {"system": NULL_FLAVOR, "code": "UNK"}


@dataclass(frozen=True, slots=True)
class Key:
    """What a resource is known by at its source: an identifier's system and value."""

    system: str
    value: str

    def reference(self, type_name: str) -> Resource:
        """A reference to the resource with this identifier; the value is percent-encoded, as in a search address."""
        return {"reference": f"{type_name}?identifier={quote(f'{self.system}|{self.value}', safe=':/|')}"}

    def identifier(self) -> Resource:
        return {"system": self.system, "value": self.value}


def hospital_number(key: Key) -> Resource:
    """The identifier by which the hospital knows a patient (MRN)."""
    return {"use": "usual", "type": {"coding": [{"system": NUMBER_TYPE, "code": "MR"}]}} | key.identifier()


def coding(system: str, code: str, display: str = "") -> Resource:
    return {k: v for k, v in (("system", system), ("code", code), ("display", display)) if v}


def concept(codings: Sequence[Resource], *, text: str = "") -> Resource:
    result: Resource = {"coding": list(codings)} if codings else {}
    return result | ({"text": text} if text else {})


def quantity(number: Number, unit: str | None, *, unit_coding: Resource | None = None) -> Resource:
    """A valueQuantity with the unit as written; a coded unit only where the source codes it."""
    result: Resource = {"value": number}
    if unit:
        result["unit"] = unit
    if unit_coding:
        result |= {name: unit_coding[name] for name in ("system", "code") if name in unit_coding}
    return {"valueQuantity": result}


def text_value(text: str, unit: str | None) -> Resource:
    """A valueString; a unit that came beside it is kept in an extension."""
    extension = {"extension": [{"url": UNIT_AS_RECEIVED, "valueString": unit}]} if unit else {}
    return extension | {"valueString": text}


def patient(
    *,
    identifiers: Iterable[Resource],
    names: Iterable[Resource] = (),
    telecom: Iterable[Resource] = (),
    gender: str | None = None,
    birth_date: str | None = None,
    addresses: Iterable[Resource] = (),
    deceased: Resource | None = None,
) -> Resource:
    return without_empty(
        {
            "resourceType": "Patient",
            "identifier": list(identifiers),
            "name": [name for name in names if name],
            "telecom": [contact for contact in telecom if contact],
            "gender": gender,
            "birthDate": birth_date,
            **(deceased or {}),
            "address": [address for address in addresses if address],
        }
    )


def encounter(
    key: Key,
    *,
    subject: Resource,
    status: str,
    class_coding: Resource,
    start: str | None = None,
    end: str | None = None,
    place: str = "",
) -> Resource:
    period = {name: time for name, time in (("start", start), ("end", end)) if time}
    return without_empty(
        {
            "resourceType": "Encounter",
            "identifier": [key.identifier()],
            "status": status,
            "class": class_coding,
            "subject": subject,
            "period": period,
            "location": [{"location": {"display": place}}] if place else [],
        }
    )


def observation(
    key: Key,
    *,
    code: Resource,
    subject: Resource,
    value: Resource,
    time: str | None,
    status: str = "final",
    encounter: Resource | None = None,
) -> Resource:
    """`value` is what quantity, text_value or a valueX of one's own gives."""
    value = dict(value)
    extension = value.pop("extension", None)
    return without_empty(
        {
            "resourceType": "Observation",
            "extension": extension,
            "identifier": [key.identifier()],
            "status": status,
            "code": code,
            "subject": subject,
            "encounter": encounter,
            "effectiveDateTime": time,
            **value,
        }
    )


def condition(
    key: Key,
    *,
    code: Resource,
    subject: Resource,
    recorded: str | None = None,
    onset: str | None = None,
    verification: str | None = None,
    encounter: Resource | None = None,
) -> Resource:
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    return without_empty(
        {
            "resourceType": "Condition",
            "identifier": [key.identifier()],
            "verificationStatus": concept([coding(system, verification)]) if verification else None,
            "code": code,
            "subject": subject,
            "encounter": encounter,
            "onsetDateTime": onset,
            "recordedDate": recorded,
        }
    )


def procedure(
    key: Key, *, code: Resource, subject: Resource, performed: str | None, encounter: Resource | None = None
) -> Resource:
    """A procedure that was carried out."""
    return without_empty(
        {
            "resourceType": "Procedure",
            "identifier": [key.identifier()],
            "status": "completed",
            "code": code,
            "subject": subject,
            "encounter": encounter,
            "performedDateTime": performed,
        }
    )


def without_empty(resource: Resource) -> Resource:
    """The elements that say something."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}
