"""Procedures: PR1 as Procedure, after HL7's table PR1[Procedure]."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts, timing
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.people import Held

_PERFORMERS = ((8, "anesthesiologist"), (11, "surgeon"), (12, ""))


def procedures(context: Context) -> Iterator[Resource]:
    """A Procedure for each PR1."""
    for segment in context.every("PR1"):
        held = Held(context.mapping)
        code = parts.code(segment, 3, mapping=context.mapping, what="PR1-3")
        performed = context.time(segment, 5)
        resource = building.procedure(
            context.record_key("PR1", context.visit_or_patient, parts.first_code(code), segment.text(5)),
            code=_described(segment, code),
            subject=context.patient,
            performed=performed,
            encounter=context.encounter,
        )
        more = {
            "status": "entered-in-error" if segment.peek(20) == "D" and segment.text(20) else "completed",
            "identifier": [*resource["identifier"], *_numbers(context, segment)],
            "partOf": _parent(context, segment),
            "category": parts.concept(segment, 6, mapping=context.mapping, table="0230"),
            "performer": _performers(segment, held),
            "location": held.location(segment.first(23)) if segment.has(23) else None,
            "reasonCode": parts.concepts(segment, 15, mapping=context.mapping),
            **_performed(segment, performed),
        }
        if "performedPeriod" in more:
            del resource["performedDateTime"]
        yield held.into(resource | {name: part for name, part in more.items() if part not in (None, "", [], {})})


def _described(segment: Segment, code: Resource) -> Resource:
    if code.get("text") or not segment.has(4):
        return code
    return code | {"text": segment.text(4)}


def _performed(segment: Segment, performed: str | None) -> Resource:
    """PR1-7, the minutes, give the end of a procedure whose beginning is known to the minute."""
    if not performed or not segment.peek(7):
        return {}
    lasting = timing.duration(segment.peek(7), "min")
    end = timing.later(performed, lasting) if lasting else None
    if end is None:
        return {}
    segment.text(7)
    return {"performedPeriod": {"start": performed, "end": end}}


def _performers(segment: Segment, held: Held) -> list[Resource]:
    found = []
    for number, function in _PERFORMERS:
        for value in segment.repetitions(number):
            actor = held.practitioner(value)
            if actor:
                found.append(({"function": {"text": function}} if function else {}) | {"actor": actor})
    return found


def _numbers(context: Context, segment: Segment) -> list[Resource]:
    number = Entity.of(segment.first(19)) if segment.has(19) else None
    return [number.identifier(purpose="procedure", mapping=context.mapping, secondary=True)] if number else []


def _parent(context: Context, segment: Segment) -> list[Resource]:
    parent = Entity.of(segment.first(25)) if segment.has(25) else None
    if not parent:
        return []
    return [{"type": "Procedure", "identifier": parent.identifier(purpose="procedure", mapping=context.mapping)}]
