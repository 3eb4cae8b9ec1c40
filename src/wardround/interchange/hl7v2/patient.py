"""Who the message is about: PID as a Patient."""

from collections.abc import Iterator

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context

_GENDER = {"M": "male", "F": "female", "O": "other", "A": "other", "N": "other", "U": "unknown"}


def patient(context: Context) -> Iterator[Resource]:
    """The Patient, by its hospital number."""
    person, mapping = context.person, context.mapping
    others = [value for value in person.repetitions(3) if value.text(1) and value.raw != context.number.raw]
    birth = context.time(person, 7)
    telecom = [parts.telecom(value, use="home") for value in person.repetitions(13)]
    telecom += [parts.telecom(value, use="work") for value in person.repetitions(14)]
    yield building.patient(
        identifiers=[
            building.hospital_number(context.patient_key),
            *(parts.identifier(value, mapping=mapping) for value in others),
        ],
        names=[parts.name(value) for value in person.repetitions(5)],
        telecom=telecom,
        gender=_gender(context),
        birth_date=birth[:10] if birth else None,
        addresses=[parts.address(value) for value in person.repetitions(11)],
        deceased=_deceased(context),
    )


def _gender(context: Context) -> str | None:
    text = context.person.text(8)
    if not text:
        return None
    gender = _GENDER.get(text) or context.mapping.sex(text)
    if gender is None:
        raise Unreadable(
            "PID-8 is no sex of HL7's table 0001 (M, F, O, U, A, N) and not in the mapping's [answers.sex]"
        )
    return gender


def _deceased(context: Context) -> Resource | None:
    time = context.time(context.person, 29)
    if time:
        return {"deceasedDateTime": time}
    return {"deceasedBoolean": True} if context.person.text(30) == "Y" else None
