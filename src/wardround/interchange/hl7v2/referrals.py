"""Referrals (REF I12 and I14): RF1 and PRD as a ServiceRequest. HL7 publishes no table for RF1 and PRD."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.diagnoses import diagnosis_key
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import PRIORITY, code_read

# Table 0283: accepted, pending, rejected, expired.
_STATUS = {"A": "active", "P": "active", "R": "revoked", "E": "revoked"}
_CANCELLED = ("I14",)
_REFERRING, _REFERRED_TO = "RP", "RT"


def referrals(context: Context) -> Iterator[Resource]:
    """A ServiceRequest for each RF1, asked by who refers and to be done by whom the patient is referred to."""
    reasons = [diagnosis_key(context, segment).reference("Condition") for segment in context.every("DG1")]
    for position, segment in enumerate(context.every("RF1"), 1):
        yield _referral(segment, position, reasons, context)


def _referral(segment: Segment, position: int, reasons: list[Resource], context: Context) -> Resource:
    mapping, held = context.mapping, Held(context.mapping)
    number = Entity.of(segment.first(6))
    others = [entity for value in segment.repetitions(11) if (entity := Entity.of(value))]
    name = number.name or f"{context.patient_key.value}:{context.message.header.text(10)}:{position}"
    cancelled = context.event in _CANCELLED
    told = cancelled or segment.peek(1) in _STATUS
    period = {
        key: time for key, time in (("start", context.time(segment, 7)), ("end", context.time(segment, 8))) if time
    }
    code = parts.concepts(segment, 3, mapping=mapping, table="0281")
    result = {
        "resourceType": "ServiceRequest",
        "identifier": [
            context.record_key("referral", name).identifier(),
            *([number.identifier(purpose="referral", mapping=mapping)] if number else []),
            *(one.identifier(purpose="external-referral", mapping=mapping, secondary=True) for one in others),
        ],
        "status": "revoked" if cancelled else _STATUS[code_read(segment.first(1))] if told else "unknown",
        "intent": "order",
        "category": parts.concepts(segment, 5, mapping=mapping, table="0284"),
        "priority": PRIORITY[code_read(segment.first(2))] if segment.peek(2) in PRIORITY else None,
        "code": code[0] if code else None,
        "orderDetail": parts.concepts(segment, 4, mapping=mapping, table="0282") if code else [],
        "subject": context.patient,
        "encounter": context.encounter,
        "occurrencePeriod": period,
        "authoredOn": context.time(segment, 9),
        "requester": next(iter(_providers(_REFERRING, held, context)), None),
        "performer": _providers(_REFERRED_TO, held, context),
        "reasonCode": parts.concepts(segment, 10, mapping=mapping, table="0336"),
        "reasonReference": reasons,
        "note": [{"text": text} for value in segment.repetitions(24) if (text := value.whole())],
    }
    return context.amending(held.into(building.without_empty(result)), defaults=() if told else ("status",))


def _providers(role: str, held: Held, context: Context) -> list[Resource]:
    """The people and organizations of this role (PRD-1)."""
    found = []
    for segment in context.every("PRD"):
        roles = [value.peek(1) for value in segment.repetitions(1)]
        if role not in roles:
            continue
        code_read(segment.first(1))
        telecom = [one for value in segment.repetitions(5) if (one := demographics.telecom(value, use="work"))]
        addresses = [one for value in segment.repetitions(3) if (one := demographics.address(value))]
        numbers = [one for value in segment.repetitions(7) if (one := _licence(value, context))]
        name = demographics.name(segment.first(2))
        person = held.person(name=name, identifiers=numbers, telecom=telecom, addresses=addresses)
        organization_telecom = [
            one for value in segment.repetitions(13) if (one := demographics.telecom(value, use="work"))
        ]
        organization_addresses = [one for value in segment.repetitions(11) if (one := demographics.address(value))]
        organization = (
            held.organization(segment.first(10), telecom=organization_telecom, addresses=organization_addresses)
            if segment.has(10)
            else None
        )
        place = held.location(segment.first(4)) if segment.has(4) else None
        period = demographics.period_of(segment, 8, 9, zone=context.mapping.zone)
        more = building.without_empty({"location": [place] if place else [], "period": period})
        provider = held.role(person=person, organization=organization, more=more)
        found += [provider] if provider else []
    return found


def _licence(value: Repetition, context: Context) -> Resource:
    """A PLN as an Identifier: a practitioner's number, its type and issuer, and until when it holds."""
    number = Entity(value.text(1), value.text(3))
    if not number:
        return {}
    kind, until = value.text(2), parts.time(value.text(4), zone=context.mapping.zone, field="PRD-7")
    identifier = number.identifier(purpose="person", mapping=context.mapping, type_code=kind)
    return identifier | ({"period": {"end": until}} if until else {})
