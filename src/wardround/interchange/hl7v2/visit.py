"""The visit: PV1 as an Encounter."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context, admitted

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASS = {"I": "IMP", "O": "AMB", "E": "EMER", "P": "PRENC"}
_PATIENT_CLASS = "http://terminology.hl7.org/CodeSystem/v2-0004"


def visit(context: Context) -> Iterator[Resource]:
    """The Encounter, where the message says which visit it is about."""
    segment, key = context.visit, context.visit_key
    if segment is None or key is None:
        return
    kind = segment.text(2)
    known = _CLASS.get(kind)
    if known:
        class_coding = building.coding(_ACT_CODE, known)
    else:
        class_coding = building.coding(_PATIENT_CLASS, kind) if kind else building.UNKNOWN_CLASS
    end = context.time(segment, 45)
    place = " ".join(part for part in (segment.text(3, number) for number in (1, 2, 3, 4)) if part)
    start = admitted(segment, context.event, context.segments)
    yield building.encounter(
        key,
        subject=context.patient,
        status="finished" if end else "in-progress",
        class_coding=class_coding,
        start=parts.time(start, zone=context.mapping.zone, field="the time of admission"),
        end=end,
        place=place,
    )
