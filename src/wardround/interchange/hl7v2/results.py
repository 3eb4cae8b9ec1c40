"""Results: OBR with its OBX, NTE and SPM as DiagnosticReport, Observations and Specimens (HL7's table OBR[DiagnosticReport])."""

from collections import Counter
from collections.abc import Iterator

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.order_groups import Order, before_the_first
from wardround.interchange.hl7v2.order_keys import Numbered
from wardround.interchange.hl7v2.orders import (
    observed_as,
    observed_of_the_patient,
    orders_of,
    reference_to,
    request_of,
    specimens_of,
)
from wardround.interchange.hl7v2.people import Held

# The concept map ResultStatus; what it leaves open (A, M, N) has a status of the same meaning in R4.
_STATUS = {
    **dict.fromkeys(("O", "I", "S", "N"), "registered"),
    "A": "partial",
    "R": "partial",
    "P": "preliminary",
    "F": "final",
    "C": "corrected",
    "X": "cancelled",
    "M": "amended",
}
_NOTE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note"


def results(context: Context) -> Iterator[Resource]:
    """What was found of the patient: what belongs to no order, then each order's specimens, results and report."""
    found = [(one, detail) for one in orders_of(context) if (detail := one.order.detail) and detail.name == "OBR"]
    if context.kind == "ORU" and not found and before_the_first(context.message.segments):
        raise Unreadable("an OBX stands before the first OBR")
    counted, known = Counter[str](), dict[str, Resource]()
    yield from observed_of_the_patient(context)
    records = [
        request.text(3) or request.text(2) or f"{context.message.header.text(10)}:{position}"
        for position, (_one, request) in enumerate(found, 1)
    ]
    for record, (one, request) in zip(records, found, strict=True):
        # Tests on one sample often share its number: each has its own report all the same.
        report = f"{record}:{request.text(4) or request.text(4, 2)}" if records.count(record) > 1 else record
        yield from _reported(one, request, context, record=record, report=report, counted=counted, known=known)


def _reported(
    one: Numbered,
    request: Segment,
    context: Context,
    *,
    record: str,
    report: str,
    counted: Counter[str],
    known: dict[str, Resource],
) -> Iterator[Resource]:
    order = one.order
    yield from _ordered(context, request, report)
    asked = one.key.reference("ServiceRequest") if _tells_of_an_order(order, request) else None
    before = set(known)
    specimens = specimens_of(one, context, asked, known=known)
    taken = [reference_to(specimen) for specimen, _observed in specimens]
    found = [
        resource
        for observed in order.observed
        for resource in observed_as(observed, context, record=record, otherwise=request.text(7), counted=counted)
    ]
    for resource in found:
        if len(taken) == 1:
            resource["specimen"] = taken[0]
    for specimen, observed_of_it in specimens:
        if specimen["identifier"][0]["value"] not in before:
            yield specimen
        yield from observed_of_it
        found += observed_of_it
    yield from found[: len(found) - sum(len(of_it) for _specimen, of_it in specimens)]
    if asked is not None:
        yield request_of(one, context, specimens=taken)
    yield _report(context, order, request, record=report, asked=asked, specimens=taken, found=found)


def _tells_of_an_order(order: Order, request: Segment) -> bool:
    """Is the order that the results answer told of: by ORC, by the placer's number, or by who ordered?"""
    return order.control is not None or request.has(2) or request.has(16)


def _report(
    context: Context,
    order: Order,
    request: Segment,
    *,
    record: str,
    asked: Resource | None,
    specimens: list[Resource],
    found: list[Resource],
) -> Resource:
    mapping, held = context.mapping, Held(context.mapping)
    notes = annotations(order.notes, held=held, mapping=mapping)
    content = {
        "extension": [{"url": _NOTE, "valueAnnotation": note} for note in notes],
        "identifier": [context.record_key("report", record).identifier(), *_numbers(context, order)],
        "basedOn": [asked] if asked else [],
        "status": _status(request),
        "category": parts.concepts(request, 24, mapping=mapping, table="0074"),
        "code": parts.code(request, 4, mapping=mapping, what="the ordered service (OBR-4)"),
        "subject": context.patient,
        "encounter": context.encounter,
        **_effective(context, request),
        "issued": _issued(context, request),
        "performer": _people(request, (34, 35), held),
        "resultsInterpreter": _people(request, (32, 33), held),
        "specimen": specimens,
        "result": [reference_to(one) for one in found],
    }
    return held.into(building.without_empty({"resourceType": "DiagnosticReport"} | content))


def _ordered(context: Context, order: Segment, record: str) -> Iterator[Resource]:
    """The procedure that an order's result stands for, where the mapping says that orders are procedures."""
    performed = context.time(order, 7)
    code = parts.code(order, 4, mapping=context.mapping, what="the ordered service (OBR-4)")
    mapping = context.mapping
    if mapping.procedures_from == "OBR" and parts.first_code(code) in mapping.clinical["procedures"]:
        yield building.procedure(
            context.record_key(f"{record}:procedure"),
            code=code,
            subject=context.patient,
            performed=performed,
            encounter=context.encounter,
        )


def _numbers(context: Context, order: Order) -> list[Resource]:
    """The numbers of the order: several reports may answer one order."""
    named = ((order.placer, "placer", "PLAC"), (order.filler, "filler", "FILL"))
    return [
        entity.identifier(purpose=purpose, mapping=context.mapping, type_code=kind, secondary=True)
        for entity, purpose, kind in named
        if entity
    ]


def _status(request: Segment) -> str:
    status = _STATUS.get(request.peek(25))
    if status:
        request.text(25)
    return status or "unknown"


def _effective(context: Context, request: Segment) -> Resource:
    start, end = context.time(request, 7), context.time(request, 8)
    if start and end and start[:10] <= end[:10]:
        return {"effectivePeriod": {"start": start, "end": end}}
    return {"effectiveDateTime": start} if start else {}


def _issued(context: Context, request: Segment) -> str | None:
    """OBR-22; an instant in FHIR, so a mere date stays unread."""
    time = parts.time_or_none(request.peek(22), zone=context.mapping.zone)
    if not time or "T" not in time:
        return None
    request.text(22)
    return time


def _people(request: Segment, numbers: tuple[int, ...], held: Held) -> list[Resource]:
    found = [held.named_practitioner(value) for number in numbers for value in request.repetitions(number)]
    return [person for person in found if person]
