"""Which medication: its code, or, where form, strength, components or batch are told, a Medication held in the resource."""

from collections.abc import Sequence

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import measured_in
from wardround.interchange.mapping import Mapping

Place = tuple[Segment, int]
Measured = tuple[Segment, int, int]  # the number and its unit
Batch = tuple[Segment, int, int, int]  # lot number, expiry, manufacturer


def medication(
    *,
    code: Place,
    form: Place,
    strength: Measured,
    volume: Measured,
    supplementary: Place | None,
    batch: Batch | None,
    components: Sequence[Segment],
    held: Held,
    mapping: Mapping,
) -> Resource:
    """medication[x] of a request or a dispense. Raises Unreadable where nothing names it.

    HL7's table RXO[MedicationRequest] puts form and strength into a Medication.
    """
    concept = _concept(code, mapping)
    extra = _concept(supplementary, mapping) if supplementary is not None else {}
    if extra:
        concept = building.concept([*concept.get("coding", []), *extra.get("coding", [])], text=concept.get("text", ""))
    made = _ingredients(concept, strength, volume, components, mapping)
    told = building.without_empty({"form": _concept(form, mapping), "ingredient": made, **_batch(batch, held, mapping)})
    if not concept and not made:
        raise Unreadable(f"{code[0].name}-{code[1]} is empty; it would name the medication")
    if not told:
        return {"medicationCodeableConcept": concept}
    return {
        "medicationReference": held.medication(({"code": concept} if concept else {}) | told, display=_shown(concept))
    }


def _concept(place: Place, mapping: Mapping) -> Resource:
    segment, number = place
    found = segment.repetitions(number)
    return parts.concept_of(found[0], mapping=mapping) if found else {}


def _ingredients(
    concept: Resource, strength: Measured, volume: Measured, components: Sequence[Segment], mapping: Mapping
) -> list[Resource]:
    """The components (RXC) with their strength or amount; without any, the medication itself with its own strength."""
    found = [one for segment in components if (one := _component(segment, mapping))]
    own = _ratio(_measured(strength, mapping), _measured(volume, mapping))
    if own and concept and not found:
        found = [{"itemCodeableConcept": concept, "strength": own}]
    return found


def _component(segment: Segment, mapping: Mapping) -> Resource:
    """RXC: the base or an additive of what is mixed."""
    item, extra = _concept((segment, 2), mapping), _concept((segment, 7), mapping)
    if not item:
        return {}
    if extra:
        item = building.concept([*item.get("coding", []), *extra.get("coding", [])], text=item.get("text", ""))
    strength = _ratio(_measured((segment, 5, 6), mapping), _measured((segment, 8, 9), mapping))
    if strength:
        return {"itemCodeableConcept": item, "strength": strength}
    amount = _ratio(_measured((segment, 3, 4), mapping), {})
    return building.without_empty({"itemCodeableConcept": item, "strength": amount})


def _ratio(numerator: Resource, denominator: Resource) -> Resource:
    """So much in so much; in one of the medication where no volume is told (rat-1 wants both)."""
    return {"numerator": numerator, "denominator": denominator or {"value": 1}} if numerator else {}


def _measured(place: Measured, mapping: Mapping) -> Resource:
    segment, number, unit = place
    return measured_in(segment, number, unit, mapping=mapping)


def _batch(place: Batch | None, held: Held, mapping: Mapping) -> Resource:
    if place is None:
        return {}
    segment, lot, expiry, manufacturer = place
    makers = segment.repetitions(manufacturer)
    expires = parts.time(segment.text(expiry), zone=mapping.zone, field=f"{segment.name}-{expiry}")
    batch = building.without_empty({"lotNumber": segment.text(lot), "expirationDate": expires})
    return {"batch": batch, "manufacturer": held.organization_of_code(makers[0]) if makers else None}


def _shown(concept: Resource) -> str:
    """What a person reads of a medication."""
    coding: Resource = next(iter(concept.get("coding", [])), {})
    return str(concept.get("text") or coding.get("display") or coding.get("code") or "")
