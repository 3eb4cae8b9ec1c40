"""Specimens of HL7 v2 orders and results: SPM with its containers (SAC), and OBR's own account of older messages.

After HL7's tables SPM[Specimen], OBR[Specimen] and SPS[Specimen-Source] (HL7 v2-to-FHIR, Apache-2.0).
"""

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.messages import Repetition, Segment
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.order_groups import SpecimenGroup
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import measured, measured_in
from wardround.interchange.mapping import Mapping

_OBR_TELLS = (9, 10, 14, 15, 39)  # the fields of an OBR that are about a specimen and nothing else


def specimen_key(group: SpecimenGroup, *, order: Key, position: int) -> Key:
    """A specimen's own number, whoever gave it; one without is known by its order and place."""
    found = group.segment.repetitions(2)
    number = (Entity.of(found[0], 1) or Entity.of(found[0], 2)) if found else Entity("")
    return Key(order.system, f"specimen:{number.name}" if number else f"specimen:{order.value}:{position}")


def specimen(
    group: SpecimenGroup,
    *,
    key: Key,
    subject: Resource,
    request: Resource | None,
    detail: Segment | None,
    mapping: Mapping,
) -> Resource:
    """SPM as a Specimen; what it leaves out of the collection is taken from the OBR."""
    segment, held = group.segment, Held(mapping)
    identifiers = [key.identifier(), *_numbers(segment, mapping)]
    accessions = [demographics.number(value, mapping=mapping) for value in segment.repetitions(30) if value.text(1)]
    accessions += _accessions(group, mapping)
    rejected = parts.concepts(segment, 21, mapping=mapping, table="0490")
    collection = _collection(segment, mapping) | (
        _collected(detail, segment, held, mapping) if detail is not None else {}
    )
    notes = [{"text": text} for text in (value.whole() for value in segment.repetitions(14)) if text]
    notes += [{"text": _words(reason)} for reason in rejected if _words(reason)]
    received = segment.text(18) or (detail.text(14) if detail is not None and detail.name == "OBR" else "")
    result = {
        "resourceType": "Specimen",
        "identifier": identifiers,
        "accessionIdentifier": accessions[0] if accessions else None,
        "status": "unsatisfactory" if rejected else {"Y": "available", "N": "unavailable"}.get(segment.text(20)),
        "type": parts.concept(segment, 4, mapping=mapping, table="0487"),
        "subject": subject,
        "receivedTime": parts.time(received, zone=mapping.zone, field="the time a specimen was received"),
        "parent": _parents(segment, mapping),
        "request": [request] if request else [],
        "collection": collection,
        "container": _containers(group, mapping),
        "condition": parts.concepts(segment, 24, mapping=mapping, table="0493"),
        "note": notes,
    }
    return held.into(building.without_empty(result))


def specimen_of_detail(
    detail: Segment, *, key: Key, subject: Resource, request: Resource | None, mapping: Mapping
) -> Resource | None:
    """The specimen that an OBR without SPM tells of (OBR-15 and its like); None where it tells of none."""
    if not any(detail.text(number) or detail.repetitions(number) for number in _OBR_TELLS):
        return None
    held = Held(mapping)
    sources = detail.repetitions(15)
    source = sources[0] if sources else None
    site = _sub_concept(source, 4, mapping)
    collection = _collected(detail, None, held, mapping) | ({"bodySite": site} if site else {})
    additive = _sub_concept(source, 2, mapping)
    condition = _sub_concept(source, 6, mapping)
    texts = [source.text(3)] if source is not None else []
    texts += [_words(parts.concept_of(value, mapping=mapping)) for value in detail.repetitions(39)]
    result = {
        "resourceType": "Specimen",
        "identifier": [Key(key.system, f"specimen:{key.value}").identifier()],
        "type": _sub_concept(source, 1, mapping),
        "subject": subject,
        "receivedTime": parts.time(detail.text(14), zone=mapping.zone, field="OBR-14"),
        "request": [request] if request else [],
        "collection": collection,
        "container": [{"additiveCodeableConcept": additive}] if additive else [],
        "condition": [condition] if condition else [],
        "note": [{"text": text} for text in texts if text],
    }
    return held.into(building.without_empty(result))


def _numbers(segment: Segment, mapping: Mapping) -> list[Resource]:
    """The placer's number, else the filler's, is the specimen's own; the tubes of one sample often share the others."""
    found: list[Resource] = []
    for component, purpose, type_code in ((1, "placer-specimen", "PGN"), (2, "filler-specimen", "FGN")):
        number = Entity.of(segment.first(2), component) if segment.has(2) else Entity("")
        if number:
            told = bool(found)
            found.append(number.identifier(purpose=purpose, mapping=mapping, type_code=type_code, secondary=told))
    others = [demographics.number(value, mapping=mapping) for value in segment.repetitions(31) if value.text(1)]
    found += [{"use": "secondary"} | other for other in others]
    if segment.has(32) and (shipment := Entity.of(segment.first(32))):
        found.append(shipment.identifier(purpose="shipment", mapping=mapping, type_code="SHIP", secondary=True))
    return found


def _collection(segment: Segment, mapping: Mapping) -> Resource:
    found: Resource = {
        "method": parts.concept(segment, 7, mapping=mapping, table="0488"),
        "bodySite": parts.concept(segment, 8, mapping=mapping),
        "quantity": measured(segment, 12, mapping=mapping),
    }
    start = parts.time(segment.text(17), zone=mapping.zone, field="SPM-17")
    end = parts.time(segment.text(17, 2), zone=mapping.zone, field="SPM-17")
    return building.without_empty(found) | _period(start, end)


def _collected(detail: Segment, segment: Segment | None, held: Held, mapping: Mapping) -> Resource:
    """What an OBR says of the collection, as far as SPM does not."""
    if detail.name != "OBR":
        return {}
    found: Resource = {}
    if segment is None or not segment.text(17):
        start = parts.time(detail.text(7), zone=mapping.zone, field="OBR-7")
        end = parts.time(detail.text(8), zone=mapping.zone, field="OBR-8")
        found |= _period(start, end)
    if segment is None or not segment.text(12):
        volume = measured(detail, 9, mapping=mapping)
        found |= {"quantity": volume} if volume else {}
    collectors = detail.repetitions(10)
    collector = held.practitioner(collectors[0]) if collectors else None
    return found | ({"collector": collector} if collector else {})


def _period(start: str | None, end: str | None) -> Resource:
    if end:
        return {"collectedPeriod": ({"start": start} if start else {}) | {"end": end}}
    return {"collectedDateTime": start} if start else {}


def _containers(group: SpecimenGroup, mapping: Mapping) -> list[Resource]:
    """The container that SPM tells of, with the first additive; then those of SAC."""
    kind, additives = parts.concept(group.segment, 27, mapping=mapping), group.segment.repetitions(6)
    additive = parts.concept_of(additives[0], mapping=mapping, table="0371") if additives else {}
    first = building.without_empty({"type": kind, "additiveCodeableConcept": additive})
    return ([first] if first else []) + [found for sac in group.containers if (found := _container(sac, mapping))]


def _container(segment: Segment, mapping: Mapping) -> Resource:
    numbers = [Entity.of(value) for value in segment.repetitions(3)]
    return building.without_empty(
        {
            "identifier": [n.identifier(purpose="container", mapping=mapping) for n in numbers if n],
            "capacity": measured_in(segment, 21, 24, mapping=mapping),
            "specimenQuantity": measured_in(segment, 23, 24, mapping=mapping),
        }
    )


def _accessions(group: SpecimenGroup, mapping: Mapping) -> list[Resource]:
    """The laboratory's number of a specimen (SAC-2), where SPM-30 has none."""
    if group.segment.has(30):
        return []
    numbers = (Entity.of(value) for sac in group.containers for value in sac.repetitions(2))
    return [number.identifier(purpose="accession", mapping=mapping, type_code="ACSN") for number in numbers if number]


def _parents(segment: Segment, mapping: Mapping) -> list[Resource]:
    found = []
    for value in segment.repetitions(3):
        for component, purpose, type_code in ((1, "placer-specimen", "PGN"), (2, "filler-specimen", "FGN")):
            if number := Entity.of(value, component):
                identifier = number.identifier(purpose=purpose, mapping=mapping, type_code=type_code)
                found.append({"type": "Specimen", "identifier": identifier})
                break
    return found


def _sub_concept(value: Repetition | None, component: int, mapping: Mapping) -> Resource:
    """A CE that is a component of an SPS."""
    if value is None:
        return {}
    code, display, named = (value.text(component, part) for part in (1, 2, 3))
    if not code:
        return {"text": display} if display else {}
    return building.concept([building.coding(parts.system_of(named, mapping=mapping), code, display)])


def _words(concept: Resource) -> str:
    """What a person reads of a concept."""
    coding: Resource = next(iter(concept.get("coding", [])), {})
    return str(concept.get("text") or coding.get("display") or coding.get("code") or "")
