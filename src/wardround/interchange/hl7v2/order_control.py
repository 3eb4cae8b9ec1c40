"""What an order's control data (ORC) say of its status, its times and the people around it, for every kind of request.

After HL7's table ORC[ServiceRequest] and the concept maps OrderStatus and OrderControlCode (HL7 v2-to-FHIR, Apache-2.0).
"""

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.mapping import Mapping

# Table 0038, with A ("some, but not all, results are there"), which HL7's map leaves out.
ORDER_STATUS = {
    "A": "active",
    "CA": "revoked",
    "CM": "completed",
    "DC": "revoked",
    "ER": "entered-in-error",
    "HD": "on-hold",
    "IP": "active",
    "RP": "revoked",
    "SC": "active",
}
# Table 0119. HL7's map has CA and HD as active until the filler answers (CR, HR). Here the placer's word counts at once:
# an order that its placer cancelled or held must not stand as active in a chart.
CONTROL_STATUS = {
    **dict.fromkeys(("NW", "AF", "OK", "PR", "PY", "RL", "RO", "RQ"), "active"),
    **dict.fromkeys(("CA", "CR", "DC", "DF", "DR", "OC", "OD"), "revoked"),
    **dict.fromkeys(("HD", "HR", "OH"), "on-hold"),
    "FU": "completed",
}
_BUSINESS_EVENT = "http://hl7.org/fhir/StructureDefinition/businessEvent"
_STATUS_REASON = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
_CALLBACK = "http://hl7.org/fhir/StructureDefinition/servicerequest-order-callback-phone-number"
_CONTROL_CODES = "http://terminology.hl7.org/CodeSystem/v2-0119"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_CONFIDENTIALITY_AS_RECEIVED = "http://terminology.hl7.org/CodeSystem/v2-0177"


# Table 0123 of an OBR: what the results say of the order where ORC says nothing. HL7's map leaves it to the report.
RESULT_STATUS = {
    **dict.fromkeys(("A", "I", "M", "N", "O", "P", "R", "S"), "active"),
    **dict.fromkeys(("C", "F"), "completed"),
    "X": "revoked",
}


def status(control: Segment | None, detail: Segment | None) -> str:
    """The status of a request: by ORC-5 where it says, else by ORC-1, else by the results (OBR-25), else unknown."""
    if control is not None and control.peek(5) in ORDER_STATUS:
        return ORDER_STATUS[control.text(5)]
    if control is not None and control.text(1) in CONTROL_STATUS:
        return CONTROL_STATUS[control.text(1)]
    if detail is not None and detail.name == "OBR" and detail.peek(25) in RESULT_STATUS:
        return RESULT_STATUS[detail.text(25)]
    return "unknown"


def tells_status(control: Segment | None, detail: Segment | None) -> bool:
    """Does the message say of which status the order is?"""
    if control is not None and (control.peek(5) in ORDER_STATUS or control.peek(1) in CONTROL_STATUS):
        return True
    return detail is not None and detail.name == "OBR" and detail.peek(25) in RESULT_STATUS


def extensions(control: Segment | None, *, mapping: Mapping) -> list[Resource]:
    """What happened to the order and when (ORC-1, ORC-9), why (ORC-16), and whom to call (ORC-14)."""
    if control is None:
        return []
    found: list[Resource] = []
    event: list[Resource] = []
    if control.text(1):
        concept = building.concept([building.coding(_CONTROL_CODES, control.text(1))])
        event.append({"url": "value", "valueCodeableConcept": concept})
    time = parts.time(control.text(9), zone=mapping.zone, field="ORC-9")
    if time:
        event.append({"url": "date", "valueDateTime": time})
    if event:
        found.append({"url": _BUSINESS_EVENT, "extension": event})
    reasons = control.repetitions(16)
    reason = parts.concept_of(reasons[0], mapping=mapping) if reasons else {}
    if reason:
        found.append({"url": _STATUS_REASON, "valueCodeableConcept": reason})
    return found + callbacks(control, 14)


def callbacks(segment: Segment, number: int) -> list[Resource]:
    """The telephone numbers for questions about the order."""
    contacts = (demographics.telecom(value, use="work") for value in segment.repetitions(number))
    return [{"url": _CALLBACK, "valueContactPoint": contact} for contact in contacts if contact]


def authored(control: Segment | None, *, mapping: Mapping) -> str | None:
    """When the order was made: the time of the event that is a new order."""
    if control is None or control.text(1) != "NW":
        return None
    return parts.time(control.text(9), zone=mapping.zone, field="ORC-9")


def requester(control: Segment | None, detail: Segment | None, *, held: Held) -> Resource | None:
    """Who ordered (ORC-12, else OBR-16), on behalf of which organization (ORC-21), each with address and telephone."""
    person = None
    if control is not None:
        people = control.repetitions(12)
        addresses = (
            [address for value in control.repetitions(24) if (address := demographics.address(value))] if people else []
        )
        person = held.practitioner(people[0], addresses=addresses) if people else None
        if people and detail is not None and detail.name == "OBR" and detail.first(16).raw == people[0].raw:
            held.practitioner(detail.first(16), addresses=addresses)  # the same person, named again
    if person is None and detail is not None and detail.name == "OBR":
        people = detail.repetitions(16)
        person = held.practitioner(people[0]) if people else None
    return held.role(person=person, organization=organization(control, held=held))


def organization(control: Segment | None, *, held: Held) -> Resource | None:
    """The organization on whose behalf it is ordered (ORC-21)."""
    named = control.repetitions(21) if control is not None else []
    if control is None or not named:
        return None
    telecom = [contact for value in control.repetitions(23) if (contact := demographics.telecom(value, use="work"))]
    addresses = [address for value in control.repetitions(22) if (address := demographics.address(value))]
    return held.organization(named[0], telecom=telecom, addresses=addresses)


def security(control: Segment | None, *, mapping: Mapping) -> Resource:
    """The confidentiality of an order (ORC-28) as a label of the resource."""
    labels = []
    for value in control.repetitions(28) if control is not None else []:
        code = value.text(1)
        if not code:
            continue
        named = parts.system_of(value.text(3), mapping=mapping) if value.text(3) else _CONFIDENTIALITY_AS_RECEIVED
        is_general = code in ("V", "R") and named == _CONFIDENTIALITY_AS_RECEIVED
        labels.append(building.coding(_CONFIDENTIALITY if is_general else named, code, value.text(2)))
    return {"meta": {"security": labels}} if labels else {}
