"""Vaccinations (VXU V04): RXA with its order, route and observations as an Immunization.

After HL7's tables RXA[Immunization], RXR[Immunization], ORC[Immunization], VXU_V04 and the concept map CompletionStatus
(HL7 v2-to-FHIR, Apache-2.0). What the observations say of funding, eligibility and education is part of the Immunization,
by the LOINC codes that the sample messages use (CDC's implementation guide).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import demographics, order_control, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.order_groups import Observed, Order, grouped
from wardround.interchange.hl7v2.orders import observed_beside, observed_of_the_patient
from wardround.interchange.hl7v2.participations import of_role
from wardround.interchange.hl7v2.people import Held
from wardround.interchange.hl7v2.timing import UCUM, quantity
from wardround.interchange.mapping import Mapping

_FUNCTION = "http://terminology.hl7.org/CodeSystem/v2-0443"
_COMPLETION = "http://terminology.hl7.org/CodeSystem/v2-0322"
# Table 0322. Partially administered is done, with less than the full effect.
_STATUS = {"": "completed", "CP": "completed", "PA": "completed", "RE": "not-done", "NA": "not-done"}
_UNKNOWN_AMOUNT = "999"  # HL7 v2.9, 4A.4.7.6
_NO_NUMBER = ("9999", "999")  # what CDC's guide has senders write where an event has no number of its own
_NEW_RECORD = "00"
_SOURCES = "NIP001"
_ELIGIBILITY, _FUNDING = "64994-7", "30963-3"
_DOCUMENT, _PUBLISHED, _PRESENTED = "69764-9", "29768-9", "29769-7"
_VACCINE_OF_DOCUMENT = "30956-7"
_NAMES_OF_DOCUMENTS = (_DOCUMENT, _VACCINE_OF_DOCUMENT)
PART_OF_IT = (_ELIGIBILITY, _FUNDING, _DOCUMENT, _PUBLISHED, _PRESENTED, _VACCINE_OF_DOCUMENT)


def vaccinations(context: Context) -> Iterator[Resource]:
    """An Immunization for each RXA, with what is observed of the patient and of the vaccination beside it."""
    yield from observed_of_the_patient(context)
    for order in grouped(context.message.segments):
        key = vaccination_key(order, context=context)
        made = immunization(order, key=key, context=context)
        told = told_by_it(order.observed)
        beside = [one for one in order.observed if one not in told]
        given = key.reference("Immunization")
        # What was refused, or given in part, and is corrected now has no reason for it any more.
        reasons = ("statusReason", "isSubpotent", "subpotentReason")
        yield context.amending(made, removed=[name for name in reasons if name not in made])
        for observation in observed_beside(beside, context, record=key.value, otherwise=order_time(order)):
            observation["partOf"] = [given]
            yield observation


def order_time(order: Order) -> str:
    """When it was given: the time of what was observed of it where OBX-14 is silent."""
    return order.detail.text(3) if order.detail is not None else ""


def vaccination_key(order: Order, *, context: Context) -> Key:
    """The number of the event at its source, else the patient, the vaccine and the day."""
    number = _own(order.filler) or _own(order.placer)
    given = order.detail
    if number or given is None:
        return Key(context.mapping.record_system, f"vaccination:{number.name}")
    name = ":".join((context.patient_key.value, given.text(5) or given.text(5, 2), given.text(3)))
    return Key(context.mapping.record_system, f"vaccination:{name}")


def immunization(order: Order, *, key: Key, context: Context) -> Resource:
    """One RXA. Raises Unreadable where it names no vaccine or no time."""
    given, control, mapping = order.detail, order.control, context.mapping
    if given is None or given.name != "RXA":
        raise Unreadable("an order of the message has no RXA, which says what was given")
    held = Held(mapping)
    occurred = parts.time(given.text(3), zone=mapping.zone, field="RXA-3")
    if occurred is None:
        raise Unreadable("RXA-3 is empty; it would be the time at which the vaccine was given")
    expires = parts.time(given.text(16), zone=mapping.zone, field="RXA-16")
    routes = order.pharmacy[0].routes if order.pharmacy else []
    said = _Said.by(order.observed, mapping=mapping)
    result = {
        "resourceType": "Immunization",
        **order_control.security(control, mapping=mapping),
        "identifier": _identifiers(order, key, mapping),
        **_status(given, mapping),
        "vaccineCode": parts.code(given, 5, mapping=mapping, what="the vaccine (RXA-5)"),
        "patient": context.patient,
        "encounter": context.encounter,
        "occurrenceDateTime": occurred,
        "recorded": _recorded(given, control, mapping),
        **_origin(given, mapping),
        "location": _location(given, held),
        "manufacturer": _manufacturer(given, held),
        "lotNumber": given.text(15),
        "expirationDate": expires[:10] if expires else None,
        "site": parts.concept(routes[0], 2, mapping=mapping, table="0550") if routes else None,
        "route": parts.concept(routes[0], 1, mapping=mapping, table="0162") if routes else None,
        "doseQuantity": _dose(given),
        "performer": _performers(order, held, mapping),
        "note": [*_remarks(given), *annotations(_notes(order), held=held, mapping=mapping)],
        "reasonCode": [one for value in given.repetitions(19) if (one := parts.concept_of(value, mapping=mapping))],
        "education": said.education,
        "programEligibility": said.eligibility,
        "fundingSource": said.funding,
    }
    return held.into(building.without_empty(result))


def told_by_it(observed: Iterable[Observed]) -> list[Observed]:
    """The observations that the Immunization itself tells; the others are observations beside it.

    A date of education without a document is one of those others: FHIR's education names a document (imm-1).
    """
    fitting = [one for one in observed if one.segment.text(3) in PART_OF_IT and _is_well_typed(one.segment)]
    documents = {one.segment.text(4) for one in fitting if one.segment.text(3) in _NAMES_OF_DOCUMENTS}
    dated = (_PUBLISHED, _PRESENTED)
    return [one for one in fitting if one.segment.text(3) not in dated or one.segment.text(4) in documents]


def _own(number: Entity) -> Entity:
    return Entity("") if number.value in _NO_NUMBER else number


def _identifiers(order: Order, key: Key, mapping: Mapping) -> list[Resource]:
    """The key, the number it is made of, and those that other vaccinations may have too (one order, one group)."""
    found, is_told = [key.identifier()], False
    for number, purpose, type_code in ((_own(order.filler), "filler", "FILL"), (_own(order.placer), "placer", "PLAC")):
        if number:
            found.append(number.identifier(purpose=purpose, mapping=mapping, type_code=type_code, secondary=is_told))
            is_told = True
    group = Entity.of(order.control.first(4), 1) if order.control is not None and order.control.has(4) else Entity("")
    if group:
        found.append(group.identifier(purpose="group", mapping=mapping, type_code="PGN", secondary=True))
    return found


def _status(given: Segment, mapping: Mapping) -> Resource:
    """RXA-21 D takes the record back; else by RXA-20, whose reason (RXA-18) is kept."""
    completion = given.text(20)
    if completion not in _STATUS:
        raise Unreadable("RXA-20 is not in HL7's table 0322; it would be CP, RE, NA, PA or empty")
    taken_back = given.text(21) == "D"
    status = "entered-in-error" if taken_back else _STATUS[completion]
    result: Resource = {"status": status}
    reasons = [one for value in given.repetitions(18) if (one := parts.concept_of(value, mapping=mapping))]
    as_received = building.concept([building.coding(_COMPLETION, completion)])
    if reasons:
        codings = [coding for one in reasons for coding in one.get("coding", [])]
        text = "; ".join(one["text"] for one in reasons if "text" in one)
        result["statusReason"] = building.concept(codings, text=text)
    elif _STATUS[completion] == "not-done":
        result["statusReason"] = as_received  # refused and not given are one status in FHIR
    if completion == "PA" and not taken_back:
        result |= {"isSubpotent": True, "subpotentReason": [as_received]}
    return result


def _recorded(given: Segment, control: Segment | None, mapping: Mapping) -> str | None:
    """RXA-22 of a record that is added, else the time of the event (ORC-9)."""
    entered = parts.time(given.text(22), zone=mapping.zone, field="RXA-22") if given.text(21) == "A" else None
    if entered or control is None:
        return entered
    return parts.time(control.text(9), zone=mapping.zone, field="ORC-9")


def _origin(given: Segment, mapping: Mapping) -> Resource:
    """RXA-9 by CDC's table NIP001: a new record is the primary source, any other says where the report comes from."""
    for value in given.repetitions(9):
        if value.text(3) == _SOURCES:
            if value.text(1) == _NEW_RECORD:
                return {"primarySource": True}
            return {"primarySource": False, "reportOrigin": parts.concept_of(value, mapping=mapping)}
    return {}


def _remarks(given: Segment) -> Iterator[Resource]:
    """RXA-9 where it is a remark and no code of a source."""
    for value in given.repetitions(9):
        text = value.text(9) or value.text(2) or value.text(1)
        if text and value.text(3) != _SOURCES:
            yield {"text": text}


def _location(given: Segment, held: Held) -> Resource | None:
    """RXA-27 with its address (RXA-28); before v2.8 it was RXA-11."""
    places, addresses = given.repetitions(27), [demographics.address(value) for value in given.repetitions(28)]
    if not places:
        places, addresses = given.repetitions(11), []
    return held.location(places[0], addresses=[one for one in addresses if one]) if places else None


def _manufacturer(given: Segment, held: Held) -> Resource | None:
    found = given.repetitions(17)
    return held.organization_of_code(found[0]) if found else None


def _dose(given: Segment) -> Resource:
    if given.text(6) == _UNKNOWN_AMOUNT:
        return {}
    code, written = given.text(7), given.text(7, 2)
    dose = quantity(given.text(6), written or code)
    if dose and code and given.text(7, 3) == "UCUM":
        dose |= {"unit": code, "system": UCUM, "code": code}
    return dose


def _performers(order: Order, held: Held, mapping: Mapping) -> list[Resource]:
    """Who gave it (RXA-10, PRT) and who ordered it (ORC-12, PRT)."""
    given, control = order.detail, order.control
    named = [("AP", given.repetitions(10) if given is not None else [])]
    named.append(("OP", control.repetitions(12) if control is not None else []))
    found: list[Resource] = []
    for function, people in named:
        actors = [held.practitioner(value) for value in people]
        actors += of_role(order.participations, function, held=held, mapping=mapping)
        concept = building.concept([building.coding(_FUNCTION, function)])
        found += [{"function": concept, "actor": actor} for actor in actors if actor]
    return found


def _notes(order: Order) -> Iterable[Segment]:
    return [*order.notes, *(note for part in order.pharmacy for note in part.notes)]


@dataclass(frozen=True)
class _Said:
    """What the observations say of the vaccination itself."""

    eligibility: list[Resource]
    funding: Resource
    education: list[Resource]

    @classmethod
    def by(cls, observed: Iterable[Observed], *, mapping: Mapping) -> "_Said":
        eligibility: list[Resource] = []
        funding: Resource = {}
        education: dict[str, Resource] = {}  # by OBX-4, which says what belongs to one document
        for segment in (one.segment for one in told_by_it(observed)):
            code, values = segment.text(3), segment.repetitions(5)
            if code == _ELIGIBILITY:
                eligibility += [parts.concept_of(value, mapping=mapping) for value in values]
            elif code == _FUNDING:
                funding = funding or parts.concept_of(values[0], mapping=mapping)
            elif code in _NAMES_OF_DOCUMENTS:
                told = education.setdefault(segment.text(4), {})
                told.setdefault("documentType", values[0].text(2) or values[0].text(1))
            else:
                name = "publicationDate" if code == _PUBLISHED else "presentationDate"
                time = parts.time(values[0].text(1), zone=mapping.zone, field="OBX-5")
                education.setdefault(segment.text(4), {})[name] = time
        return cls(eligibility, funding, list(education.values()))


def _is_well_typed(segment: Segment) -> bool:
    """Does OBX-2 fit what the code asks for? Some senders put one code over another's value."""
    values = segment.repetitions(5)
    if not values or not values[0].peek(1):
        return False
    is_date = segment.text(2) in ("DT", "TS", "DTM")
    return is_date if segment.text(3) in (_PUBLISHED, _PRESENTED) else not is_date
