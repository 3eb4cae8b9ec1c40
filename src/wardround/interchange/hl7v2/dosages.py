"""How a medication is to be given: amounts, routes and times of HL7 v2 as FHIR's Dosage.

After HL7's tables TQ1[MedicationRequest], RXR[MedicationRequest] and RXO[MedicationRequest] (HL7 v2-to-FHIR, Apache-2.0).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.timing import Timed
from wardround.interchange.mapping import Mapping

_ORDERED = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/dose-rate-type", "code": "ordered"}]}


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is given each time (from `low` to `high`, or `low` alone), how fast, how much a day at most, in which words."""

    low: Resource = field(default_factory=dict)
    high: Resource = field(default_factory=dict)
    rate: Resource = field(default_factory=dict)
    daily: Resource = field(default_factory=dict)
    text: str = ""


def dosages(given: Given, *, routes: Sequence[Segment], times: Sequence[Timed], mapping: Mapping) -> list[Resource]:
    """One Dosage for each time, or one; the first route goes with all of them, each further route is one more."""
    found = [_dosage(given, routes[0] if routes else None, time, mapping) for time in times or [Timed()]]
    found += [_dosage(given, route, times[0] if times else Timed(), mapping) for route in routes[1:]]
    found = [one for one in found if one]
    if len(found) > 1:
        found = [{"sequence": number} | one for number, one in enumerate(found, 1)]
    return found


def _dosage(given: Given, route: Segment | None, time: Timed, mapping: Mapping) -> Resource:
    further = [text for text in (time.condition, time.instruction if given.text else "") if text]
    instructions: list[Resource] = [{"text": text} for text in further]
    instructions += parts.concepts(route, 5, mapping=mapping) if route is not None else []
    return building.without_empty(
        {
            "text": given.text or time.instruction,
            "additionalInstruction": instructions,
            "timing": time.timing,
            "site": _first(route, 2, mapping, "0550"),
            "route": _first(route, 1, mapping, "0162"),
            "method": _first(route, 4, mapping, "0165"),
            "doseAndRate": _dose_and_rate(given, time),
            "maxDosePerPeriod": given.daily,
        }
    )


def _dose_and_rate(given: Given, time: Timed) -> list[Resource]:
    """The amount of the medication's own segment before that of its timing; two numbers are a range."""
    dose: Resource = {}
    if given.low and given.high:
        dose = {"doseRange": {"low": given.low, "high": given.high}}
    elif given.low or given.high:
        dose = {"doseQuantity": given.low or given.high}
    elif time.quantity:
        dose = {"doseQuantity": time.quantity}
    if given.rate:
        dose["rateQuantity"] = given.rate
    return [{"type": _ORDERED} | dose] if dose else []


def _first(route: Segment | None, number: int, mapping: Mapping, table: str) -> Resource | None:
    return parts.concept(route, number, mapping=mapping, table=table) if route is not None else None
