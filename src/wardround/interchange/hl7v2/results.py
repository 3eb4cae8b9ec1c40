"""Results: OBR with its OBX, NTE and SPM as DiagnosticReport, Observations and Specimens (HL7's table OBR[DiagnosticReport])."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.observations import observations
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.specimens import specimen, specimen_key, specimen_of_order

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
_SECTION = "0074"


@dataclass(slots=True)
class _Order:
    """One OBR with the segments that belong to it."""

    request: Segment
    record: str
    control: Segment | None = None  # the ORC before it
    notes: list[Segment] = field(default_factory=list)
    results: list[tuple[Segment, list[Segment]]] = field(default_factory=list)  # an OBX and the NTE below it
    specimens: list[tuple[Segment, list[Segment]]] = field(default_factory=list)


def results(context: Context) -> Iterator[Resource]:
    """What was found of the patient: each order's report, results and specimens, then results that belong to no order."""
    orders, loose = _gathered(context)
    if context.kind == "ORU" and not orders and loose:
        raise Unreadable("an OBX stands before the first OBR")
    counted = Counter[str]()
    for order in orders:
        yield from _reported(context, order, counted)
    for segment, notes in loose:
        # Known by the visit and the time, where it has one: the next message corrects what this one says.
        record = ":".join(part for part in ("OBX", context.visit_or_patient, segment.peek(14)) if part)
        yield from observations(context, segment, record=record, otherwise="", counted=counted, notes=notes)


def _gathered(context: Context) -> tuple[list[_Order], list[tuple[Segment, list[Segment]]]]:
    orders: list[_Order] = []
    loose: list[tuple[Segment, list[Segment]]] = []
    control: Segment | None = None
    below: list[Segment] = []  # where an NTE goes
    for segment in context.message.segments:
        name = segment.name
        if name == "ORC":
            control, below = segment, []
        elif name == "OBR":
            record = segment.text(3) or segment.text(2) or f"{context.message.header.text(10)}:{len(orders) + 1}"
            orders.append(_Order(segment, record, control))
            control, below = None, orders[-1].notes
        elif name in ("OBX", "SPM"):
            below = []
            if name == "SPM" and orders:
                orders[-1].specimens.append((segment, below))
            elif name == "OBX":
                (orders[-1].results if orders else loose).append((segment, below))
        elif name == "NTE":
            below.append(segment)
        elif name not in ("PRT", "TQ1", "TQ2", "CTD", "ROL"):
            below = []
    return orders, loose


def _reported(context: Context, order: _Order, counted: Counter[str]) -> Iterator[Resource]:
    yield from _ordered(context, order.request, order.record)
    samples = [specimen(context, s, record=order.record, notes=notes) for s, notes in order.specimens]
    references = [specimen_key(context, s, record=order.record).reference("Specimen") for s, _notes in order.specimens]
    if not samples:
        sample = specimen_of_order(context, order.request, record=order.record)
        if sample:
            samples = [sample]
            references = [context.record_key("specimen", order.record).reference("Specimen")]
    yield from samples
    found: list[Resource] = []
    for segment, notes in order.results:
        found += observations(
            context,
            segment,
            record=order.record,
            otherwise=order.request.text(7),
            counted=counted,
            notes=notes,
            specimen=references[0] if len(references) == 1 else None,
        )
    yield from found
    yield _report(context, order, references, found)


def _report(context: Context, order: _Order, specimens: list[Resource], found: list[Resource]) -> Resource:
    request, mapping = order.request, context.mapping
    held = Held(mapping)
    notes = annotations(order.notes, held=held, mapping=mapping)
    content = {
        "extension": [{"url": _NOTE, "valueAnnotation": note} for note in notes],
        "identifier": [context.record_key("report", order.record).identifier(), *_numbers(context, order)],
        "status": _status(request),
        "category": parts.concepts(request, 24, mapping=mapping, table=_SECTION),
        "code": parts.code(request, 4, mapping=mapping, what="the ordered service (OBR-4)"),
        "subject": context.patient,
        "encounter": context.encounter,
        **_effective(context, request),
        "issued": _issued(context, request),
        "performer": _people(request, (34, 35), held),
        "resultsInterpreter": _people(request, (32, 33), held),
        "specimen": specimens,
        "result": [_reference(one) for one in found],
    }
    filled = {name: part for name, part in content.items() if part not in (None, "", [], {})}
    return held.into({"resourceType": "DiagnosticReport"} | filled)


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


def _numbers(context: Context, order: _Order) -> list[Resource]:
    found: list[Resource] = []
    for number, purpose, kind in ((2, "placer", "PLAC"), (3, "filler", "FILL")):
        entities = [
            Entity.of(segment.first(number))
            for segment in (order.control, order.request)
            if segment is not None and segment.has(number)
        ]
        found += [
            entity.identifier(purpose=purpose, mapping=context.mapping, type_code=kind)
            for entity in dict.fromkeys(entity for entity in entities if entity)
        ]
    return found


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


def _reference(resource: Resource) -> Resource:
    known_by: Resource = resource["identifier"][0]
    return building.Key(known_by["system"], known_by["value"]).reference(resource["resourceType"])
