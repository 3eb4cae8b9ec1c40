"""Diagnoses: DG1 as Condition."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context

_VERIFICATION = {"F": "confirmed", "W": "provisional"}


def diagnoses(context: Context) -> Iterator[Resource]:
    """A Condition for each DG1."""
    for segment in context.every("DG1"):
        code = parts.code(segment, 3, mapping=context.mapping, what="DG1-3")
        yield building.condition(
            context.record_key("DG1", context.visit_or_patient, parts.first_code(code), segment.text(5)),
            code=code,
            subject=context.patient,
            recorded=context.time(segment, 5),
            verification=_VERIFICATION.get(segment.text(6)),
            encounter=context.encounter,
        )
