"""Medicines and vaccines of FHIR R5 (5.0.0) as R4 writes them.

Facts: as in r5_to_r4.
"""

from dataclasses import replace

from wardround.interchange.fhir_versions.rules import (
    Place,
    Rule,
    Table,
    Value,
    concept_or_reference,
    kept,
    one_of_many,
    parts,
    refused,
    renamed,
)

REASON = concept_or_reference(concept="reasonCode", reference="reasonReference")
_MEDICATION = concept_or_reference(concept="medicationCodeableConcept", reference="medicationReference", many=False)


_ADHERENCE = {
    "taking": "active",
    "not-taking": "not-taken",
    "on-hold": "on-hold",
    "stopped": "stopped",
    "unknown": "unknown",
}


def _adherence(value: Value, place: Place) -> None:
    codings = value.get("code", {}).get("coding", [])
    code = codings[0].get("code") if len(codings) == 1 else None
    if value.keys() - {"code", "reason"} or code not in _ADHERENCE:
        place.refuse("R4's status has no such adherence")
    place.made["adherence"] = code
    if "reason" in value:
        place.add("statusReason", value["reason"])


def _statement(place: Place) -> None:
    """R5 says apart whether the record stands and whether the medication is taken; R4 says both in status."""
    adherence = place.made.pop("adherence", None)
    status = place.made.get("status")
    place.element = "status"
    if status == "draft":
        place.refuse("R4 has no drafts of statements")
    if status == "recorded":
        place.made["status"] = _ADHERENCE[adherence] if adherence else "unknown"
        place.keep("valueCode", status, beside="status")
    elif adherence:
        place.element = "adherence"
        place.keep("valueCode", adherence)


def _dosage(value: Value, place: Place) -> None:
    needed = {
        "asNeeded": renamed("asNeededBoolean"),
        "asNeededFor": one_of_many("asNeededCodeableConcept"),
        "maxDosePerPeriod": one_of_many(),
    }
    for each in value:
        if isinstance(each, dict) and each.get("asNeeded") is True and each.get("asNeededFor"):
            each = {name: part for name, part in each.items() if name != "asNeeded"}  # noqa: PLW2901 - said by what it is needed for
        parts(needed)([each], place)


def _sources(value: Value, place: Place) -> None:
    if "reportedBoolean" in place.made or not isinstance(value, list) or len(value) != 1:
        place.refuse("R4 takes one source, or a yes or no")
    place.put("reportedReference", value[0])


def _strength(of: str) -> dict[str, Rule]:
    return {
        f"{of}Ratio": renamed(of),
        f"{of}CodeableConcept": refused("R4 takes a ratio"),
        f"{of}Quantity": refused("R4 takes a ratio"),
    }


TABLES: dict[str, Table] = {
    "Medication": Table(
        {
            "doseForm": renamed("form"),
            "marketingAuthorizationHolder": renamed("manufacturer"),
            "ingredient": parts(
                {
                    "item": concept_or_reference(concept="itemCodeableConcept", reference="itemReference", many=False),
                    **_strength("strength"),
                }
            ),
        }
    ),
    "MedicationRequest": Table(
        {
            "medication": _MEDICATION,
            "reason": REASON,
            "reported": renamed("reportedBoolean"),
            "informationSource": _sources,
            "performer": one_of_many(),
            "statusChanged": kept("valueDateTime"),
            "renderedDosageInstruction": kept("valueMarkdown"),
            "effectiveDosePeriod": kept("valuePeriod"),
            "dosageInstruction": _dosage,
            "dispenseRequest": parts({"dispenser": renamed("performer")}, many=False),
        }
    ),
    "MedicationStatement": Table(
        {
            "adherence": _adherence,
            "category": one_of_many(),
            "medication": _MEDICATION,
            "encounter": renamed("context"),
            "informationSource": one_of_many(),
            "reason": REASON,
            "renderedDosageInstruction": kept("valueMarkdown"),
            "dosage": _dosage,
        },
        finish=_statement,
    ),
    "Immunization": Table(
        {
            "reason": REASON,
            "informationSource": concept_or_reference(concept="reportOrigin", many=False),
            "manufacturer": concept_or_reference(reference="manufacturer", many=False),
            "programEligibility": refused("R4 does not say of which programme"),
            "reaction": parts({"manifestation": concept_or_reference(reference="detail", many=False)}),
            "protocolApplied": parts(
                {"doseNumber": renamed("doseNumberString"), "seriesDoses": renamed("seriesDosesString")}
            ),
        }
    ),
    "MedicationAdministration": Table(
        {
            **{f"occurence{kind}": renamed(f"effective{kind}") for kind in ("DateTime", "Period")},
            "category": one_of_many(),
            "medication": _MEDICATION,
            "encounter": renamed("context"),
            "reason": REASON,
            "recorded": kept("valueDateTime"),
            "performer": parts({"actor": concept_or_reference(reference="actor", many=False)}),
            "device": concept_or_reference(reference="device"),
        }
    ),
    "MedicationDispense": Table(
        {
            "category": one_of_many(),
            "medication": _MEDICATION,
            "encounter": renamed("context"),
            "notPerformedReason": concept_or_reference(
                concept="statusReasonCodeableConcept", reference="statusReasonReference", many=False
            ),
            "recorded": kept("valueDateTime"),
            "statusChanged": kept("valueDateTime"),
            "renderedDosageInstruction": kept("valueMarkdown"),
            "dosageInstruction": _dosage,
        }
    ),
}
TABLES["MedicationUsage"] = replace(TABLES["MedicationStatement"], becomes="MedicationStatement")
