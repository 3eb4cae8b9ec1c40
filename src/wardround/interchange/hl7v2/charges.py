"""Charges (DFT P03 and P11, FT1 of orders) as ChargeItems. HL7 publishes no table for FT1.

Only charges (FT1-6 CG) are items of charge. Payments, credits and adjustments are kept as they were sent.
"""

from collections import Counter
from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.fhir.currencies import CURRENCIES
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import quantity
from wardround.interchange.texts import number_of

_CHARGE = "CG"
_ORDERING = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0443", "code": "OP"}]}


def charges(context: Context) -> Iterator[Resource]:
    """A ChargeItem for each FT1 that is a charge and says for what."""
    counted = Counter[str]()
    for segment in context.every("FT1"):
        if segment.peek(6) == _CHARGE and (segment.has(7) or segment.has(25)):
            yield _charge(segment, counted, context)


def _charge(segment: Segment, counted: Counter[str], context: Context) -> Resource:
    held = Held(context.mapping)
    segment.text(6)  # that it is a charge is what a ChargeItem says
    code = _code(segment, context)
    name = segment.text(2) or ":".join((context.visit_or_patient, segment.text(4), parts.first_code(code)))
    counted[name] += 1
    name += f":{counted[name]}" if counted[name] > 1 else ""
    start, end = context.time(segment, 4), context.time(segment, 4, 2)
    products = parts.concepts(segment, 29, mapping=context.mapping)
    result = {
        "resourceType": "ChargeItem",
        "identifier": [context.record_key("charge", name).identifier()],
        "status": "billable",
        "code": code,
        "subject": context.patient,
        "context": context.encounter,
        **({"occurrencePeriod": {"start": start, "end": end}} if start and end else {"occurrenceDateTime": start}),
        "performer": [
            *({"actor": one} for value in segment.repetitions(20) if (one := held.practitioner(value))),
            *(
                {"function": _ORDERING, "actor": one}
                for value in segment.repetitions(21)
                if (one := held.practitioner(value))
            ),
        ],
        "performingOrganization": _organization(segment, 32, held),
        "requestingOrganization": _organization(segment, 33, held),
        "costCenter": held.organization_of_code(segment.first(13)) if segment.has(13) else None,
        "quantity": quantity(segment.text(10), ""),
        "priceOverride": _price(segment),
        "enterer": held.practitioner(segment.first(24)) if segment.has(24) else None,
        "enteredDate": context.time(segment, 5),
        "reason": parts.concepts(segment, 19, mapping=context.mapping),
        "productCodeableConcept": products[0] if products else None,
        "note": [{"text": text} for number in (8, 9) if (text := segment.text(number))],
    }
    return held.into(building.without_empty(result))


def _code(segment: Segment, context: Context) -> Resource:
    """What is charged (FT1-7), and the procedure it is charged for (FT1-25)."""
    found = [
        *parts.concepts(segment, 7, mapping=context.mapping)[:1],
        *parts.concepts(segment, 25, mapping=context.mapping)[:1],
    ]
    codings: list[Resource] = []
    for coding in (coding for one in found for coding in one.get("coding", [])):
        if coding not in codings:
            codings.append(coding)
    return building.concept(codings, text=found[0].get("text", ""))


def _organization(segment: Segment, number: int, held: Held) -> Resource | None:
    return held.organization(segment.first(number)) if segment.has(number) else None


def _price(segment: Segment) -> Resource:
    """FT1-11, the price of the whole charge, with its currency where it is one of ISO 4217."""
    amount = number_of(segment.text(11), decimal="point")
    if amount is None:
        return {}
    currency = segment.text(11, 1, 2)
    return {"value": amount} | ({"currency": currency} if currency in CURRENCIES else {})
