"""HL7 v2 data types as FHIR's: times and codes."""

import re
from datetime import datetime, tzinfo
from urllib.parse import quote

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.mapping import Mapping

# What HL7 v2 calls the common code systems (table 0396) and FHIR's addresses for them.
_SYSTEMS = {
    "LN": "http://loinc.org",
    "UCUM": "http://unitsofmeasure.org",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "SCT": "http://snomed.info/sct",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "C4": "http://www.ama-assn.org/go/cpt",
}
_TABLE = "http://terminology.hl7.org/CodeSystem/v2-"
_HL7_TABLE = re.compile(r"HL7(\d{4})", re.ASCII)
_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,6})\d*)?)?([+-]\d{4})?", re.ASCII)


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


def time_or_none(text: str, *, zone: tzinfo | None) -> str | None:
    """What `time` gives, or None for what is no time."""
    try:
        return time(text, zone=zone, field="")
    except Unreadable:
        return None


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


def concept_of(value: Repetition, *, mapping: Mapping, table: str = "") -> Resource:
    """A CE/CWE as a CodeableConcept. `table`: the HL7 table ("0002") whose codes stand there where no system is named."""
    codings = []
    for first, version in ((1, 7), (4, 8), (10, 13)):
        coding = _coding(value, first, version, mapping=mapping, table=table)
        if coding:
            codings.append(coding)
    text = value.text(9) or ("" if codings else value.text(2))
    return building.concept(codings, text=text)


def concepts(segment: Segment, number: int, *, mapping: Mapping, table: str = "") -> list[Resource]:
    """Every repetition of a coded field."""
    found = (concept_of(value, mapping=mapping, table=table) for value in segment.repetitions(number))
    return [concept for concept in found if concept]


def concept(segment: Segment, number: int, *, mapping: Mapping, table: str = "") -> Resource | None:
    """The first repetition of a coded field; None where it is empty."""
    return concept_of(segment.first(number), mapping=mapping, table=table) or None if segment.has(number) else None


def _coding(value: Repetition, first: int, version: int, *, mapping: Mapping, table: str) -> Resource:
    code = value.text(first)
    if not code:
        return {}
    name = value.text(first + 2)
    system = system_of(name, mapping=mapping) if name or not table else f"{_TABLE}{table}"
    coding = building.coding(system, code, value.text(first + 1))
    numbered = value.text(version)
    return coding | {"version": numbered} if numbered else coding


def first_code(concept: Resource) -> str:
    """What names a concept in a key: its first code, else its text."""
    codings = concept.get("coding")
    return str(codings[0].get("code", "")) if codings else str(concept.get("text", ""))


def system_of(name: str, *, mapping: Mapping) -> str:
    """The address of a code system by its name in the message; a system that nobody named is the source's own."""
    if not name or name in ("L", mapping.slug):
        return mapping.system
    known = mapping.systems.get(name) or _SYSTEMS.get(name)
    if known:
        return known
    table = _HL7_TABLE.fullmatch(name)
    return f"{_TABLE}{table[1]}" if table else f"{mapping.system}:{quote(name, safe='')}"
