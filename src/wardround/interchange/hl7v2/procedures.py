"""Procedures: PR1 as Procedure."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context


def procedures(context: Context) -> Iterator[Resource]:
    """A Procedure for each PR1."""
    for segment in context.every("PR1"):
        code = parts.code(segment, 3, mapping=context.mapping, what="PR1-3")
        yield building.procedure(
            context.record_key("PR1", context.visit_or_patient, parts.first_code(code), segment.text(5)),
            code=code,
            subject=context.patient,
            performed=context.time(segment, 5),
            encounter=context.encounter,
        )
