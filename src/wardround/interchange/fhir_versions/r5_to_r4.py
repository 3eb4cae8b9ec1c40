"""FHIR R5 (5.0.0) to R4: what stands elsewhere or differently, type by type.

Facts: the R5 resource pages with their "R4 to R5" differences, and HL7's conversion maps R5 to R4 (FHIR Extensions Pack, CC0).
"""

from wardround.interchange.fhir.building import UNKNOWN_CLASS
from wardround.interchange.fhir_versions.r5_medications import REASON
from wardround.interchange.fhir_versions.r5_medications import TABLES as MEDICATION_TABLES
from wardround.interchange.fhir_versions.rules import (
    SAME,
    Place,
    Table,
    Value,
    codes,
    concept_or_reference,
    inside,
    kept,
    one_of_many,
    parts,
    refused,
    renamed,
)

_LAST_PART = {"author": "recorder", "enterer": "recorder", "informant": "asserter", "verifier": "asserter"}
_SIMPLE_STATUS = {"completed": "finished", "on-hold": "onleave", "discharged": "finished", "discontinued": "cancelled"}


def _participants(value: Value, place: Place) -> None:
    """Who recorded and who asserted it, by the function that R5 gives them."""
    for each in value if isinstance(value, list) else [value]:
        codings = each.get("function", {}).get("coding", []) if isinstance(each, dict) else []
        if (
            not isinstance(each, dict)
            or each.keys() - {"function", "actor"}
            or len(codings) != 1
            or "actor" not in each
        ):
            place.refuse("R4 takes a recorder and an asserter")
        function = codings[0].get("code")
        if function not in _LAST_PART or codings[0].keys() - {"system", "code", "display"}:
            place.refuse("R4 takes a recorder and an asserter, and this is neither")
        to = _LAST_PART[function]
        place.put(to, each["actor"])
        if function in ("enterer", "verifier"):
            place.keep("valueCode", function)


def _class(value: Value, place: Place) -> None:
    codings = (
        value[0].get("coding") if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) else None
    )
    if not isinstance(codings, list) or len(codings) != 1 or value[0].keys() != {"coding"}:
        place.refuse("R4 takes one class, as one coding without a text")
    place.put("class", codings[0])


def _encounter_class(place: Place) -> None:
    place.made.setdefault("class", dict(UNKNOWN_CLASS))


def _diagnosis(value: Value, place: Place) -> None:
    for each in value:
        uses = each.get("use", [])
        if each.keys() - {"condition", "use", "id", "extension"} or len(uses) > 1:
            place.refuse("R4 takes one condition with one use")
        for condition in each.get("condition", []):
            if not isinstance(condition, dict) or condition.keys() != {"reference"}:
                place.refuse("R4 takes a reference to the condition, and no concept")
            rest = {name: part for name, part in each.items() if name in ("id", "extension")}
            place.add("diagnosis", rest | {"condition": condition["reference"]} | ({"use": uses[0]} if uses else {}))
        if not each.get("condition"):
            place.refuse("R4 needs the condition")


def _reasons_with_use(value: Value, place: Place) -> None:
    """Reasons one by one; what a reason is used as is kept beside it."""
    for each in value:
        if not isinstance(each, dict) or each.keys() - {"value", "use"} or not each.get("value"):
            place.refuse("R4 takes a reason, with nothing but its use")
        inner = Place(place.type, "reason.use", place.version, {})
        for use in each.get("use", []):
            inner.keep("valueCodeableConcept", use)
        for reason in each["value"]:
            REASON({part: content | inner.made for part, content in reason.items()}, place)


def _evidence(value: Value, place: Place) -> None:
    for item in value:
        if not isinstance(item, dict) or not item or item.keys() - {"concept", "reference"}:
            place.refuse()
        made = {"code": [item["concept"]]} if "concept" in item else {}
        place.add("evidence", made | ({"detail": [item["reference"]]} if "reference" in item else {}))


def _one_code(value: Value, place: Place) -> None:
    codings = value.get("coding") if isinstance(value, dict) else None
    if (
        not isinstance(codings, list)
        or len(codings) != 1
        or value.keys() != {"coding"}
        or codings[0].keys() - {"system", "code", "display"}
    ):
        place.refuse("R4 takes one code of the standard's own list")
    place.put(place.element, codings[0].get("code"))


def _contact(value: Value, place: Place) -> None:
    """An ExtendedContactDetail as R4's contact of an organisation."""
    parts({"name": one_of_many(), "organization": refused(), "period": refused()})(value, place)


def _only_telecom(value: Value, place: Place) -> None:
    for each in value:
        if not isinstance(each, dict) or each.keys() != {"telecom"}:
            place.refuse("R4 takes telephone numbers and addresses of mail there")
        place.add("telecom", *each["telecom"])


def _spoken(value: Value, place: Place) -> None:
    for each in value:
        if not isinstance(each, dict) or each.keys() != {"language"}:
            place.refuse("R4 takes the language alone")
        place.add("communication", each["language"])


def _context(value: Value, place: Place) -> None:
    outer = place.made.setdefault("context", {})
    outer["encounter"] = value


def _events(value: Value, place: Place) -> None:
    for item in value:
        if not isinstance(item, dict) or item.keys() != {"concept"}:
            place.refuse("R4 takes a code of the event, and no reference")
        place.made.setdefault("context", {}).setdefault("event", []).append(item["concept"])


def _format(value: Value, place: Place) -> None:
    if not isinstance(value, list) or len(value) != 1 or value[0].keys() != {"valueCoding"}:
        place.refuse("R4 takes one format as a coding")
    place.put("format", value[0]["valueCoding"])


def _instructions(value: Value, place: Place) -> None:
    if not isinstance(value, list) or len(value) != 1 or value[0].keys() != {"instructionMarkdown"}:
        place.refuse("R4 takes one instruction as text")
    place.put("patientInstruction", value[0]["instructionMarkdown"])


_HOSPITALIZATION = ("dietPreference", "specialArrangement", "specialCourtesy")
_ADMISSION = ("preAdmissionIdentifier", "origin", "admitSource", "reAdmission", "destination", "dischargeDisposition")


def _admission(value: Value, place: Place) -> None:
    for name, part in value.items():
        if name not in (*_ADMISSION, "id", "extension"):
            place.refuse(f"R4 has no {name} there")
        inside("hospitalization", name)(part, place)


_OCCURRENCE = {
    f"occurrence{kind}": renamed(f"performed{kind}") for kind in ("DateTime", "Period", "String", "Age", "Range")
}

TABLES: dict[str, Table] = MEDICATION_TABLES | {
    "Patient": SAME,
    "RelatedPerson": SAME,
    "Observation": SAME,
    "Practitioner": Table(
        {"communication": _spoken, "deceasedBoolean": kept("valueBoolean"), "deceasedDateTime": kept("valueDateTime")}
    ),
    "PractitionerRole": Table({"contact": _only_telecom}),
    "Organization": Table({"contact": _contact, "description": kept("valueMarkdown")}),
    "Location": Table({"contact": _only_telecom, "form": renamed("physicalType")}),
    "Encounter": Table(
        {
            "status": codes(_SIMPLE_STATUS, loses=("discharged", "discontinued")),
            "class": _class,
            "serviceType": concept_or_reference(concept="serviceType", many=False),
            "actualPeriod": renamed("period"),
            "plannedStartDate": kept("valueDateTime"),
            "plannedEndDate": kept("valueDateTime"),
            "participant": parts({"actor": renamed("individual")}),
            "reason": _reasons_with_use,
            "diagnosis": _diagnosis,
            **{name: inside("hospitalization", name) for name in _HOSPITALIZATION},
            "admission": _admission,
            "location": parts({"form": renamed("physicalType")}),
        },
        finish=_encounter_class,
    ),
    "Condition": Table({"participant": _participants, "evidence": _evidence}),
    "AllergyIntolerance": Table(
        {
            "type": _one_code,
            "participant": _participants,
            "reaction": parts({"manifestation": concept_or_reference(concept="manifestation")}),
        }
    ),
    "Procedure": Table(
        {
            **_OCCURRENCE,
            "category": one_of_many(),
            "recorded": kept("valueDateTime"),
            "reportedBoolean": kept("valueBoolean"),
            "reportedReference": kept("valueReference"),
            "focus": kept("valueReference"),
            "supportingInfo": kept("valueReference"),
            "reason": REASON,
            "used": concept_or_reference(concept="usedCode", reference="usedReference"),
            "complication": concept_or_reference(concept="complication", reference="complicationDetail"),
        }
    ),
    "DiagnosticReport": Table({"study": renamed("imagingStudy"), "note": kept("valueAnnotation")}),
    "DocumentReference": Table(
        {
            "context": _context,
            "event": _events,
            **{name: inside("context", name) for name in ("facilityType", "practiceSetting", "period")},
            "content": parts({"profile": _format}),
            "relatesTo": parts({"code": _one_code}),
        }
    ),
    "Binary": SAME,
    "Basic": SAME,
    "Flag": SAME,
    "Specimen": SAME,
    "CareTeam": Table({"reason": REASON}),
    "Goal": Table(
        {
            "continuous": kept("valueBoolean"),
            "outcome": concept_or_reference(concept="outcomeCode", reference="outcomeReference"),
            "source": renamed("expressedBy"),
        }
    ),
    "CarePlan": Table({"addresses": concept_or_reference(reference="addresses"), "custodian": kept("valueReference")}),
    "EpisodeOfCare": Table({"diagnosis": refused("R4 takes references to conditions with one role")}),
    "FamilyMemberHistory": Table({"reason": REASON}),
    "Communication": Table({"reason": REASON}),
    "RiskAssessment": Table({"reason": REASON}),
    "List": Table({"subject": one_of_many()}),
    "QuestionnaireResponse": Table({"identifier": one_of_many()}),
    "Composition": Table(
        {
            "identifier": one_of_many(),
            "subject": one_of_many(),
            "note": kept("valueAnnotation"),
            "attester": parts({"mode": _one_code}),
        }
    ),
    "Provenance": Table({"patient": kept("valueReference"), "encounter": kept("valueReference")}),
    "ServiceRequest": Table(
        {
            "code": concept_or_reference(concept="code", many=False),
            "reason": REASON,
            "location": concept_or_reference(concept="locationCode", reference="locationReference"),
            "supportingInfo": concept_or_reference(reference="supportingInfo"),
            "orderDetail": refused("R4 takes codes there"),
            "patientInstruction": _instructions,
        }
    ),
}
