"""Diagnoses: DG1 as Condition, after HL7's tables DG1[Condition] and DG1[Encounter]."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.people import Held

_VERIFICATION = {"F": "confirmed", "W": "provisional"}
_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0052"
_ROLE = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/condition-"


def diagnoses(context: Context) -> Iterator[Resource]:
    """A Condition for each DG1. DG1-5 dates the record of the diagnosis: when the illness began it does not say."""
    for segment in context.every("DG1"):
        held = Held(context.mapping)
        number = _number(context, segment)
        resource = building.condition(
            diagnosis_key(context, segment),
            code=_code(context, segment),
            subject=context.patient,
            recorded=context.time(segment, 5),
            verification=_verification(segment),
            encounter=context.encounter,
        )
        if number:
            resource["identifier"].append(number)
        asserter = next((p for p in map(held.practitioner, segment.repetitions(16)[:1]) if p), None)
        extensions = [*_extensions(context, segment)]
        more = {"extension": extensions} if extensions else {}
        yield held.into(resource | more | ({"asserter": asserter} if asserter else {}))


def diagnosis_key(context: Context, segment: Segment) -> Key:
    """What the Condition of a DG1 is known by: an order refers to it as its reason."""
    return context.record_key(
        "DG1", context.visit_or_patient, parts.first_code(_code(context, segment)), segment.text(5)
    )


def encounter_diagnoses(context: Context) -> list[Resource]:
    """What each DG1 is to the visit: the type and the rank of the diagnosis."""
    found = []
    for segment in context.every("DG1"):
        kind, rank = segment.text(6), segment.peek(15)
        entry: Resource = {"condition": diagnosis_key(context, segment).reference("Condition")}
        if kind:
            codings = [building.coding(_TYPE, kind), *([building.coding(_ROLE, "AD")] if kind == "A" else [])]
            entry["use"] = building.concept(codings)
        if rank.isascii() and rank.isdigit() and int(rank[:6]):
            entry["rank"] = int(segment.text(15)[:6])
        found.append(entry)
    return found


def _code(context: Context, segment: Segment) -> Resource:
    code = parts.code(segment, 3, mapping=context.mapping, what="DG1-3")
    if segment.has(2) and not segment.peek(3, 3) and code.get("coding"):  # before 2.3 the system stood apart
        code["coding"][0]["system"] = parts.system_of(segment.text(2), mapping=context.mapping)
    described = segment.text(4) if segment.has(4) else ""
    return code if code.get("text") or not described else code | {"text": described}


def _verification(segment: Segment) -> str | None:
    if segment.peek(21) in ("A", "U", "D") and segment.text(21) == "D":  # to add and to update is to store
        return "entered-in-error"
    if segment.peek(6) in _VERIFICATION:
        return _VERIFICATION[segment.text(6)]
    return None


def _number(context: Context, segment: Segment) -> Resource | None:
    number = Entity.of(segment.first(20)) if segment.has(20) else None
    return number.identifier(purpose="diagnosis", mapping=context.mapping, secondary=True) if number else None


def _extensions(context: Context, segment: Segment) -> Iterator[Resource]:
    attested = demographics.moment(segment.first(19), 1, zone=context.mapping.zone)
    if attested:
        yield {"url": f"{_EXTENSION}assertedDate", "valueDateTime": attested}
    parent = Entity.of(segment.first(22)) if segment.has(22) else None
    if parent:
        identifier = parent.identifier(purpose="diagnosis", mapping=context.mapping)
        yield {"url": f"{_EXTENSION}dueTo", "valueReference": {"type": "Condition", "identifier": identifier}}
