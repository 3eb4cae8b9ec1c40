"""Appointments (SIU S12 to S17, S26): SCH with its services, resources, places and people as an Appointment.

After HL7's tables SCH[Appointment], AIS[Appointment], AIG[Appointment], AIL[Appointment], AIP[Appointment],
TQ[Appointment], NTE[Appointment-Comment], SIU_S12 and the concept map FillerStatusCodes (HL7 v2-to-FHIR, Apache-2.0).
"""

import re
from collections.abc import Iterator, Sequence

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.diagnoses import diagnosis_key
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.hl7v2.notes import annotations, comment
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.order_groups import Observed
from wardround.interchange.hl7v2.orders import observed_beside
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import code_read, lasting_in, later, minutes
from wardround.interchange.mapping import Mapping

# What the event itself says of the status; a status code that a sender did not change does not speak against it.
_BY_EVENT = {"S15": "cancelled", "S16": "cancelled", "S17": "entered-in-error", "S26": "noshow"}
# Table 0278; Overbook is a booking beyond what the schedule holds, Discontinued ends what was begun.
_STATUS = {
    "pending": "pending",
    "waitlist": "waitlist",
    "booked": "booked",
    "overbook": "booked",
    "started": "checked-in",
    "complete": "fulfilled",
    "cancelled": "cancelled",
    "discontinued": "cancelled",
    "deleted": "entered-in-error",
    "noshow": "noshow",
}
_ENDED = ("cancelled", "noshow")
_NEED_NO_TIME = ("proposed", "cancelled", "waitlist")  # app-3
_WAITING = ("pending", "proposed", "waitlist")
_ENTERER = {"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "enterer"}
_NOTE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.note"
_INSTANT = re.compile(r".{10}T.{8}.*")
_DELETED = "D"
# Where a resource segment keeps what it is, of which type, when from, how long, and its status.
_PLACES = {"AIS": (3, 0, 4, 7, 10), "AIG": (3, 4, 8, 11, 14), "AIL": (3, 4, 6, 9, 12), "AIP": (3, 4, 6, 9, 12)}


def appointments(context: Context) -> Iterator[Resource]:
    """The Appointment of a SCH, after what was observed for it."""
    schedule = context.one("SCH")
    if schedule is None:
        raise Unreadable("it has no SCH segment, which says what is scheduled")
    key = _key(schedule, context)
    observed = [Observed(segment) for segment in context.every("OBX")]
    yield from observed_beside(observed, context, record=key.value)
    appointment = _appointment(schedule, key, context)
    # app-4: what is neither cancelled nor missed has no reason for it any more.
    ended = appointment["status"] in _ENDED
    yield context.amending(appointment, removed=() if ended else ("cancelationReason",))


def _appointment(schedule: Segment, key: Key, context: Context) -> Resource:
    mapping, held = context.mapping, Held(context.mapping)
    services = [one for one in context.every("AIS") if one.peek(2) != _DELETED]
    status = _status(schedule, services, context.event)
    start, end = _times(schedule, services, context)
    lasting = minutes(schedule.peek(9), schedule.peek(10))
    if lasting is not None:
        takes = lasting_in(schedule, 9, 10)
        end = end or (later(start, takes) if start else None)
    whole = bool(start and end and _INSTANT.fullmatch(start) and _INSTANT.fullmatch(end))
    if not whole and status not in _NEED_NO_TIME:
        raise Unreadable(
            "it does not say from when to when the appointment is (TQ1-7 and TQ1-8, SCH-11, or AIS-4 and AIS-7)"
        )
    asked = {name: time for name, time in (("start", start), ("end", end)) if time and not whole}
    for name, number in (("RGS", 1), ("RGS", 2), ("AIS", 2), ("AIG", 2), ("AIL", 2), ("AIP", 2)):
        for segment in context.every(name):  # what groups, and what says whether to take along
            segment.text(number)
    for segment in services:
        if (
            segment.has(4)
            and context.mapping.zone
            and parts.time(segment.peek(4), zone=mapping.zone, field="AIS-4") == start
        ):
            segment.text(4)
            lasting_in(segment, 7, 8)
    signed = [segment for segment in context.every("NTE") if segment.has(5) or segment.has(6)]
    notes = (comment(segment) for segment in context.every("NTE"))
    reasons = [diagnosis_key(context, segment).reference("Condition") for segment in context.every("DG1")]
    result: Resource = {
        "resourceType": "Appointment",
        "extension": [
            {"url": _NOTE, "valueAnnotation": note} for note in annotations(signed, held=held, mapping=mapping)
        ],
        "identifier": _identifiers(schedule, key, mapping),
        "status": status,
        "cancelationReason": _reason_of_the_event(schedule, status, mapping),
        "serviceType": [one for segment in services for one in parts.concepts(segment, 3, mapping=mapping)],
        "appointmentType": _appointment_type(schedule, mapping),
        "reasonCode": _reasons(schedule, mapping),
        "reasonReference": reasons,
        **({"start": start, "end": end} if whole else {}),
        "minutesDuration": lasting,
        "comment": "\n".join(text for text in notes if text),
        "basedOn": _orders(schedule, mapping),
        "participant": list(_participants(schedule, status, held, context)),
        "requestedPeriod": [asked] if asked else [],
    }
    return held.into(building.without_empty(result))


def _key(schedule: Segment, context: Context) -> Key:
    """The filler's number of the appointment, else the placer's; one of a series also by its occurrence (SCH-3)."""
    number = _entity(schedule, 2) or _entity(schedule, 1)
    if not number:
        raise Unreadable("SCH-1 and SCH-2 are empty; one of them would be the number of the appointment")
    return context.record_key(*filter(None, ("appointment", number.name, schedule.text(3))))


def _entity(schedule: Segment, number: int) -> Entity:
    return Entity.of(schedule.first(number)) if schedule.has(number) else Entity("")


def _identifiers(schedule: Segment, key: Key, mapping: Mapping) -> list[Resource]:
    """The key, the filler's number, else the placer's, and the others; all appointments of a series have its numbers."""
    found, is_told = [key.identifier()], schedule.has(3)
    for number, purpose, type_code in ((2, "filler-appointment", "FILL"), (1, "placer-appointment", "PLAC")):
        if entity := _entity(schedule, number):
            found.append(entity.identifier(purpose=purpose, mapping=mapping, type_code=type_code, secondary=is_told))
            is_told = True
    return found


def _status(schedule: Segment, services: Sequence[Segment], event: str) -> str:
    """By the event where it ends the appointment, else by SCH-25, else by the first service's AIS-10, else booked."""
    if event in _BY_EVENT:
        told = _BY_EVENT[event]
        if _STATUS.get(schedule.peek(25).casefold()) == told:
            code_read(schedule.first(25))
    elif schedule.peek(25).casefold() in _STATUS:
        told = _STATUS[code_read(schedule.first(25)).casefold()]
    else:
        by_service = next((segment for segment in services if segment.peek(10).casefold() in _STATUS), None)
        told = _STATUS[by_service.peek(10).casefold()] if by_service is not None else "booked"
    for segment in services:  # what says the same again is told with it
        if _STATUS.get(segment.peek(10).casefold()) == told:
            code_read(segment.first(10))
    return told


def _times(schedule: Segment, services: Sequence[Segment], context: Context) -> tuple[str | None, str | None]:
    """TQ1, else SCH-11 of the older versions, else from the first service to the end of the last."""
    timing = context.one("TQ1")
    if timing is not None and (timing.has(7) or timing.has(8)):
        return context.time(timing, 7), context.time(timing, 8)
    if schedule.peek(11, 4) or schedule.peek(11, 5):
        return context.time(schedule, 11, 4), context.time(schedule, 11, 5)
    starts = [(start, segment) for segment in services if (start := context.time(segment, 4))]
    if not starts:
        return None, None
    ends = [end for start, segment in starts if (end := later(start, lasting_in(segment, 7, 8)))]
    return min(start for start, _segment in starts), max(ends, default=None)


def _reasons(schedule: Segment, mapping: Mapping) -> list[Resource]:
    """SCH-7, whose table is 0276 where it names none."""
    found = [value for value in schedule.repetitions(7) if not _is_type(value)]
    return [one for value in found if (one := parts.concept_of(value, mapping=mapping, table="0276"))]


def _appointment_type(schedule: Segment, mapping: Mapping) -> Resource:
    """SCH-8, whose table is 0277 where it names none; some send it in SCH-7."""
    found = [*schedule.repetitions(8), *(value for value in schedule.repetitions(7) if _is_type(value))]
    return parts.concept_of(found[0], mapping=mapping, table="0277") if found else {}


def _is_type(value: Repetition) -> bool:
    return value.peek(3) == "HL70277"


def _reason_of_the_event(schedule: Segment, status: str, mapping: Mapping) -> Resource:
    """SCH-6 where it is why an appointment was cancelled or missed (app-4)."""
    if status not in _ENDED:
        return {}
    found = parts.concepts(schedule, 6, mapping=mapping)
    return found[0] if found else {}


def _orders(schedule: Segment, mapping: Mapping) -> list[Resource]:
    found = []
    for number, purpose, type_code in ((26, "placer", "PLAC"), (27, "filler", "FILL")):
        for value in schedule.repetitions(number):
            if entity := Entity.of(value):
                identifier = entity.identifier(purpose=purpose, mapping=mapping, type_code=type_code)
                found.append({"type": "ServiceRequest", "identifier": identifier})
    return found


def _participants(schedule: Segment, status: str, held: Held, context: Context) -> Iterator[Resource]:
    """The patient, then who asked, who answered and who entered, then services, resources, places and people."""
    answer = "needs-action" if status in _WAITING else "accepted"
    yield {"actor": context.patient, "status": answer}
    for person, phone, address, kind in (
        (12, 13, 14, "placer contact"),
        (16, 17, 18, "filler contact"),
        (20, 21, 0, ""),
    ):
        people = schedule.repetitions(person)
        if not people:
            continue
        telecom = [one for value in schedule.repetitions(phone) if (one := demographics.telecom(value, use="work"))]
        addresses = (
            [one for value in schedule.repetitions(address) if (one := demographics.address(value))] if address else []
        )
        actor = held.practitioner(people[0], telecom=telecom, addresses=addresses)
        if actor:
            concept: Resource = {"text": kind} if kind else {"coding": [_ENTERER]}
            yield {"type": [concept], "actor": actor, "status": answer}
    for name in ("AIG", "AIL", "AIP"):
        for segment in context.every(name):
            if segment.peek(2) != _DELETED:
                yield from _participant(segment, answer, held, context)


def _participant(segment: Segment, answer: str, held: Held, context: Context) -> Iterator[Resource]:
    what, kind, start, lasting, told = _PLACES[segment.name]
    types = parts.concepts(segment, kind, mapping=context.mapping)
    own = _STATUS.get(segment.peek(told).casefold())
    if own:
        code_read(segment.first(told))
        answer = "needs-action" if own in _WAITING else "accepted"
    period = _period(segment, start, lasting, context)
    for value in segment.repetitions(what):
        actor = _actor(segment, value, held, context.mapping)
        if actor or types:
            yield building.without_empty({"type": types, "actor": actor, "status": answer, "period": period})


def _period(segment: Segment, number: int, lasting: int, context: Context) -> Resource:
    start = context.time(segment, number)
    if start is None:
        return {}
    end = later(start, lasting_in(segment, lasting, lasting + 1)) if segment.has(lasting) else None
    return {"start": start} | ({"end": end} if end else {})


def _actor(segment: Segment, value: Repetition, held: Held, mapping: Mapping) -> Resource | None:
    """Who or what takes part. A general resource (AIG) is named by its number: the message does not say what it is."""
    if segment.name == "AIP":
        return held.practitioner(value)
    if segment.name == "AIL":
        return held.location(value)
    concept = parts.concept_of(value, mapping=mapping)
    coding = next(iter(concept.get("coding", [])), None)
    if coding is None:
        return {"display": concept["text"]} if "text" in concept else None
    named = {"identifier": {"system": coding["system"], "value": coding["code"]}}
    shown = concept.get("text") or coding.get("display")
    return named | ({"display": shown} if shown else {})
