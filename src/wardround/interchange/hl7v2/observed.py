"""What an OBX states: OBX-5 by its type (OBX-2) as an Observation's value[x], after HL7's table OBX[Observation]."""

import re

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.attachments import encapsulated, pointed
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.mapping import Mapping
from wardround.interchange.texts import number_of

_COMPARATOR = {"<": "<", ">": ">", "<=": "<=", ">=": ">="}
_CODED = ("CE", "CWE", "CNE", "IS", "CF", "ID")
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)?(\.\d{1,4})?", re.ASCII)
_ATTACHMENT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.valueAttachment"


def result_value(observation: Segment, value: Repetition, *, mapping: Mapping) -> Resource:
    """OBX-5 by its type (OBX-2) with its unit (OBX-6) as an Observation's value[x]; {} when it is empty."""
    kind = observation.peek(2)
    unit = observation.text(6) or observation.text(6, 2)
    if kind in _CODED:
        concept = parts.concept_of(value, mapping=mapping)
        return {"valueCodeableConcept": concept} if concept else {}
    found = _special(kind, value, unit, mapping)
    if found:
        return found
    if kind == "SN":
        return _structured(value, unit)
    if kind in ("DT", "TS", "DTM"):
        moment = parts.time(value.text(1), zone=mapping.zone, field="OBX-5")
        return {"valueDateTime": moment} if moment else {}
    text = value.whole()
    if not text:
        return {}
    # A number in an NM has a point by the standard; what people type as text has the source's own sign.
    number = number_of(text, decimal="point" if kind == "NM" else mapping.decimal)
    if number is not None and (kind == "NM" or unit):
        return building.quantity(number, unit, unit_coding=_unit_coding(observation))
    return building.text_value(text, unit)


def _unit_coding(observation: Segment) -> Resource | None:
    if observation.text(6, 3) == "UCUM":
        return building.coding("http://unitsofmeasure.org", observation.text(6))
    return None


def _structured(value: Repetition, unit: str) -> Resource:
    """SN: comparator ^ number ^ separator ^ number."""
    sign, first, between, second = (value.text(part) for part in (1, 2, 3, 4))
    low, high = number_of(first, decimal="point"), number_of(second, decimal="point")
    if low is None:
        text = "".join((sign, first, between, second))
        return building.text_value(text, unit) if text else {}
    one: Resource = {"value": low} | ({"unit": unit} if unit else {})
    if high is not None and between == "-":
        return {"valueRange": {"low": one, "high": one | {"value": high}}}
    if high is not None and between in (":", "/"):
        return {"valueRatio": {"numerator": {"value": low}, "denominator": {"value": high}}}
    if sign in _COMPARATOR:
        return {"valueQuantity": {"value": low, "comparator": sign} | ({"unit": unit} if unit else {})}
    if sign in ("", "=") and not between:
        return {"valueQuantity": one}
    return building.text_value("".join((sign, first, between, second)), unit)


def _special(kind: str, value: Repetition, unit: str, mapping: Mapping) -> Resource | None:
    """The types that have a value[x] or extension of their own; None for another, and for what is not well formed."""
    if kind == "NR":
        return _range(value, unit)
    if kind == "DR":
        return _period(value, mapping)
    if kind == "TM":
        return _time_of_day(value)
    if kind == "RP":
        return _pointer(value)
    return _encapsulated(value) if kind == "ED" else None


def _range(value: Repetition, unit: str) -> Resource | None:
    """NR: low ^ high."""
    limits = {side: number_of(value.peek(part), decimal="point") for side, part in (("low", 1), ("high", 2))}
    known = {
        side: {"value": number} | ({"unit": unit} if unit else {})
        for side, number in limits.items()
        if number is not None
    }
    if not known:
        return None
    value.text(1), value.text(2)
    return {"valueRange": known}


def _period(value: Repetition, mapping: Mapping) -> Resource | None:
    """DR: from ^ to."""
    times = {side: parts.time_or_none(value.peek(part), zone=mapping.zone) for side, part in (("start", 1), ("end", 2))}
    known = {side: time for side, time in times.items() if time}
    if not known or (len(known) == 2 and known["start"][:10] > known["end"][:10]):
        return None
    value.text(1), value.text(2)
    return {"valuePeriod": known}


def _time_of_day(value: Repetition) -> Resource | None:
    match = _TIME.fullmatch(value.peek())
    if match is None:
        return None
    value.text()
    return {"valueTime": f"{match[1]}:{match[2]}:{match[3] or '00'}{match[4] or ''}"}


def _pointer(value: Repetition) -> Resource | None:
    """RP: where a picture or document lies."""
    found = pointed(value)
    return _attached(found) if found else None


def _encapsulated(value: Repetition) -> Resource | None:
    """ED: a document within the message. What is not in the encoding that it names is a text."""
    try:
        found = encapsulated(value)
    except Unreadable:
        return None
    return _attached(found) if "data" in found else None


def _attached(attachment: Resource) -> Resource:
    return {"extension": [{"url": _ATTACHMENT, "valueAttachment": attachment}]}
