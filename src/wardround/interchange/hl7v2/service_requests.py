"""One order of a service (ORC with OBR, RQD or ODS) as a ServiceRequest.

After HL7's tables ORC[ServiceRequest], OBR[ServiceRequest], TQ1[ServiceRequest], NTE[ServiceRequest] and the messages'
tables (HL7 v2-to-FHIR, Apache-2.0).
"""

from collections.abc import Iterator, Sequence

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import order_control, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.order_keys import Numbered
from wardround.interchange.hl7v2.participations import of_role
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import PRIORITY, Timed, measured_in, timed, timed_before
from wardround.interchange.mapping import Mapping

_ORDER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0482"
_ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_ORDER_TYPES = {"I": "HOSP", "O": "OF"}  # concept map OrderType


def service_request(
    numbered: Numbered,
    *,
    context: Context,
    reasons: Sequence[Resource] = (),
    supporting: Sequence[Resource] = (),
    specimens: Sequence[Resource] = (),
) -> Resource:
    """One order as a ServiceRequest; the references are to what the order brings with it."""
    order, mapping = numbered.order, context.mapping
    control, detail = order.control, order.detail
    held = Held(mapping)
    times = _timings(order.timings, control, detail, mapping)
    service = detail if detail is not None and detail.name == "OBR" else None
    when = {"OBR": 6, "RQD": 10}.get(detail.name) if detail is not None else None
    asked = context.time(detail, when) if detail is not None and when else None
    code = _code(detail, mapping)
    result: Resource = {
        "resourceType": "ServiceRequest",
        **order_control.security(control, mapping=mapping),
        "extension": order_control.extensions(control, mapping=mapping) + _callbacks(control, detail),
        "identifier": list(numbered.identifiers),
        "basedOn": _parents(control, detail, mapping),
        "requisition": numbered.requisition,
        "status": order_control.status(control, detail),
        "intent": "reflex-order" if service is not None and service.text(11) == "G" else "order",
        "category": _category(detail, mapping),
        "priority": _priority(times, detail),
        "code": code,
        "orderDetail": _details(detail, mapping) if code else [],
        "quantityQuantity": next((one.quantity for one in times if one.quantity), None) or _supplied(detail, mapping),
        "subject": context.patient,
        "encounter": context.encounter,
        **_occurrence(times, asked),
        "asNeededCodeableConcept": next(({"text": one.condition} for one in times if one.condition), None),
        "authoredOn": order_control.authored(control, mapping=mapping),
        "requester": order_control.requester(control, detail, held=held)
        or next(iter(of_role(order.participations, "OP", held=held, mapping=mapping)), None),
        "locationCode": _location(control, mapping),
        "reasonCode": parts.concepts(service, 31, mapping=mapping) if service is not None else [],
        "reasonReference": list(reasons),
        "supportingInfo": list(supporting),
        "specimen": list(specimens),
        "note": [
            *({"text": one.instruction} for one in times if one.instruction),
            *_clinical_information(detail),
            *annotations(order.notes, held=held, mapping=mapping),
        ],
    }
    return held.into(building.without_empty(result))


def _timings(
    timings: Sequence[Segment], control: Segment | None, detail: Segment | None, mapping: Mapping
) -> list[Timed]:
    """TQ1, else the TQ of the older versions in ORC-7, else in OBR-27."""
    if timings:
        return [timed(segment, mapping=mapping) for segment in timings]
    if control is not None and control.repetitions(7):
        return [timed_before(value, mapping=mapping, field="ORC-7") for value in control.repetitions(7)]
    if detail is not None and detail.name == "OBR":
        return [timed_before(value, mapping=mapping, field="OBR-27") for value in detail.repetitions(27)]
    return []


def _occurrence(times: Sequence[Timed], asked: str | None) -> Resource:
    """One Timing, in which a requested time (OBR-6) is an event; alone it is a time."""
    timing = next((one.timing for one in times if one.timing), {})
    if timing:
        return {"occurrenceTiming": ({"event": [asked]} if asked else {}) | timing}
    return {"occurrenceDateTime": asked} if asked else {}


def _priority(times: Sequence[Timed], detail: Segment | None) -> str | None:
    found = next((one.priority for one in times if one.priority), "")
    if not found and detail is not None and detail.name == "OBR":
        found = PRIORITY.get(detail.text(5), "")
    return found or None


def _code(detail: Segment | None, mapping: Mapping) -> Resource:
    """OBR-4; the supply of a requisition (RQD-2, RQD-3); the diet of a dietary order (ODS-3, ODS-4)."""
    if detail is None:
        return {}
    if detail.name == "OBR":
        found = parts.concepts(detail, 4, mapping=mapping)
        return found[0] if found else {}
    if detail.name == "RQD":
        codings = [
            coding
            for number in (2, 3, 4)
            for one in parts.concepts(detail, number, mapping=mapping)
            for coding in one["coding"]
        ]
        return building.concept(codings)
    if detail.name == "ODS":
        codings = [coding for one in parts.concepts(detail, 3, mapping=mapping) for coding in one.get("coding", [])]
        texts = (value.whole() for value in detail.repetitions(4))
        return building.concept(codings, text="\n".join(text for text in texts if text))
    return {}


def _supplied(detail: Segment | None, mapping: Mapping) -> Resource:
    """How much of a supply is asked for (RQD-5, RQD-6)."""
    return measured_in(detail, 5, 6, mapping=mapping) if detail is not None and detail.name == "RQD" else {}


def _category(detail: Segment | None, mapping: Mapping) -> list[Resource]:
    return (
        parts.concepts(detail, 24, mapping=mapping, table="0074") if detail is not None and detail.name == "OBR" else []
    )


def _details(detail: Segment | None, mapping: Mapping) -> list[Resource]:
    if detail is None or detail.name != "OBR":
        return []
    return [concept for number in (46, 47) for concept in parts.concepts(detail, number, mapping=mapping)]


def _location(control: Segment | None, mapping: Mapping) -> list[Resource]:
    """ORC-29: for a patient in or out of hospital; the code as received beside its meaning."""
    found = []
    for value in control.repetitions(29) if control is not None else []:
        code = value.text(1)
        if code:
            system = parts.system_of(value.text(3), mapping=mapping) if value.text(3) else _ORDER_TYPE
            codings = [building.coding(system, code, value.text(2))]
            if code in _ORDER_TYPES and system == _ORDER_TYPE:
                codings.append(building.coding(_ROLE, _ORDER_TYPES[code]))
            found.append(building.concept(codings))
    return found


def _callbacks(control: Segment | None, detail: Segment | None) -> list[Resource]:
    """OBR-17 where ORC-14 is silent."""
    if detail is None or detail.name != "OBR" or (control is not None and control.repetitions(14)):
        return []
    return order_control.callbacks(detail, 17)


def _parents(control: Segment | None, detail: Segment | None, mapping: Mapping) -> list[Resource]:
    """The order that this one comes of (ORC-8, OBR-29, OBR-54), by its numbers: it may not be here."""
    places = [(control, 8)] if control is not None else []
    places += [(detail, 29), (detail, 54)] if detail is not None and detail.name == "OBR" else []
    found: list[Resource] = []
    for segment, number in places:
        for value in segment.repetitions(number):
            found += _parent(Entity.of(value, 1), Entity.of(value, 2), mapping)
    return [one for index, one in enumerate(found) if one not in found[:index]]


def _parent(placer: Entity, filler: Entity, mapping: Mapping) -> Iterator[Resource]:
    for number, purpose, type_code in ((placer, "placer", "PLAC"), (filler, "filler", "FILL")):
        if number:
            identifier = number.identifier(purpose=purpose, mapping=mapping, type_code=type_code)
            yield {"type": "ServiceRequest", "identifier": identifier}


def _clinical_information(detail: Segment | None) -> Iterator[Resource]:
    """OBR-13: what the laboratory should know of the patient, in the orderer's words."""
    if detail is not None and detail.name == "OBR":
        for value in detail.repetitions(13):
            if text := " ".join(part for part in value.whole().split("^") if part).strip():
                yield {"text": text}
