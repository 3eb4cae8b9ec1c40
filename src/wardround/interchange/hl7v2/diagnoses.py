"""Diagnoses: DG1 as Condition."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment

_VERIFICATION = {"F": "confirmed", "W": "provisional"}


def diagnoses(context: Context) -> Iterator[Resource]:
    """A Condition for each DG1."""
    for segment in context.every("DG1"):
        yield building.condition(
            diagnosis_key(context, segment),
            code=_code(context, segment),
            subject=context.patient,
            recorded=context.time(segment, 5),
            verification=_VERIFICATION.get(segment.text(6)),
            encounter=context.encounter,
        )


def diagnosis_key(context: Context, segment: Segment) -> Key:
    """What the Condition of a DG1 is known by: an order refers to it as its reason."""
    return context.record_key(
        "DG1", context.visit_or_patient, parts.first_code(_code(context, segment)), segment.text(5)
    )


def _code(context: Context, segment: Segment) -> Resource:
    return parts.code(segment, 3, mapping=context.mapping, what="DG1-3")
