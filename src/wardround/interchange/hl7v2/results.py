"""Results: OBR and OBX as Observations."""

from collections import Counter
from collections.abc import Iterator

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment

# Table 0085.
_FINAL = dict.fromkeys(("F", "U"), "final")
_NOT_YET = {"P": "preliminary", "S": "preliminary", "R": "registered", "I": "registered"}
_CHANGED = {"C": "corrected", "D": "entered-in-error", "W": "entered-in-error", "X": "cancelled"}
_STATUS = _FINAL | _NOT_YET | _CHANGED
_NO_RESULT = ("N", "O", "B", "V")  # ordered, not asked for, not done


def results(context: Context) -> Iterator[Resource]:
    """The Observations of each order, in the order of the message."""
    order: Segment | None = None
    record, counted = "", Counter[str]()
    number = 0
    for segment in context.message.segments:
        if segment.name == "OBR":
            order, number = segment, number + 1
            record = order.text(3) or order.text(2) or f"{context.message.header.text(10)}:{number}"
            yield from _ordered(context, order, record)
        elif segment.name == "OBX":
            if order is None:
                raise Unreadable("an OBX stands before the first OBR")
            yield from observations(context, segment, record=record, otherwise=order.text(7), counted=counted)


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


def observations(
    context: Context, segment: Segment, *, record: str, otherwise: str, counted: Counter[str], asks: bool = False
) -> Iterator[Resource]:
    """An Observation for each value of an OBX. `record` names what it belongs to; `otherwise` is its time where OBX-14 is silent.

    `asks`: the OBX stands beside an order, so one of status O ("no result") is an answer to what the order asks.
    """
    place = f"OBX {segment.text(1)}".strip()
    values, status = segment.repetitions(5), segment.text(11)
    if not values and not status:
        raise Unreadable(f"{place} has neither a value nor a result status; the message seems to break off there")
    if status and status not in _STATUS and not (asks and status == "O"):
        if status in _NO_RESULT:
            return
        raise Unreadable(f"{place} has a result status (OBX-11) that is not in HL7's table 0085")
    code = parts.code(segment, 3, mapping=context.mapping, what=f"{place}'s code (OBX-3)")
    time = segment.text(14) or otherwise
    effective = parts.time(time, zone=context.mapping.zone, field=f"{place}'s time (OBX-14)")
    for value in values:
        result = parts.result_value(segment, value, mapping=context.mapping)
        if not result:
            continue
        name = ":".join(part for part in (record, parts.first_code(code), segment.text(4)) if part)
        counted[name] += 1
        name += f":{counted[name]}" if counted[name] > 1 else ""
        yield building.observation(
            context.record_key(name),
            code=code,
            subject=context.patient,
            value=result,
            time=effective,
            status=_STATUS.get(status, "unknown"),
            encounter=context.encounter,
        )
