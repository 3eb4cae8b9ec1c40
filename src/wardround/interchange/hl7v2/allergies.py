"""Allergies: AL1 and IAM as AllergyIntolerance, after HL7's tables and the concept maps AllergenType and AllergySeverity."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import demographics, parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.people import Held

_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_ORIGINAL = "http://hl7.org/fhir/StructureDefinition/alternate-codes"
_CATEGORY = {"DA": "medication", "FA": "food", "AA": "biologic", **dict.fromkeys(("EA", "PA", "LA"), "environment")}
_SEVERITY = {"SV": "severe", "MO": "moderate", "MI": "mild"}
_CRITICALITY = {"SV": "high", "MI": "low"}


def allergies(context: Context) -> Iterator[Resource]:
    """An AllergyIntolerance for each AL1 and each IAM."""
    last: Segment | None = None
    notes: dict[int, list[Segment]] = {}
    for segment in context.message.segments:
        if segment.name == "NTE" and last is not None:
            notes.setdefault(id(last), []).append(segment)
        elif segment.name != "IAR":
            last = segment if segment.name == "IAM" else None
    for segment in context.every("AL1"):
        noticed = demographics.moment(segment.first(6), 1, zone=context.mapping.zone)
        yield _allergy(context, segment, {"onsetDateTime": noticed})
    for segment in context.every("IAM"):
        held = Held(context.mapping)
        more = _of_iam(context, segment)
        more["note"] = annotations(notes.get(id(segment), []), held=held, mapping=context.mapping)
        yield held.into(_allergy(context, segment, more))


def _allergy(context: Context, segment: Segment, more: Resource) -> Resource:
    code = parts.code(segment, 3, mapping=context.mapping, what=f"{segment.name}-3")
    number = more.pop("number", None)
    name = number["value"] if number else ":".join((segment.peek(2), parts.first_code(code)))
    content = {
        "identifier": [
            context.record_key("allergy", context.patient_key.value, name).identifier(),
            *([number] if number else []),
        ],
        "clinicalStatus": building.concept([building.coding(_CLINICAL, "active")]),
        **_kind(segment),
        **_severity(context, segment),
        "code": code,
        "patient": context.patient,
        **more,
    }
    return {"resourceType": "AllergyIntolerance"} | {
        name: part for name, part in content.items() if part not in (None, "", [], {})
    }


def _kind(segment: Segment) -> Resource:
    """The category of an allergen type; one that FHIR has no category for stays unread."""
    kind = segment.peek(2)
    if kind not in _CATEGORY:
        return {"type": "allergy"} if kind == "MA" and segment.text(2) else {}
    segment.text(2)
    return {"type": "allergy", "category": [_CATEGORY[kind]]}


def _severity(context: Context, segment: Segment) -> Resource:
    """The severity of the reaction, where one is named; else how critical the allergy is."""
    manifestations = [
        concept
        for concept in (
            parts.concept_of(value, mapping=context.mapping) if segment.name == "IAM" else {"text": value.whole()}
            for value in segment.repetitions(5)
        )
        if concept.get("text") or concept.get("coding")
    ]
    severity = segment.peek(4)
    if manifestations:
        graded = {"severity": _SEVERITY[severity]} if severity in _SEVERITY and segment.text(4) else {}
        return {"reaction": [{"manifestation": manifestations} | graded]}
    original = parts.concept(segment, 4, mapping=context.mapping, table="0128")
    if original is None:
        return {}
    kept = {"extension": [{"url": _ORIGINAL, "valueCodeableConcept": original}]}
    known = {"criticality": _CRITICALITY[severity]} if severity in _CRITICALITY else {}
    return {**known, "_criticality": kept}


def _of_iam(context: Context, segment: Segment) -> Resource:
    mapping = context.mapping
    number = Entity.of(segment.first(7)) if segment.has(7) else None
    is_deleted = segment.peek(6) == "D"
    onset = context.time(segment, 11)
    reporter = segment.first(14)
    more: Resource = {
        "number": number.identifier(purpose="allergy", mapping=mapping, secondary=True) if number else None,
        "onsetDateTime": onset,
        "onsetString": None if onset else segment.text(12),
        "recordedDate": context.time(segment, 13),
        "asserter": _reporter(context, segment, demographics.plain_name(reporter)) if segment.has(14) else None,
    }
    if is_deleted:
        segment.text(6)
        more |= {
            "clinicalStatus": None,
            "verificationStatus": building.concept([building.coding(_VERIFICATION, "entered-in-error")]),
        }
    return more


def _reporter(context: Context, segment: Segment, name: str) -> Resource | None:
    if segment.peek(15) == "SEL":
        segment.text(15)
        return context.patient | {"display": name}
    return {"display": name} if name else None
