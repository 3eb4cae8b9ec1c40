"""Medications (RDE O11 and O25, RDS O13, ORM with RXO): what was asked for, what the pharmacy made of it, what it dispensed.

RXO is the order as it was written (intent original-order), RXE the same order as the pharmacy encoded it (filler-order,
based on the first), RXD a dispense. After HL7's tables RXO[MedicationRequest], RXR[MedicationRequest],
TQ1[MedicationRequest] (HL7 v2-to-FHIR, Apache-2.0), which has none for RXE and RXD: their fields go where RXO's of the
same meaning go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import demographics, order_control, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.dosages import Given, dosages
from wardround.interchange.hl7v2.medication_codes import medication
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.order_groups import Order, Pharmacy
from wardround.interchange.hl7v2.order_keys import Numbered
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import UCUM, Timed, measured, measured_in, quantity, timed, timed_before
from wardround.interchange.mapping import Mapping

_SUBSTITUTION = "http://terminology.hl7.org/CodeSystem/v2-0161"
_SUBSTITUTED = "http://terminology.hl7.org/CodeSystem/v2-0167"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"
_CATEGORIES = {"I": ("inpatient", "Inpatient"), "O": ("outpatient", "Outpatient")}
# Tables 0038 and 0119 as a MedicationRequest's status, which tells what was never begun from what was stopped.
_STATUS = {
    "A": "active",
    "CA": "cancelled",
    "CM": "completed",
    "DC": "stopped",
    "ER": "entered-in-error",
    "HD": "on-hold",
    "IP": "active",
    "RP": "stopped",
    "SC": "active",
}
_CONTROL = {
    **dict.fromkeys(("NW", "AF", "FU", "OK", "PR", "PY", "RL", "RO", "RQ"), "active"),
    **dict.fromkeys(("CA", "CR", "DF", "OC"), "cancelled"),
    **dict.fromkeys(("DC", "DR", "OD"), "stopped"),
    **dict.fromkeys(("HD", "HR", "OH"), "on-hold"),
}


@dataclass(frozen=True, slots=True)
class _Fields:
    """Where a segment keeps what RXO, RXE and RXD have in common; 0 where it does not."""

    code: int
    minimum: int
    maximum: int
    units: int
    form: int
    instructions: int  # for who gives it
    remarks: int  # for the pharmacy
    substitution: int
    amount: int
    amount_units: int
    refills: int
    prescriber: int
    indication: int
    rate: int
    rate_units: int
    daily: int
    strength: int
    strength_units: int
    volume: int
    volume_units: int
    supplementary: int
    pharmacy: int
    address: int
    telephone: int


RXO = _Fields(1, 2, 3, 4, 5, 7, 6, 9, 11, 12, 13, 14, 20, 21, 22, 23, 18, 19, 25, 26, 24, 32, 33, 36)
RXE = _Fields(2, 3, 4, 5, 6, 7, 21, 9, 10, 11, 12, 13, 27, 23, 24, 19, 25, 26, 33, 34, 31, 40, 41, 45)


def requests(
    numbered: Numbered, *, context: Context, reasons: Sequence[Resource] = (), supporting: Sequence[Resource] = ()
) -> list[Resource]:
    """The order as written and as encoded, as far as the message has them."""
    written, encoded = numbered.order.pharmacy_of("RXO"), numbered.order.pharmacy_of("RXE")
    found = []
    if written is not None:
        filler_is_the_others = encoded is not None
        identifiers = [one for one in numbered.identifiers if not (filler_is_the_others and _is_filler(one))]
        found.append(_request(written, RXO, identifiers, numbered, context, reasons, supporting, based_on=None))
    if encoded is not None:
        identifiers = [encoded_key(numbered).identifier(), *(one for one in numbered.identifiers if _is_filler(one))]
        identifiers += _prescription(encoded.segment, context)
        based_on = (
            numbered.key.reference("MedicationRequest") if written is not None else _order(numbered, context.mapping)
        )
        found.append(_request(encoded, RXE, identifiers, numbered, context, reasons, supporting, based_on=based_on))
    return found


def encoded_key(numbered: Numbered) -> Key:
    return Key(numbered.key.system, f"{numbered.key.value}:encoded")


def dispense(numbered: Numbered, *, context: Context) -> Resource | None:
    """RXD as a MedicationDispense; None where the order has none."""
    part = numbered.order.pharmacy_of("RXD")
    if part is None:
        return None
    segment, mapping, held = part.segment, context.mapping, Held(context.mapping)
    control = numbered.order.control
    # A counter that a sender leaves at 1 must not let one dispense overwrite another, so the time is part of the key.
    name = ":".join(filter(None, (numbered.key.value, "dispense", segment.text(1), segment.text(3))))
    cancelled = control is not None and "CA" in (control.text(5), control.text(1))
    substituted = segment.text(11)
    result: Resource = {
        "resourceType": "MedicationDispense",
        **order_control.security(control, mapping=mapping),
        "identifier": [Key(numbered.key.system, name).identifier()],
        "status": "cancelled" if cancelled else "completed",
        **medication(
            code=(segment, 2),
            form=(segment, 6),
            strength=(segment, 16, 17),
            volume=(segment, 28, 29),
            supplementary=(segment, 25),
            batch=(segment, 18, 19, 20),
            components=part.components,
            held=held,
            mapping=mapping,
        ),
        "subject": context.patient,
        "context": context.encounter,
        "performer": [{"actor": one} for value in segment.repetitions(10) if (one := held.practitioner(value))],
        "authorizingPrescription": _prescriptions(numbered, segment, context),
        "type": parts.concept(segment, 33, mapping=mapping, table="0484"),
        "quantity": measured_in(segment, 4, 5, mapping=mapping),
        "whenHandedOver": parts.time(segment.text(3), zone=mapping.zone, field="RXD-3"),
        "destination": _destination(segment, held),
        "note": [
            *(
                {"text": text}
                for field in (9, 15)
                for value in segment.repetitions(field)
                if (text := _words(value.whole()))
            ),
            *annotations(part.notes, held=held, mapping=mapping),
        ],
        "dosageInstruction": dosages(
            Given(daily=_ratio_of_a_day(segment, 12, mapping)), routes=part.routes, times=[], mapping=mapping
        ),
        "substitution": _was_substituted(substituted),
    }
    return held.into(building.without_empty(result))


def _request(
    part: Pharmacy,
    fields: _Fields,
    identifiers: list[Resource],
    numbered: Numbered,
    context: Context,
    reasons: Sequence[Resource],
    supporting: Sequence[Resource],
    *,
    based_on: Resource | None,
) -> Resource:
    segment, order, mapping, held = part.segment, numbered.order, context.mapping, Held(context.mapping)
    control = order.control
    times = _times(part, order, mapping)
    remarks = (_words(value.whole()) for value in segment.repetitions(fields.remarks))
    result: Resource = {
        "resourceType": "MedicationRequest",
        **order_control.security(control, mapping=mapping),
        "extension": order_control.extensions(control, mapping=mapping),
        "identifier": identifiers,
        "status": _status(control),
        "intent": "original-order" if fields is RXO else "filler-order",
        "category": _category(control),
        "priority": next((one.priority for one in times if one.priority), None),
        **medication(
            code=(segment, fields.code),
            form=(segment, fields.form),
            strength=(segment, fields.strength, fields.strength_units),
            volume=(segment, fields.volume, fields.volume_units),
            supplementary=(segment, fields.supplementary),
            batch=None,
            components=part.components,
            held=held,
            mapping=mapping,
        ),
        "subject": context.patient,
        "encounter": context.encounter,
        "supportingInformation": list(supporting),
        "authoredOn": order_control.authored(control, mapping=mapping),
        "requester": _requester(control, segment, fields, held),
        "recorder": _recorder(control, held),
        "reasonCode": [
            one for value in segment.repetitions(fields.indication) if (one := parts.concept_of(value, mapping=mapping))
        ],
        "reasonReference": list(reasons),
        "basedOn": [based_on] if based_on else [],
        "groupIdentifier": numbered.requisition,
        "note": [
            *({"text": text} for text in remarks if text),
            *annotations([*order.notes, *part.notes], held=held, mapping=mapping),
        ],
        "dosageInstruction": dosages(
            _given(segment, fields, mapping), routes=part.routes, times=times, mapping=mapping
        ),
        "dispenseRequest": _dispense_request(segment, fields, held, mapping),
        "substitution": _allowed(segment, fields),
    }
    return held.into(building.without_empty(result))


def _status(control: Segment | None) -> str:
    if control is None:
        return "unknown"
    return _STATUS.get(control.text(5)) or _CONTROL.get(control.text(1)) or "unknown"


def _is_filler(identifier: Resource) -> bool:
    return any(coding.get("code") == "FILL" for coding in identifier.get("type", {}).get("coding", []))


def _prescription(segment: Segment, context: Context) -> list[Resource]:
    """RXE-15, the number of the prescription: several of its orders may have it."""
    number = Entity(segment.text(15))
    return [number.identifier(purpose="prescription", mapping=context.mapping, secondary=True)] if number else []


def _order(numbered: Numbered, mapping: Mapping) -> Resource | None:
    """The order as written, by its number: it came with another message, or never."""
    placer = numbered.order.placer
    if not placer:
        return None
    identifier = placer.identifier(purpose="placer", mapping=mapping, type_code="PLAC")
    return {"type": "MedicationRequest", "identifier": identifier}


def _times(part: Pharmacy, order: Order, mapping: Mapping) -> list[Timed]:
    """TQ1 of the segment, else of the order, else the TQ of the older versions in RXE-1 and ORC-7."""
    found = part.timings or order.timings
    if found:
        return [timed(segment, mapping=mapping) for segment in found]
    older = part.segment.repetitions(1) if part.segment.name == "RXE" else []
    if older:
        return [timed_before(value, mapping=mapping, field="RXE-1") for value in older]
    if order.control is not None:
        return [timed_before(value, mapping=mapping, field="ORC-7") for value in order.control.repetitions(7)]
    return []


def _requester(control: Segment | None, segment: Segment, fields: _Fields, held: Held) -> Resource | None:
    """ORC-12, else the prescriber of the medication's own segment, on behalf of ORC-21."""
    if control is None or not control.repetitions(12):
        people = segment.repetitions(fields.prescriber)
        person = held.practitioner(people[0]) if people else None
        return held.role(person=person, organization=order_control.organization(control, held=held))
    return order_control.requester(control, None, held=held)


def _recorder(control: Segment | None, held: Held) -> Resource | None:
    people = control.repetitions(10) if control is not None else []
    return held.practitioner(people[0]) if people else None


def _category(control: Segment | None) -> list[Resource]:
    code = control.text(29) if control is not None else ""
    if code not in _CATEGORIES:
        return []
    return [building.concept([building.coding(_CATEGORY, *_CATEGORIES[code])])]


def _given(segment: Segment, fields: _Fields, mapping: Mapping) -> Given:
    low = measured_in(segment, fields.minimum, fields.units, mapping=mapping)
    high = measured_in(segment, fields.maximum, fields.units, mapping=mapping)
    rate = measured_in(segment, fields.rate, fields.rate_units, mapping=mapping)
    daily = _ratio_of_a_day(segment, fields.daily, mapping)
    instructions = [text for value in segment.repetitions(fields.instructions) if (text := _words(value.whole()))]
    return Given(low=low, high=high, rate=rate, daily=daily, text="\n".join(instructions))


def _ratio_of_a_day(segment: Segment, number: int, mapping: Mapping) -> Resource:
    amount = measured(segment, number, mapping=mapping)
    if not amount:
        return {}
    return {"numerator": amount, "denominator": {"value": 1, "unit": "d", "system": UCUM, "code": "d"}}


def _dispense_request(segment: Segment, fields: _Fields, held: Held, mapping: Mapping) -> Resource:
    initial = measured_in(segment, 39, fields.amount_units, mapping=mapping) if fields is RXE else {}
    interval = segment.text(28) if fields is RXO else ""
    days = quantity(interval, "d")
    result = {
        "initialFill": {"quantity": initial} if initial else {},
        "dispenseInterval": days | {"system": UCUM, "code": "d"} if days else {},
        "numberOfRepeatsAllowed": _whole(segment.text(fields.refills)),
        "quantity": measured_in(segment, fields.amount, fields.amount_units, mapping=mapping),
        "performer": _pharmacy(segment, fields, held),
    }
    return building.without_empty(result)


def _pharmacy(segment: Segment, fields: _Fields, held: Held) -> Resource | None:
    found = segment.repetitions(fields.pharmacy)
    telecom = [
        one for value in segment.repetitions(fields.telephone) if (one := demographics.telecom(value, use="work"))
    ]
    addresses = [one for value in segment.repetitions(fields.address) if (one := demographics.address(value))]
    return held.organization_of_code(found[0], telecom=telecom, addresses=addresses) if found else None


def _allowed(segment: Segment, fields: _Fields) -> Resource:
    code = segment.text(fields.substitution)
    return {"allowedCodeableConcept": building.concept([building.coding(_SUBSTITUTION, code)])} if code else {}


def _was_substituted(code: str) -> Resource:
    """Table 0167: N is no substitution; G and T say which there was."""
    if code not in ("N", "G", "T"):
        return {}
    return {"wasSubstituted": code != "N", "type": building.concept([building.coding(_SUBSTITUTED, code)])}


def _prescriptions(numbered: Numbered, segment: Segment, context: Context) -> list[Resource]:
    """The order it was dispensed on, and the prescription number (RXD-7)."""
    found: list[Resource] = []
    if numbered.order.pharmacy_of("RXE") is not None:
        found.append(encoded_key(numbered).reference("MedicationRequest"))
    elif numbered.order.pharmacy_of("RXO") is not None:
        found.append(numbered.key.reference("MedicationRequest"))
    elif (order := _order(numbered, context.mapping)) is not None:
        found.append(order)
    number = Entity(segment.text(7))
    if number:
        identifier = number.identifier(purpose="prescription", mapping=context.mapping)
        found.append({"type": "MedicationRequest", "identifier": identifier})
    return found


def _destination(segment: Segment, held: Held) -> Resource | None:
    """The pharmacy it was sent to (RXD-30, RXD-31), else the place (RXD-13)."""
    pharmacies, places = segment.repetitions(30), segment.repetitions(13)
    if pharmacies:
        addresses = [one for value in segment.repetitions(31) if (one := demographics.address(value))]
        name = pharmacies[0].text(9) or pharmacies[0].text(2) or pharmacies[0].text(1)
        return held.named_location(name, addresses=addresses) if name else None
    return held.location(places[0]) if places else None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _words(text: str) -> str:
    """A CWE that is free text: what stands in it, without its separators."""
    return " ".join(part for part in text.split("^") if part).strip()
