"""Insurance: IN1 as Coverage, after HL7's table IN1[Coverage]; the insurer is contained in it."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.patient import GENDER
from wardround.interchange.hl7v2.people import Held

_CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"
_SELF = ("SEL", "18", "SELF")


def coverage(context: Context) -> Iterator[Resource]:
    """A Coverage for each IN1 that names an insurer or a plan."""
    for segment in context.every("IN1"):
        held = Held(context.mapping)
        payor = _payor(context, segment, held)
        if payor is None:
            continue
        plan = parts.concept(segment, 2, mapping=context.mapping) or {}
        content = {
            "identifier": [*_identifiers(context, segment, plan, payor)],
            "status": "active",
            "type": parts.concept(segment, 15, mapping=context.mapping, table="0086"),
            "policyHolder": _employer(context, segment, held),
            "subscriber": _subscriber(context, segment, held),
            "subscriberId": segment.text(49),
            "beneficiary": context.patient,
            "relationship": parts.concept(segment, 17, mapping=context.mapping, table="0063"),
            "period": demographics.period_of(segment, 12, 13, zone=context.mapping.zone),
            "payor": [payor],
            "class": _classes(segment, plan),
            "order": _order(segment),
        }
        filled = {name: part for name, part in content.items() if part not in (None, "", [], {})}
        yield context.amending(held.into({"resourceType": "Coverage"} | filled), yields=context.kind != "ADT")


def _payor(context: Context, segment: Segment, held: Held) -> Resource | None:
    """The insurer by its name (IN1-4), else by its number (IN1-3), else by its plan."""
    zone = context.mapping.zone
    addresses = [a for a in (demographics.address(v, zone=zone) for v in segment.repetitions(5)) if a]
    telecom = [t for t in (demographics.telecom(v, use="work", zone=zone) for v in segment.repetitions(7)) if t]
    numbers = [n for n in (demographics.number(v, mapping=context.mapping) for v in segment.repetitions(3)) if n]
    contacts = [n for n in (demographics.name(v, zone=zone) for v in segment.repetitions(6)) if n]
    insurer = held.described_organization(
        segment.text(4), numbers=numbers, telecom=telecom, addresses=addresses, contacts=contacts
    )
    plan = segment.peek(2, 2) or segment.peek(2)
    return insurer or ({"display": plan} if plan else None)


def _identifiers(context: Context, segment: Segment, plan: Resource, payor: Resource) -> Iterator[Resource]:
    policy = segment.text(36)
    insurer = payor.get("display", "")
    name = (context.patient_key.value, parts.first_code(plan) or insurer, policy or segment.peek(49))
    yield context.record_key("coverage", *name).identifier()
    for coding in plan.get("coding", []):
        yield {"use": "secondary", "system": coding["system"], "value": coding["code"]}
    if policy:
        yield {"use": "secondary", "system": f"{context.mapping.record_system}:policy", "value": policy}
    for value in segment.repetitions(49)[:1]:
        if len(value) > 1:
            yield demographics.number(value, mapping=context.mapping, secondary=True)


def _employer(context: Context, segment: Segment, held: Held) -> Resource | None:
    """IN1-10 and 11: the group that the insured belongs to holds the policy."""
    numbers = [n for n in (demographics.number(v, mapping=context.mapping) for v in segment.repetitions(10)) if n]
    return held.described_organization(segment.text(11), numbers=numbers)


def _subscriber(context: Context, segment: Segment, held: Held) -> Resource | None:
    """Who is insured (IN1-16, 18, 19, 43): the patient, or somebody who is described in the Coverage."""
    if segment.peek(17).upper() in _SELF:
        name = demographics.plain_name(segment.first(16)) if segment.has(16) else ""
        return context.patient | ({"display": name} if name else {})
    zone = context.mapping.zone
    names = [named for value in segment.repetitions(16) if (named := demographics.name(value, zone=zone))]
    if not names:
        return None
    addresses = [a for a in (demographics.address(v, zone=zone) for v in segment.repetitions(19)) if a]
    born = demographics.moment(segment.first(18), 1, zone=zone) if segment.has(18) else None
    sex = GENDER.get(segment.peek(43))
    person = {
        "patient": context.patient,
        "name": names,
        "gender": sex if sex and segment.text(43) else None,
        "birthDate": born[:10] if born else None,
        "address": addresses,
    }
    return held.related_person(
        person, display=" ".join([*names[0].get("given", []), names[0].get("family", "")]).strip()
    )


def _classes(segment: Segment, plan: Resource) -> list[Resource]:
    found = []
    group, title = segment.text(8), segment.text(9)
    if group or title:
        found.append(_class("group", group or title, title if group else ""))
    if plan:
        shown = plan.get("text") or next((c["display"] for c in plan.get("coding", []) if c.get("display")), "")
        code = parts.first_code(plan)
        found.append(_class("plan", code or shown, shown if code else ""))
    if segment.text(35):
        found.append(_class("plan", segment.text(35), ""))
    return found


def _class(kind: str, value: str, name: str) -> Resource:
    entry: Resource = {"type": building.concept([building.coding(_CLASS, kind)]), "value": value}
    return entry | ({"name": name} if name else {})


def _order(segment: Segment) -> int | None:
    order = segment.peek(22)
    return int(segment.text(22)) if order.isascii() and order.isdigit() and 0 < int(order[:4]) < 1000 else None
