"""One row of an OMOP event table as a FHIR resource (column meanings: the CDM 5.4 specification)."""

import base64
from collections.abc import Callable
from typing import Any

from wardround.clinical.catalogue import OMOP
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.fhir.json import Number
from wardround.interchange.fhir.values import UCUM
from wardround.interchange.omop.rows import NO_CONCEPT, Row, Words, person_key
from wardround.interchange.texts import number_of

_EQUAL = "4172703"  # the CDM: the same as no operator
_COMPARATORS = ("<", "<=", ">", ">=")


def resource_of(table: str, row: Row, *, person: int, words: Words) -> Resource:
    """The resource of a row of one of the event tables. Raises Unreadable with a part of a sentence."""
    row.asked.update(("person_id", f"{table}_id"))
    key = Key(words.mapping.record_system, f"{table}:{row.whole_number(f'{table}_id')}")
    subject = person_key(person, mapping=words.mapping).reference("Patient")
    return _READERS[table](table, row, key, subject, words)


def _visit_occurrence(_table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    return _encounter(row, key, subject, words, prefix="visit")


def _visit_detail(_table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    """A part of a visit: an Encounter inside that of the visit."""
    found = _encounter(row, key, subject, words, prefix="visit_detail")
    whole = _visit(row, words)
    return found | ({"partOf": whole} if whole else {})


def _encounter(row: Row, key: Key, subject: Resource, words: Words, *, prefix: str) -> Resource:
    codings = words.codings(row.text(f"{prefix}_concept_id"))
    end = words.time(row, f"{prefix}_end")
    found = building.encounter(
        key,
        subject=subject,
        status="finished" if end else "unknown",
        class_coding=codings[0] if codings else building.UNKNOWN_CLASS,
        start=words.time(row, f"{prefix}_start"),
        end=end,
    )
    # The class has one coding; what else is known of the kind stands beside it.
    kind = building.concept(codings[1:], text=row.text(f"{prefix}_source_value"))
    own = words.codings(row.text(f"{prefix}_source_concept_id"))
    if own:
        kind = building.concept([*kind.get("coding", ()), *own], text=kind.get("text", ""))
    return found | ({"type": [kind]} if kind else {})


def _procedure(_table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    start, end = words.time(row, "procedure"), words.time(row, "procedure_end")
    code = words.code(row, "procedure")
    found = building.procedure(key, code=code, subject=subject, performed=start, encounter=_visit(row, words))
    if end and start:
        del found["performedDateTime"]
        found["performedPeriod"] = {"start": start, "end": end}
    return found


def _condition(_table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    onset, end = words.time(row, "condition_start"), words.time(row, "condition_end")
    code = words.code(row, "condition")
    found = building.condition(key, code=code, subject=subject, onset=onset, encounter=_visit(row, words))
    if end:
        status = building.coding("http://terminology.hl7.org/CodeSystem/condition-clinical", "resolved")
        found |= {"clinicalStatus": building.concept([status]), "abatementDateTime": end}
    return found


def _observed(table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    time = words.time(row, table)
    clock = row.text("measurement_time") if table == "measurement" else ""
    if clock and time and len(time) == len("2026-01-02"):
        timed = Row({f"{table}_date": 0}, [f"{time} {clock}"])
        time = words.time(timed, table)
    found = building.observation(
        key,
        code=words.code(row, table),
        subject=subject,
        value=_value(row, words),
        time=time,
        encounter=_visit(row, words),
    )
    return found | _range(row)


def _drug(_table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    """An exposure to a drug, however it came about: a MedicationStatement."""
    start, end = words.time(row, "drug_exposure_start"), words.time(row, "drug_exposure_end")
    stated = row.text("verbatim_end_date")
    dosage = _kept(
        {
            "text": row.text("sig"),
            "route": words.concept(row, "route", source=False),
        }
    )
    reason = row.text("stop_reason")
    return _resource(
        "MedicationStatement",
        key,
        status="completed" if end or stated else "unknown",
        statusReason=[{"text": reason}] if reason else [],
        medicationCodeableConcept=words.code(row, "drug"),
        subject=subject,
        context=_visit(row, words),
        effectivePeriod=_kept({"start": start, "end": end}),
        dosage=[dosage] if dosage else [],
    )


def _device(_table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    """The use of a device, which lies inside."""
    number = row.text("unique_device_id")
    device = _kept(
        {
            "resourceType": "Device",
            "id": "device",
            "udiCarrier": [{"deviceIdentifier": number}] if number else [],
            "lotNumber": row.text("production_id"),
            "type": words.code(row, "device"),
        }
    )
    start, end = words.time(row, "device_exposure_start"), words.time(row, "device_exposure_end")
    return _resource(
        "DeviceUseStatement",
        key,
        contained=[device],
        status="completed" if end else "active",
        subject=subject,
        timingPeriod=_kept({"start": start, "end": end}),
        device={"reference": "#device"},
    )


def _specimen(_table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    many, unit = row.text("quantity"), row.text("unit_source_value")
    digits = number_of(many, decimal="point") if many else None
    quantity = _quantity(row, digits, unit, words)["valueQuantity"] if digits is not None else None
    site = words.concept(row, "anatomic_site", source=False)
    number = row.text("specimen_source_id")
    own = [{"system": words.mapping.system, "value": number}] if number else []
    found = _resource(
        "Specimen",
        key,
        type=building.concept(words.codings(row.text("specimen_concept_id")), text=row.text("specimen_source_value")),
        subject=subject,
        collection=_kept({"collectedDateTime": words.time(row, "specimen"), "quantity": quantity, "bodySite": site}),
    )
    return found | {"identifier": [*found["identifier"], *own]}


def _note(_table: str, row: Row, key: Key, subject: Resource, words: Words) -> Resource:
    written = words.time(row, "note")
    encounter = _visit(row, words)
    attachment = _kept(
        {
            "contentType": "text/plain; charset=utf-8",
            "data": base64.b64encode(row.text("note_text").encode()).decode(),
            "title": row.text("note_title"),
            "creation": written,
        }
    )
    codings = words.codings(row.text("note_class_concept_id"))
    context = _kept({"encounter": [encounter] if encounter else [], "period": _kept({"start": written})})
    return _resource(
        "DocumentReference",
        key,
        status="current",
        type=building.concept(codings, text=row.text("note_source_value")),
        subject=subject,
        content=[{"attachment": attachment}],
        context=context,
    )


_READERS: dict[str, Callable[[str, Row, Key, Resource, Words], Resource]] = {
    "visit_occurrence": _visit_occurrence,
    "visit_detail": _visit_detail,
    "measurement": _observed,
    "observation": _observed,
    "procedure_occurrence": _procedure,
    "condition_occurrence": _condition,
    "drug_exposure": _drug,
    "device_exposure": _device,
    "specimen": _specimen,
    "note": _note,
}
EVENTS = tuple(_READERS)


def _resource(kind: str, key: Key, **elements: Any) -> Resource:
    return {"resourceType": kind} | _kept({"identifier": [key.identifier()], **elements})


def _kept(elements: dict[str, Any]) -> dict[str, Any]:
    """Without the elements that are empty."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}


def _visit(row: Row, words: Words) -> Resource | None:
    if not row.text("visit_occurrence_id"):
        return None
    number = row.whole_number("visit_occurrence_id")
    return Key(words.mapping.record_system, f"visit_occurrence:{number}").reference("Encounter")


def _value(row: Row, words: Words) -> Resource:
    number, concept = row.text("value_as_number"), row.text("value_as_concept_id")
    as_string, source = row.text("value_as_string"), row.text("value_source_value")
    text = as_string or source
    unit = row.text("unit_source_value")
    operator = row.text("operator_concept_id")
    comparator = ""
    if operator not in (*NO_CONCEPT, _EQUAL):
        # Less or more than the number: the vocabulary says which, or the source's words ("< 5") do.
        comparator = words.vocabulary.name(operator)
        if comparator not in _COMPARATORS:
            if not text:
                raise Unreadable("it is a limit (operator_concept_id) without a value_source_value that says which")
            return building.text_value(text, unit)
    if number:
        digits = number_of(number, decimal="point")
        if digits is None:
            raise Unreadable("its value_as_number is not a number with a decimal point")
        found = _quantity(row, digits, unit, words)
        return {"valueQuantity": {"comparator": comparator} | found["valueQuantity"]} if comparator else found
    if concept not in NO_CONCEPT:
        return {"valueCodeableConcept": building.concept(words.codings(concept), text=text)}
    if text:
        written = number_of(text, decimal=words.mapping.decimal)
        is_number = written is not None and unit
        return (
            _quantity(row, written, unit, words)
            if is_number and written is not None
            else building.text_value(text, unit)
        )
    raise Unreadable("it has no value")


def _quantity(row: Row, digits: Number, unit: str, words: Words) -> Resource:
    concept = row.text("unit_concept_id")
    ucum = words.vocabulary.ucum(concept)
    coded = building.coding(OMOP, concept) if concept not in NO_CONCEPT else None
    if ucum is not None:
        coded = building.coding(UCUM, ucum)
    return building.quantity(digits, unit or ucum, unit_coding=coded)


def _range(row: Row) -> Resource:
    """The source's range of reference, in the unit of the value."""
    unit = row.text("unit_source_value")
    found: Resource = {}
    for end in ("low", "high"):
        digits = number_of(row.text(f"range_{end}"), decimal="point")
        if digits is not None:
            found[end] = {"value": digits} | ({"unit": unit} if unit else {})
    return {"referenceRange": [found]} if found else {}
