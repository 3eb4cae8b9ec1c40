"""Medicines given (RAS O17): RXA with its order and route as a MedicationAdministration.

After HL7's table ORC[MedicationAdministration] (HL7 v2-to-FHIR, Apache-2.0); RXA's and RXR's fields go where their tables for
Immunization and MedicationRequest put those of the same meaning.
"""

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import order_control, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.medication_codes import medication
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.order_groups import Pharmacy
from wardround.interchange.hl7v2.order_keys import Numbered
from wardround.interchange.hl7v2.participations import of_role
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import measured_in
from wardround.interchange.mapping import Mapping

# Table 0322; partially administered is completed with the amount that RXA-6 tells.
_STATUS = {"": "completed", "CP": "completed", "PA": "completed", "RE": "not-done", "NA": "not-done"}
_COMPLETION = "http://terminology.hl7.org/CodeSystem/v2-0322"
_UNKNOWN_AMOUNT = "999"  # HL7 v2.9, 4A.4.7.6


def administration(
    one: Numbered, part: Pharmacy, *, position: int, request: Resource | None, context: Context
) -> Resource:
    """One RXA of an order; `request` refers to the order as far as the message tells it.

    Raises Unreadable where RXA tells no time or an unknown completion.
    """
    segment, mapping, held = part.segment, context.mapping, Held(context.mapping)
    control = one.order.control
    completion = segment.text(20)
    if completion not in _STATUS:
        raise Unreadable("RXA-20 is not in HL7's table 0322; it would be CP, RE, NA, PA or empty")
    taken_back = segment.text(21) == "D"
    result: Resource = {
        "resourceType": "MedicationAdministration",
        **order_control.security(control, mapping=mapping),
        "identifier": [_key(one, segment, position).identifier()],
        "status": "entered-in-error" if taken_back else _STATUS[completion],
        "statusReason": _status_reasons(segment, completion, mapping),
        **medication(
            code=(segment, 5),
            form=(segment, 8),
            strength=(segment, 13, 14),
            volume=(segment, 23, 24),
            supplementary=None,
            batch=(segment, 15, 16, 17),
            components=part.components,
            held=held,
            mapping=mapping,
        ),
        "subject": context.patient,
        "context": context.encounter,
        **_effective(segment, context),
        "performer": [
            *({"actor": actor} for value in segment.repetitions(10) if (actor := held.practitioner(value))),
            *({"actor": actor} for actor in of_role(one.order.participations, "AP", held=held, mapping=mapping)),
        ],
        "reasonCode": parts.concepts(segment, 19, mapping=mapping),
        "request": request,
        "note": [
            *(
                {"text": text}
                for value in segment.repetitions(9)
                if (text := value.text(9) or value.text(2) or value.text(1))
            ),
            *annotations(part.notes, held=held, mapping=mapping),
        ],
        "dosage": _dosage(segment, part, mapping),
    }
    return held.into(building.without_empty(result))


def _key(one: Numbered, segment: Segment, position: int) -> Key:
    """The order, the counters of the gift (RXA-1, RXA-2) and its time: counters alone begin anew with some senders."""
    told = (segment.text(1), segment.text(2), segment.text(3) or str(position))
    return Key(one.key.system, ":".join(filter(None, (one.key.value, "given", *told))))


def _status_reasons(segment: Segment, completion: str, mapping: Mapping) -> list[Resource]:
    found = parts.concepts(segment, 18, mapping=mapping)
    if not found and _STATUS[completion] == "not-done":
        found = [building.concept([building.coding(_COMPLETION, completion)])]
    return found


def _effective(segment: Segment, context: Context) -> Resource:
    start, end = context.time(segment, 3), context.time(segment, 4)
    if start is None:
        raise Unreadable("RXA-3 is empty; it would be the time at which the medicine was given")
    if end and end != start:
        return {"effectivePeriod": {"start": start, "end": end}}
    return {"effectiveDateTime": start}


def _dosage(segment: Segment, part: Pharmacy, mapping: Mapping) -> Resource:
    """mad-1: a dosage has a dose or a rate."""
    dose = {} if segment.peek(6) == _UNKNOWN_AMOUNT else measured_in(segment, 6, 7, mapping=mapping)
    if segment.peek(6) == _UNKNOWN_AMOUNT:
        segment.text(6)
    if not dose:
        return {}
    route = part.routes[0] if part.routes else None
    return building.without_empty(
        {
            "site": parts.concept(route, 2, mapping=mapping, table="0550") if route else None,
            "route": parts.concept(route, 1, mapping=mapping, table="0162") if route else None,
            "method": parts.concept(route, 4, mapping=mapping, table="0165") if route else None,
            "dose": dose,
        }
    )
