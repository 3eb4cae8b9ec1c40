"""One OBX as Observations, after HL7's table OBX[Observation]."""

import re
from collections import Counter
from collections.abc import Iterator

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.fhir.json import Number
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.observed import result_value
from wardround.interchange.hl7v2.people import Held

# Table 0085. The concept map leaves open what has no value yet (I, R, S) and what was amended or verified (A, B, V).
_FINAL = dict.fromkeys(("F", "U", "V"), "final")
_NOT_YET = {"P": "preliminary", "S": "preliminary", "R": "registered", "I": "registered"}
_CHANGED = {"C": "corrected", "A": "amended", "B": "amended", "D": "entered-in-error", "W": "entered-in-error"}
_STATUS = _FINAL | _NOT_YET | _CHANGED | {"X": "cancelled"}
_NO_RESULT = ("N", "O")  # not asked for; what an order asks
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/observation-"
_LINES = ("TX", "FT")  # their repetitions are the lines of one text
_RANGE = re.compile(r"([<>]?=?)\s*(-?\d{1,18}(?:\.\d{1,18})?)(?:\s*-\s*(-?\d{1,18}(?:\.\d{1,18})?))?", re.ASCII)


def observations(
    context: Context,
    segment: Segment,
    *,
    record: str,
    otherwise: str,
    counted: Counter[str],
    asks: bool = False,
) -> Iterator[Resource]:
    """An Observation for each value of an OBX. `record` names what it belongs to; `otherwise` is its time where OBX-14 is silent.

    `asks`: the OBX stands beside an order, so one of status O ("no result") is an answer to what the order asks.
    """
    place = f"OBX {segment.text(1)}".strip()
    values, status = segment.repetitions(5), segment.peek(11)
    if not values and not status:
        raise Unreadable(f"{place} has neither a value nor a result status; the message seems to break off there")
    if status and status not in _STATUS and not (asks and status == "O"):
        if status in _NO_RESULT:
            return
        raise Unreadable(f"{place} has a result status (OBX-11) that is not in HL7's table 0085")
    segment.text(11)
    code = parts.code(segment, 3, mapping=context.mapping, what=f"{place}'s code (OBX-3)")
    time = segment.text(14) or otherwise
    effective = parts.time(time, zone=context.mapping.zone, field=f"{place}'s time (OBX-14)")
    results = [*_results(context, segment, values)]
    if not results and values:
        return
    held = Held(context.mapping)
    more = _more(context, segment, held)
    for result in results or [{}]:
        name = ":".join(part for part in (record, parts.first_code(code), segment.text(4)) if part)
        counted[name] += 1
        name += f":{counted[name]}" if counted[name] > 1 else ""
        resource = building.observation(
            context.record_key(name),
            code=code,
            subject=context.patient,
            value=result or _absent(status),
            time=effective,
            status=_STATUS.get(status, "unknown"),
            encounter=context.encounter,
        )
        yield held.into(_with(resource, more))


def _results(context: Context, segment: Segment, values: list[Repetition]) -> Iterator[Resource]:
    if segment.peek(2) in _LINES and len(values) > 1:
        text = "\n".join(value.whole() for value in values).strip()
        if text:
            yield {"valueString": text}
        return
    for value in values:
        result = result_value(segment, value, mapping=context.mapping)
        if result:
            yield result


def _absent(status: str) -> Resource:
    """Why a result has no value: what is still to come has none yet, and says so by its status."""
    if _STATUS.get(status) in ("registered", "preliminary", "cancelled", "entered-in-error"):
        return {}
    return {"dataAbsentReason": building.concept([building.coding(_ABSENT, "unknown")])}


def _with(resource: Resource, more: Resource) -> Resource:
    both = {name: part for name, part in more.items() if part not in (None, "", [], {})}
    for name in ("extension", "identifier"):
        if name in both and name in resource:
            both[name] = [*resource[name], *both[name]]
    return resource | both


def _more(context: Context, segment: Segment, held: Held) -> Resource:
    if len(segment) < 7:
        return {}
    mapping = context.mapping
    device = Entity.of(segment.first(18)) if segment.has(18) else None
    instance = Entity.of(segment.first(21)) if segment.has(21) else None
    return {
        "extension": [*_extensions(context, segment)],
        "identifier": [instance.identifier(purpose="result", mapping=mapping, type_code="FILL", secondary=True)]
        if instance
        else [],
        "category": parts.concepts(segment, 29, mapping=mapping, table="0936"),
        "performer": [*_performers(context, segment, held)],
        "interpretation": parts.concepts(segment, 8, mapping=mapping, table="0078"),
        "bodySite": parts.concept(segment, 20, mapping=mapping, table="0163"),
        "method": parts.concept(segment, 17, mapping=mapping),
        "device": {"type": "Device", "identifier": device.identifier(purpose="device", mapping=mapping)}
        if device
        else None,
        "referenceRange": _reference_range(segment),
    }


def _extensions(context: Context, segment: Segment) -> Iterator[Resource]:
    for concept in parts.concepts(segment, 10, mapping=context.mapping, table="0080"):
        yield {"url": f"{_EXTENSION}nature-of-abnormal-test", "valueCodeableConcept": concept}
    analysed = demographics.moment(segment.first(19), 1, zone=context.mapping.zone) if segment.has(19) else None
    if analysed:
        yield {"url": f"{_EXTENSION}analysis-date-time", "valueDateTime": analysed}


def _performers(context: Context, segment: Segment, held: Held) -> Iterator[Resource]:
    for value in segment.repetitions(16):
        person = held.practitioner(value)
        if person:
            yield person
    producer = held.organization_of_code(segment.first(15)) if segment.has(15) else None
    if producer:
        yield producer
    zone = context.mapping.zone
    addresses = [a for a in (demographics.address(v, zone=zone) for v in segment.repetitions(24)) if a]
    laboratory = held.organization(segment.first(23), addresses=addresses) if segment.has(23) else None
    director = held.practitioner(segment.first(25)) if segment.has(25) else None
    performer = held.role(person=director, organization=laboratory)
    if performer:
        yield performer


def _reference_range(segment: Segment) -> list[Resource]:
    """OBX-7 as text; with its limits as numbers where it is a plain range."""
    text = segment.text(7)
    if not text:
        return []
    limits: Resource = {}
    match = _RANGE.fullmatch(text)
    if match is not None:
        sign, first, second = match.groups()
        unit = {"unit": written} if (written := segment.text(6) or segment.text(6, 2)) else {}
        if second is not None and not sign and float(first) <= float(second):
            limits = {"low": _quantity(first, unit), "high": _quantity(second, unit)}
        elif second is None and sign in ("<", "<="):
            limits = {"high": _quantity(first, unit)}
        elif second is None and sign in (">", ">="):
            limits = {"low": _quantity(first, unit)}
    return [limits | {"text": text}]


def _quantity(text: str, unit: Resource) -> Resource:
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text)
    whole, _point, rest = digits.partition(".")
    return {"value": Number(sign + (whole.lstrip("0") or "0") + (f".{rest}" if rest else ""))} | unit
