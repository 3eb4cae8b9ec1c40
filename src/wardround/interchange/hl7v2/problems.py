"""Problems (PPR PC1 to PC3): PRB as a Condition of the problem list. HL7 publishes no table for PRB."""

from collections.abc import Iterator

from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment
from wardround.interchange.hl7v2.notes import annotations
from wardround.interchange.hl7v2.numbers import Entity
from wardround.interchange.hl7v2.people import Held

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = {"system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "problem-list-item"}
_CLINICAL_WORDS = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
_VERIFICATION_WORDS = ("confirmed", "unconfirmed", "provisional", "differential", "refuted")
_OVER = ("inactive", "remission", "resolved")
_DELETED = "DE"


def problems(context: Context) -> Iterator[Resource]:
    """A Condition for each PRB, with the comments that follow it."""
    found: list[tuple[Segment, list[Segment]]] = []
    for segment in context.message.segments:
        if segment.name == "PRB":
            found.append((segment, []))
        elif segment.name == "NTE" and found:
            found[-1][1].append(segment)
    for segment, notes in found:
        yield _problem(segment, notes, context)


def _problem(segment: Segment, notes: list[Segment], context: Context) -> Resource:
    """The words for a problem's state stand in PRB-14, with some senders in PRB-13; what is deleted was an error."""
    held = Held(context.mapping)
    code = parts.code(segment, 3, mapping=context.mapping, what="PRB-3")
    number = Entity.of(segment.first(4))
    name = number.name or ":".join((context.patient_key.value, parts.first_code(code)))
    deleted = segment.text(1) == _DELETED
    ended = context.time(segment, 9)
    clinical = "" if deleted else _word(segment, _CLINICAL_WORDS) or ("resolved" if ended else "")
    verification = "entered-in-error" if deleted else _word(segment, _VERIFICATION_WORDS)
    if deleted:
        _word(segment, ("deleted",))
    result = {
        "resourceType": "Condition",
        "identifier": [context.record_key("problem", name).identifier()],
        "clinicalStatus": _concept(_CLINICAL, clinical),
        "verificationStatus": _concept(_VERIFICATION, verification),
        "category": [{"coding": [dict(_CATEGORY)]}],
        "code": code,
        "subject": context.patient,
        "encounter": context.encounter,
        "onsetDateTime": context.time(segment, 16),
        # con-4: what is over says so.
        "abatementDateTime": ended if clinical in _OVER else None,
        "recordedDate": context.time(segment, 7),
        "note": annotations(notes, held=held, mapping=context.mapping),
    }
    removed = ["clinicalStatus"] if deleted else ["abatement"] if clinical and clinical not in _OVER else []
    return context.amending(held.into(building.without_empty(result)), removed=removed)


def _word(segment: Segment, words: tuple[str, ...]) -> str:
    for number in (14, 13):
        for component in (1, 2):
            if segment.peek(number, component).casefold() in words:
                return segment.text(number, component).casefold()
    return ""


def _concept(system: str, code: str) -> Resource:
    return building.concept([building.coding(system, code)]) if code else {}
