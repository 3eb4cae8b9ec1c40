"""The patient's people: NK1 and PID-21 as RelatedPerson, after HL7's tables NK1[RelatedPerson] and CX[RelatedPerson-Mother]."""

from collections.abc import Iterator
from hashlib import sha256

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.patient import GENDER

_ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_NUMBER_FIELDS = (33, 12)


def related_people(context: Context) -> Iterator[Resource]:
    """A RelatedPerson for each NK1, and one for the mother whose number PID-21 gives."""
    numbers = [
        demographics.number(value, mapping=context.mapping, secondary=True) for value in context.person.repetitions(21)
    ]
    if any(numbers):
        yield context.amending(
            {
                "resourceType": "RelatedPerson",
                "identifier": [
                    context.record_key("mother", context.patient_key.value).identifier(),
                    *(number for number in numbers if number),
                ],
                "patient": context.patient,
                "relationship": [building.concept([building.coding(_ROLE, "MTH")])],
            }
        )
    for segment in context.every("NK1"):
        person = _person(context, segment)
        if person:
            yield context.amending(person, yields=context.kind != "ADT")


def _person(context: Context, segment: Segment) -> Resource:
    mapping, zone = context.mapping, context.mapping.zone
    names = [demographics.name(v, zone=zone) for number in (2, 30) for v in segment.repetitions(number)]
    relationship = [
        *parts.concepts(segment, 3, mapping=mapping, table="0063"),
        *parts.concepts(segment, 7, mapping=mapping, table="0131"),
    ]
    telecom = [
        demographics.telecom(value, use=use, zone=zone)
        for number, use in ((5, "home"), (6, "work"), (31, ""), (40, ""), (41, ""))
        for value in segment.repetitions(number)
    ]
    addresses = [demographics.address(v, zone=zone) for number in (4, 32) for v in segment.repetitions(number)]
    numbers = [
        demographics.number(v, mapping=mapping, secondary=True) for n in _NUMBER_FIELDS for v in segment.repetitions(n)
    ]
    birth = context.time(segment, 16)
    content = {
        "name": [name for name in names if name],
        "telecom": [contact for contact in telecom if contact],
        "gender": _gender(segment),
        "birthDate": birth[:10] if birth else None,
        "address": [address for address in addresses if address],
        "period": demographics.period_of(segment, 8, 9, zone=zone),
        "communication": [{"language": c} for c in parts.concepts(segment, 20, mapping=mapping, table="0296")],
    }
    filled = {name: part for name, part in content.items() if part not in (None, "", [], {})}
    if not filled and not any(numbers):
        return {}
    return {
        "resourceType": "RelatedPerson",
        "identifier": [
            _key(context, segment, relationship),
            *(number for number in numbers if number),
            *_social_security_number(context, segment),
        ],
        "patient": context.patient,
        **({"relationship": relationship} if relationship else {}),
        **filled,
    }


def _key(context: Context, segment: Segment, relationship: list[Resource]) -> Resource:
    """Known by name and relationship: a place in the list of relatives changes hands, and fields of two people would mix."""
    name = demographics.plain_name(segment.first(2)) or segment.peek(13)
    role = parts.first_code(relationship[0]) if relationship else ""
    digest = sha256(f"{name.casefold()}\n{role}".encode()).hexdigest()[:16]
    return context.record_key("NK1", context.patient_key.value, digest).identifier()


def _social_security_number(context: Context, segment: Segment) -> Iterator[Resource]:
    written = segment.text(37)
    if written:
        kind = {"coding": [building.coding(building.NUMBER_TYPE, "SS")]}
        yield {"use": "secondary", "type": kind, "system": f"{context.mapping.record_system}:ss", "value": written}


def _gender(segment: Segment) -> str | None:
    gender = GENDER.get(segment.peek(15))
    if gender:
        segment.text(15)
    return gender
