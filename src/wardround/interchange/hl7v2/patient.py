"""Who the message is about: PID and PD1 as a Patient, after HL7's tables PID[Patient] and PD1[Patient]."""

from collections.abc import Iterator

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.people import Held

GENDER = {"M": "male", "F": "female", "O": "other", "A": "other", "N": "other", "U": "unknown"}
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/patient-"
# HL7's table leaves race and ethnic group to each country's own extension.
RACE, ETHNICITY = "urn:wardround:race", "urn:wardround:ethnicity"
# Which fields an element is made of: an explicit null in them, and nothing else, says that it is gone.
_FIELDS = {
    "name": (5, 9),
    "birthDate": (7,),
    "gender": (8,),
    "address": (11, 12),
    "telecom": (13, 14, 40),
    "communication": (15,),
    "maritalStatus": (16,),
    "multipleBirth": (24, 25),
    "deceased": (29, 30),
    f"{_EXTENSION}mothersMaidenName": (6,),
    f"{_EXTENSION}religion": (17,),
    f"{_EXTENSION}birthPlace": (23,),
    f"{_EXTENSION}citizenship": (26, 39),
    f"{_EXTENSION}nationality": (28,),
    RACE: (10,),
    ETHNICITY: (22,),
}
_MARITAL_STATUS = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
# The concept map MaritalStatus, as far as it gives codes of that system.
_MARRIED = {
    **{code: code for code in ("D", "M", "S", "W", "C", "I")},
    "A": "L",
    "E": "L",
    "G": "T",
    "P": "T",
    "R": "T",
    "N": "A",
    "B": "U",
}


def patient(context: Context) -> Iterator[Resource]:
    """The Patient, by its hospital number. A message of another kind than ADT names it and does not describe it anew."""
    held = Held(context.mapping)
    described = {
        **_person(context),
        "generalPractitioner": _practitioners(context, held),
    }
    filled = {name: part for name, part in described.items() if part not in (None, "", [], {})}
    whole = held.into({"resourceType": "Patient"} | filled)
    yield context.amending(whole, removed=_removed(context.person), yields=context.kind != "ADT")


def _person(context: Context) -> Resource:
    person, zone = context.person, context.mapping.zone
    birth = context.time(person, 7)
    nicknames = [demographics.nickname(value) for value in person.repetitions(5)]
    names = [demographics.name(value, zone=zone) for number in (5, 9) for value in person.repetitions(number)]
    telecom = [
        demographics.telecom(value, use=use, zone=zone)
        for number, use in ((13, "home"), (14, "work"), (40, ""))
        for value in person.repetitions(number)
    ]
    return {
        "extension": [*_extensions(context)],
        "identifier": [identifier for identifier in _identifiers(context) if identifier],
        "name": [name for name in (*names, *nicknames) if name],
        "telecom": [contact for contact in telecom if contact],
        "gender": _gender(context),
        "birthDate": birth[:10] if birth else None,
        "_birthDate": _birth_time(birth),
        **_deceased(context),
        "address": _addresses(context),
        "maritalStatus": _marital_status(context),
        **_multiple_birth(person),
        "communication": [{"language": language} for language in _languages(context)],
    }


def _identifiers(context: Context) -> Iterator[Resource]:
    """The hospital number first, by which the patient is known; then the others."""
    person, mapping = context.person, context.mapping
    number = building.hospital_number(context.patient_key)
    kind = context.number.text(5)
    if kind not in ("", "MR"):
        number["type"]["coding"].append(building.coding(building.NUMBER_TYPE, kind))
    yield number | demographics.details_of_number(context.number, system=context.patient_key.system, zone=mapping.zone)
    for field in (3, 2, 4):
        for value in person.repetitions(field):
            if not (field == 3 and value.raw == context.number.raw):
                yield demographics.number(value, mapping=mapping)
    for field, kind in ((19, "SS"), (20, "DL")):
        written = person.text(field)
        if written:
            typed = {"type": {"coding": [building.coding(building.NUMBER_TYPE, kind)]}}
            giver = person.text(20, 2) if field == 20 else ""
            system = f"{mapping.record_system}:{kind.lower()}"
            expires = demographics.moment(person.first(20), 3, zone=mapping.zone) if field == 20 else None
            yield {
                **typed,
                "system": system,
                "value": written,
                **({"period": {"end": expires}} if expires else {}),
                **({"assigner": {"display": giver}} if giver else {}),
            }


def _extensions(context: Context) -> Iterator[Resource]:
    person, mapping, more = context.person, context.mapping, context.one("PD1")
    for value in person.repetitions(6):
        yield from _text(f"{_EXTENSION}mothersMaidenName", demographics.plain_name(value))
    yield from _coded(RACE, parts.concepts(person, 10, mapping=mapping, table="0005"))
    yield from _coded(f"{_EXTENSION}religion", parts.concepts(person, 17, mapping=mapping, table="0006")[:1])
    yield from _coded(ETHNICITY, parts.concepts(person, 22, mapping=mapping, table="0189"))
    if person.text(23):
        yield {"url": f"{_EXTENSION}birthPlace", "valueAddress": {"text": person.text(23)}}
    for number, name in ((26, "citizenship"), (28, "nationality"), (39, "citizenship")):
        for concept in parts.concepts(person, number, mapping=mapping):
            yield {"url": f"{_EXTENSION}{name}", "extension": [{"url": "code", "valueCodeableConcept": concept}]}
    species = parts.concept(person, 35, mapping=mapping)
    if species:
        kinds = (("species", species), ("breed", parts.concept(person, 36, mapping=mapping)))
        told = [{"url": url, "valueCodeableConcept": concept} for url, concept in kinds if concept]
        yield {"url": f"{_EXTENSION}animal", "extension": told}
    if more is not None:
        yield from _coded(f"{_EXTENSION}disability", parts.concepts(more, 6, mapping=mapping, table="0295"))
        for value in more.repetitions(14):
            yield from _text(f"{_EXTENSION}congregation", value.text(1))


def _text(url: str, text: str) -> list[Resource]:
    return [{"url": url, "valueString": text}] if text else []


def _coded(url: str, concepts: list[Resource]) -> list[Resource]:
    return [{"url": url, "valueCodeableConcept": concept} for concept in concepts]


def _addresses(context: Context) -> list[Resource]:
    person, zone = context.person, context.mapping.zone
    found = [demographics.address(value, zone=zone) for value in person.repetitions(11)]
    addresses = [address for address in found if address]
    county = person.text(12)
    if county and len(addresses) == 1 and addresses[0].get("district", county) == county:
        addresses[0]["district"] = county
    elif county:
        addresses.append({"district": county})
    return addresses


def _languages(context: Context) -> list[Resource]:
    return parts.concepts(context.person, 15, mapping=context.mapping, table="0296")


def _marital_status(context: Context) -> Resource | None:
    concept = parts.concept(context.person, 16, mapping=context.mapping, table="0002")
    code = _MARRIED.get(context.person.peek(16))
    if concept and code and concept["coding"][0].get("system", "").endswith("/v2-0002"):
        concept["coding"].append(building.coding(_MARITAL_STATUS, code))
    return concept


def _practitioners(context: Context, held: Held) -> list[Resource]:
    """PD1-3 and PD1-4: the practice and the doctor who care for the patient; and a primary care provider in ROL."""
    found: list[Resource | None] = []
    segment = context.one("PD1")
    if segment is not None:
        found += [held.organization(value) for value in segment.repetitions(3)]
        found += [held.practitioner(value) for value in segment.repetitions(4)]
    for role in context.following("ROL", of=("PID", "PD1")):
        if role.peek(3) == "PP" and role.has(4):
            found.append(held.practitioner(role.first(4)))
    return [reference for reference in found if reference]


def _gender(context: Context) -> str | None:
    text = context.person.text(8)
    if not text:
        return None
    gender = GENDER.get(text) or context.mapping.sex(text)
    if gender is None:
        raise Unreadable(
            "PID-8 is no sex of HL7's table 0001 (M, F, O, U, A, N) and not in the mapping's [answers.sex]"
        )
    return gender


def _birth_time(birth: str | None) -> Resource | None:
    if birth is None or "T" not in birth:
        return None
    return {"extension": [{"url": f"{_EXTENSION}birthTime", "valueDateTime": birth}]}


def _deceased(context: Context) -> Resource:
    time = context.time(context.person, 29)
    if time:
        context.person.text(30)
        return {"deceasedDateTime": time}
    return _yes_or_no(context.person, 30, "deceasedBoolean")


def _multiple_birth(person: Segment) -> Resource:
    order = person.peek(25)
    if order.isascii() and order.isdigit() and int(order[:4]) > 0:
        person.text(24)
        return {"multipleBirthInteger": int(person.text(25)[:4])}
    return _yes_or_no(person, 24, "multipleBirthBoolean")


def _yes_or_no(segment: Segment, number: int, element: str) -> Resource:
    if segment.peek(number) not in ("Y", "N"):
        return {}
    return {element: segment.text(number) == "Y"}


def _removed(person: Segment) -> list[str]:
    return [
        element
        for element, fields in _FIELDS.items()
        if any(person.is_null(field) for field in fields) and not any(person.has(field) for field in fields)
    ]
