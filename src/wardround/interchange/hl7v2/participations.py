"""Who and what took part (PRT), after HL7's tables PRT[PractitionerRole], PRT[Device] and PRT[Observation-Location].

HL7's messages' tables say where it goes: beside an OBX into the Observation, beside an order only those who ordered (OP),
gave (AP) or collected (SC).
"""

from collections.abc import Iterable

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.mapping import Mapping

_EVENT_LOCATION = "http://hl7.org/fhir/StructureDefinition/event-location"


def of_role(segments: Iterable[Segment], role: str, *, held: Held, mapping: Mapping) -> list[Resource]:
    """References to those who took part in this role (PRT-4)."""
    found = (_participant(segment, held, mapping) for segment in segments if segment.peek(4) == role)
    return [one for one in found if one]


def beside_an_observation(observation: Resource, segments: Iterable[Segment], *, held: Held, mapping: Mapping) -> None:
    """Who observed, with which device and where."""
    for segment in segments:
        person = _participant(segment, held, mapping) if segment.has(5) else None
        if person:
            observation["performer"] = [*observation.get("performer", []), person]
        device = _device(segment, held, mapping) if "device" not in observation else None
        if device:
            observation["device"] = device
        if not person and (segment.has(9) or segment.has(14)):
            where = _place(segment, held)
            if where:
                place = {"url": _EVENT_LOCATION, "valueReference": where}
                observation["extension"] = [*observation.get("extension", []), place]


def _participant(segment: Segment, held: Held, mapping: Mapping) -> Resource | None:
    """A person of an organization, with the role, the place and the time."""
    telecom = [one for value in segment.repetitions(15) if (one := demographics.telecom(value, use="work"))]
    addresses = [one for value in segment.repetitions(14) if (one := demographics.address(value))]
    person = held.practitioner(segment.first(5), addresses=addresses) if segment.has(5) else None
    organization = (
        held.organization(segment.first(8), kinds=parts.concepts(segment, 7, mapping=mapping, table="0406"))
        if segment.has(8)
        else None
    )
    if person is None:
        return organization
    period = demographics.period_of(segment, 11, 12, zone=mapping.zone)
    place = held.location(segment.first(9)) if segment.has(9) else None
    more = building.without_empty(
        {
            "code": parts.concepts(segment, 4, mapping=mapping, table="0912"),
            "specialty": parts.concepts(segment, 6, mapping=mapping),
            "location": [place] if place else [],
            "telecom": telecom,
            "period": period,
        }
    )
    return held.role(person=person, organization=organization, more=more)


def _place(segment: Segment, held: Held) -> Resource | None:
    addresses = [one for value in segment.repetitions(14) if (one := demographics.address(value))]
    return held.location(segment.first(9), addresses=addresses)


def _device(segment: Segment, held: Held, mapping: Mapping) -> Resource | None:
    numbers = [entity for value in segment.repetitions(10) if (entity := Entity.of(value))]
    carriers = [entity for value in segment.repetitions(16) if (entity := Entity.of(value))]
    if not numbers and not carriers:
        return None
    donations = [donation for value in segment.repetitions(21) if (donation := value.text(1))]
    kinds = parts.concepts(segment, 22, mapping=mapping)
    device = {
        "identifier": [one.identifier(purpose="device", mapping=mapping) for one in numbers],
        "udiCarrier": [{"deviceIdentifier": one.value} | _issuer(one) for one in carriers],
        "distinctIdentifier": donations[0] if donations else "",
        "manufactureDate": demographics.moment(segment.first(17), 1, zone=mapping.zone),
        "expirationDate": demographics.moment(segment.first(18), 1, zone=mapping.zone),
        "lotNumber": segment.text(19),
        "serialNumber": segment.text(20),
        "type": kinds[0] if kinds else None,
    }
    return held.device(device, display=(numbers or carriers)[0].value)


def _issuer(carrier: Entity) -> Resource:
    """The address of who issues device identifiers, where the message has an OID of it."""
    if carrier.universal and carrier.universal_type == "ISO":
        return {"issuer": f"urn:oid:{carrier.universal}"}
    return {}
