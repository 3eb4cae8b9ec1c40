"""The visit: PV1 and PV2 as an Encounter, after HL7's tables PV1[Encounter], PV2[Encounter] and DG1[Encounter]."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.accounts import account_key
from wardround.interchange.hl7v2.context import Context, admitted
from wardround.interchange.hl7v2.diagnoses import encounter_diagnoses
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.stays import stays
from wardround.interchange.hl7v2.visit_events import VISIT_EVENTS, VisitEvent

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASS = {"I": "IMP", "O": "AMB", "E": "EMER", "P": "PRENC"}
_PATIENT_CLASS = "http://terminology.hl7.org/CodeSystem/v2-0004"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_PARTICIPANTS = ((7, "ATND"), (8, "REF"), (9, "CON"), (17, "ADM"), (52, "PART"))
_PLANNED_START = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate"
_PLANNED_END = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate"
_ARRIVAL = "http://hl7.org/fhir/StructureDefinition/encounter-modeOfArrival"
_HOSPITALIZATION = (
    *((13, "reAdmission", "0092"), (14, "admitSource", "0023"), (36, "dischargeDisposition", "0112")),
    *((15, "specialArrangement", "0009"), (16, "specialCourtesy", "0099"), (38, "dietPreference", "0114")),
)
_REPEATED = ("specialArrangement", "specialCourtesy", "dietPreference")
# Which field an element is made of: an explicit null in it says that it is gone.
_FIELDS = {
    "serviceType": 10,
    "type": 4,
    "period.end": 45,
    "hospitalization.preAdmissionIdentifier": 5,
    **{f"hospitalization.{name}": number for number, name, _table in _HOSPITALIZATION},
    "hospitalization.destination": 37,
}


def visit(context: Context) -> Iterator[Resource]:
    """The Encounter, where the message says which visit it is about."""
    segment, key = context.visit, context.visit_key
    if segment is None or key is None:
        return
    event = VISIT_EVENTS.get(context.event if context.kind == "ADT" else "", VisitEvent())
    held = Held(context.mapping)
    more = context.one("PV2")
    period = _period(context, segment, event)
    content = {
        "extension": _extensions(context, more) if more else [],
        "identifier": [key.identifier(), *_numbers(context, segment)],
        "status": event.status or _status(segment, period),
        "class": _class(segment),
        "type": parts.concepts(segment, 4, mapping=context.mapping, table="0007"),
        "serviceType": parts.concept(segment, 10, mapping=context.mapping, table="0069"),
        "priority": parts.concept(more, 25, mapping=context.mapping, table="0217") if more else None,
        "subject": context.patient,
        "episodeOfCare": _episode(context, segment),
        "participant": [*_participants(segment, more, held), *_roles(context, held)],
        "period": period,
        "length": _length(more) if more else None,
        "reasonCode": _reasons(context, more) if more else [],
        "diagnosis": encounter_diagnoses(context),
        "account": [account.reference("Account")] if (account := account_key(context)) else [],
        "hospitalization": _hospitalization(context, segment, held),
        "location": stays(context, segment, more, event=event, period=period, held=held),
    }
    encounter = {"resourceType": "Encounter"} | {k: v for k, v in content.items() if v not in (None, "", [], {})}
    gone = [element for element, number in _FIELDS.items() if segment.is_null(number)]
    yield context.amending(
        held.into(encounter),
        removed=(*gone, *event.removed),
        yields=context.kind != "ADT",
        defaults=(*(() if event.status else ("status",)), *(() if segment.peek(2) else ("class",))),
        at=context.event_time(is_kept=False),
        undoes=event.undoes,
    )


def _class(segment: Segment) -> Resource:
    kind = segment.text(2)
    if kind in _CLASS:
        return building.coding(_ACT_CODE, _CLASS[kind])
    return building.coding(_PATIENT_CLASS, kind) if kind else building.UNKNOWN_CLASS


def _status(segment: Segment, period: Resource) -> str:
    """The concept map PatientClass[EncounterStatus], for an event that says nothing of the status itself."""
    if period.get("end"):
        return "finished"
    return {"P": "planned", "U": "unknown"}.get(segment.peek(2), "in-progress")


def _period(context: Context, segment: Segment, event: VisitEvent) -> Resource:
    start = parts.time(
        admitted(segment, context.event, context.segments), zone=context.mapping.zone, field="the time of admission"
    )
    if "period.end" in event.removed:
        return {"start": start} if start else {}
    end = context.time(segment, 45)
    if event.ends and not end:
        ended = context.event_time(is_kept=False)
        if ended and not (start and ended[:10] < start[:10]):
            end = context.event_time(is_kept=True)
    times = (("start", start), ("end", end))
    return {name: time for name, time in times if time}


def _numbers(context: Context, segment: Segment) -> list[Resource]:
    """PV1-19 as the hospital writes it, beside the key made of it; and PV1-50."""
    found = []
    if segment.text(19):
        found.append(demographics.number(segment.first(19), mapping=context.mapping, kind="VN", secondary=True))
    found += [demographics.number(v, mapping=context.mapping, secondary=True) for v in segment.repetitions(50)]
    return [number for number in found if number]


def _episode(context: Context, segment: Segment) -> list[Resource]:
    """PV1-54 with the words of PV1-53: the episode by its number, for it is no message's to describe."""
    number = demographics.number(segment.first(54), mapping=context.mapping) if segment.has(54) else {}
    if not number:
        return []
    described = segment.text(53)
    return [{"type": "EpisodeOfCare", "identifier": number} | ({"display": described} if described else {})]


def _participants(segment: Segment, more: Segment | None, held: Held) -> Iterator[Resource]:
    fields = [(segment, number, code) for number, code in _PARTICIPANTS]
    for named_in, number, code in [*fields, *([(more, 13, "REF")] if more else [])]:
        for value in named_in.repetitions(number):
            person = held.practitioner(value)
            if person:
                yield {
                    "type": [building.concept([building.coding(_PARTICIPATION, code)])],
                    "individual": person,
                }


def _roles(context: Context, held: Held) -> Iterator[Resource]:
    """Who has a role in the visit (ROL below PV1 or PV2), and from when to when."""
    for segment in context.following("ROL", of=("PV1", "PV2")):
        person = held.practitioner(segment.first(4)) if segment.has(4) else None
        if person:
            told = {
                "type": parts.concepts(segment, 3, mapping=context.mapping, table="0443"),
                "period": demographics.period_of(segment, 5, 6, zone=context.mapping.zone),
                "individual": person,
            }
            yield {name: part for name, part in told.items() if part}


def _hospitalization(context: Context, segment: Segment, held: Held) -> Resource:
    found: Resource = {}
    if segment.has(5):
        found["preAdmissionIdentifier"] = demographics.number(segment.first(5), mapping=context.mapping)
    for number, name, table in _HOSPITALIZATION:
        concepts = parts.concepts(segment, number, mapping=context.mapping, table=table)
        if concepts:
            found[name] = concepts if name in _REPEATED else concepts[0]
    if segment.has(37):
        goes_to = segment.first(37)
        name = goes_to.text(1, 2) or goes_to.text(1)
        if name:
            found["destination"] = held.named_location(name)
    return {name: part for name, part in found.items() if part}


def _extensions(context: Context, more: Segment) -> list[Resource]:
    found: list[Resource] = []
    for number, url in ((8, _PLANNED_START), (9, _PLANNED_END)):
        time = context.time(more, number)
        if time:
            found.append({"url": url, "valueDateTime": time})
    arrival = parts.concept(more, 38, mapping=context.mapping, table="0430")
    if arrival and arrival.get("coding"):
        found.append({"url": _ARRIVAL, "valueCoding": arrival["coding"][0]})
    return found


def _reasons(context: Context, more: Segment) -> list[Resource]:
    """PV2-3; and PV2-12, which HL7's table makes a narrative: as a reason in words it is found by a search."""
    reasons = parts.concepts(more, 3, mapping=context.mapping)
    described = more.text(12)
    return [*reasons, *([{"text": described}] if described else [])]


def _length(more: Segment) -> Resource | None:
    days = more.peek(11)
    if not (days.isascii() and days.isdigit() and len(days) < 6):
        return None
    return {"value": int(more.text(11)), "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}
