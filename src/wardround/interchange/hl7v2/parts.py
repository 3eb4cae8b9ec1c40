"""HL7 v2 data types as FHIR's: times, names, addresses, numbers of people, codes and result values."""

import re
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import quote

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.mapping import Mapping
from wardround.interchange.texts import number_of

# What HL7 v2 calls the common code systems (table 0396) and FHIR's addresses for them.
_SYSTEMS = {
    "LN": "http://loinc.org",
    "UCUM": "http://unitsofmeasure.org",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "SCT": "http://snomed.info/sct",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "C4": "http://www.ama-assn.org/go/cpt",
}
_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,6})\d*)?)?([+-]\d{4})?", re.ASCII)
_STRUCTURED = re.compile(r"(<|>|<=|>=|=|<>)?", re.ASCII)
_NAME_USE = {"L": "official", "D": "usual", "M": "maiden", "N": "nickname", "S": "anonymous", "T": "temp"}
_ADDRESS_USE = {"H": "home", "B": "work", "O": "work", "C": "temp", "BA": "old"}
_TELECOM = {"PH": "phone", "CP": "phone", "FX": "fax", "BP": "pager", "Internet": "email", "X.400": "email"}
_TELECOM_USE = {"PRN": "home", "ORN": "home", "WPN": "work", "PRS": "home"}
_COMPARATOR = {"<": "<", ">": ">", "<=": "<=", ">=": ">="}


def time(text: str, *, zone: tzinfo | None, field: str) -> str | None:
    """An HL7 DTM as FHIR writes it, as precise as it is; without an offset it is local. Raises Unreadable."""
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise Unreadable(f"{field} is no time; it would be YYYYMMDDhhmmss or a part of it")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        moment = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))  # noqa: DTZ001
        if hour is None:
            return "-".join(part for part in (year, month, day) if part)
        written = moment.isoformat() + (f".{fraction}" if fraction else "")
        return written + _offset(moment, offset, zone, field)
    except (ValueError, OverflowError):
        raise Unreadable(f"{field} is not on the calendar") from None


def _offset(moment: datetime, offset: str | None, zone: tzinfo | None, field: str) -> str:
    if offset is not None:
        if int(offset[1:3]) > 14 or int(offset[3:]) > 59:
            raise Unreadable(f"{field} has an offset from UTC that no place on earth has")
        return "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    if zone is None:
        raise Unreadable("the mapping names no time zone")
    return moment.replace(tzinfo=zone).isoformat()[len(moment.isoformat()) :]


def code(field: Segment, number: int, *, mapping: Mapping, what: str) -> Resource:
    """A CE/CWE as a CodeableConcept with both its codings. Raises Unreadable when it is empty."""
    found = field.repetitions(number)
    concept = concept_of(found[0], mapping=mapping) if found else {}
    if not concept:
        raise Unreadable(f"{what} is empty")
    return concept


def concept_of(value: Repetition, *, mapping: Mapping) -> Resource:
    codings = []
    for first in (1, 4):
        identifier, display = value.text(first), value.text(first + 1)
        if identifier:
            codings.append(building.coding(system_of(value.text(first + 2), mapping=mapping), identifier, display))
    text = value.text(9) or ("" if codings else value.text(2))
    return building.concept(codings, text=text)


def first_code(concept: Resource) -> str:
    """What names a concept in a key: its first code, else its text."""
    codings = concept.get("coding")
    return str(codings[0].get("code", "")) if codings else str(concept.get("text", ""))


def system_of(name: str, *, mapping: Mapping) -> str:
    """The address of a code system by its name in the message; a system that nobody named is the source's own."""
    if not name or name in ("L", mapping.slug):
        return mapping.system
    known = mapping.systems.get(name) or _SYSTEMS.get(name)
    return known or f"{mapping.system}:{quote(name, safe='')}"


def identifier(value: Repetition, *, mapping: Mapping) -> Resource:
    """A CX that is not the hospital number: its authority is part of the system."""
    authority = value.text(4, 2) if value.text(4, 3) == "ISO" else ""
    if authority and re.fullmatch(r"[0-2](\.\d+)+", authority):
        system = f"urn:oid:{authority}"
    else:
        system = f"{mapping.record_system}:{quote(value.text(4) or 'number', safe='')}"
    kind = value.text(5)
    typed: Resource = {"type": {"coding": [{"system": building.NUMBER_TYPE, "code": kind}]}} if kind else {}
    return typed | Key(system, value.text(1)).identifier()


def name(value: Repetition) -> Resource:
    """An XPN as a HumanName."""
    given = [part for part in (value.text(2), *value.text(3).split()) if part]
    parts: dict[str, Any] = {
        "use": _NAME_USE.get(value.text(7)),
        "family": value.text(1),
        "given": given,
        "prefix": [part for part in (value.text(5),) if part],
        "suffix": [part for part in (value.text(4), value.text(6)) if part],
    }
    named = {key: part for key, part in parts.items() if part}
    return named if set(named) - {"use"} else {}


def address(value: Repetition) -> Resource:
    """An XAD as an Address."""
    parts: dict[str, Any] = {
        "use": _ADDRESS_USE.get(value.text(7)),
        "line": [line for line in (value.text(1), value.text(2)) if line],
        "city": value.text(3),
        "state": value.text(4),
        "postalCode": value.text(5),
        "country": value.text(6),
    }
    filled = {key: part for key, part in parts.items() if part}
    return filled if set(filled) - {"use"} else {}


def telecom(value: Repetition, *, use: str) -> Resource:
    """An XTN as a ContactPoint."""
    written = value.text(12) or value.text(1) or value.text(4)
    if not written:
        parts = [value.text(part) for part in (5, 6, 7)]
        written = " ".join(part for part in parts if part)
    if not written:
        return {}
    kind = "email" if "@" in written else _TELECOM.get(value.text(3), "phone")
    return {"system": kind, "value": written, "use": _TELECOM_USE.get(value.text(2), use)}


def result_value(observation: Segment, value: Repetition, *, mapping: Mapping) -> Resource:
    """OBX-5 by its type (OBX-2) with its unit (OBX-6) as an Observation's value[x]; {} when it is empty."""
    kind = observation.text(2)
    unit = observation.text(6) or observation.text(6, 2)
    if kind in ("CE", "CWE", "CNE", "IS", "CF"):
        concept = concept_of(value, mapping=mapping)
        return {"valueCodeableConcept": concept} if concept else {}
    if kind == "SN":
        return _structured(value, unit)
    if kind in ("DT", "TS", "DTM"):
        moment = time(value.text(1), zone=mapping.zone, field="OBX-5")
        return {"valueDateTime": moment} if moment else {}
    text = value.whole()
    if not text:
        return {}
    # A number in an NM has a point by the standard; what people type as text has the source's own sign.
    number = number_of(text, decimal="point" if kind == "NM" else mapping.decimal)
    if number is not None and (kind == "NM" or unit):
        return building.quantity(number, unit, unit_coding=_unit_coding(observation))
    return building.text_value(text, unit)


def _unit_coding(observation: Segment) -> Resource | None:
    if observation.text(6, 3) == "UCUM":
        return building.coding("http://unitsofmeasure.org", observation.text(6))
    return None


def _structured(value: Repetition, unit: str) -> Resource:
    """SN: comparator ^ number ^ separator ^ number."""
    sign, first, between, second = (value.text(part) for part in (1, 2, 3, 4))
    low, high = number_of(first, decimal="point"), number_of(second, decimal="point")
    if low is None:
        text = "".join((sign, first, between, second))
        return building.text_value(text, unit) if text else {}
    one: Resource = {"value": low} | ({"unit": unit} if unit else {})
    if high is not None and between == "-":
        return {"valueRange": {"low": one, "high": one | {"value": high}}}
    if high is not None and between in (":", "/"):
        return {"valueRatio": {"numerator": {"value": low}, "denominator": {"value": high}}}
    if sign in _COMPARATOR:
        return {"valueQuantity": {"value": low, "comparator": sign} | ({"unit": unit} if unit else {})}
    if sign in ("", "=") and not between:
        return {"valueQuantity": one}
    return building.text_value("".join((sign, first, between, second)), unit)
