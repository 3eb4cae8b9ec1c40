"""Of which FHIR version a resource is: what somebody says of it, its profiles, or elements that exist in that version only."""

import re
from typing import Any

R4, R5, STU3 = "R4", "R5", "STU3"
_BY_NUMBER = {"3.0": STU3, "4.0": R4, "4.3": R4, "5.0": R5}
_IN_PROFILE = re.compile(
    r"http://hl7\.org/fhir/(3\.0|4\.0|5\.0)/|^http://hl7\.org/fhir/StructureDefinition/.*\|(3\.0|4\.0|5\.0)"
)

# Types and elements that R4 does not have under this name, and the one other version does (each version's resource pages).
_TYPES = {"MedicationUsage": R5, "ReferralRequest": STU3, "ProcedureRequest": STU3}
_R5_ELEMENTS = {
    "AllergyIntolerance": ("participant",),
    "CareTeam": ("reason",),
    "CarePlan": ("custodian",),
    "Condition": ("participant",),
    "DiagnosticReport": ("study", "supportingInfo", "note", "composition"),
    "DocumentReference": ("attester", "bodySite", "event", "facilityType", "modality", "period", "practiceSetting", "version"),
    "Encounter": (
        *("actualPeriod", "admission", "careTeam", "dietPreference", "plannedEndDate", "plannedStartDate"),
        *("specialArrangement", "specialCourtesy", "subjectStatus", "virtualService"),
    ),
    "Goal": ("continuous", "outcome", "source"),
    "Immunization": ("administeredProduct", "basedOn", "informationSource", "reason", "supportingInformation"),
    "Location": ("characteristic", "contact", "form", "virtualService"),
    "Medication": ("definition", "doseForm", "marketingAuthorizationHolder", "totalVolume"),
    "MedicationAdministration": ("isSubPotent", "medication", "occurenceDateTime", "occurencePeriod", "recorded"),
    "MedicationDispense": ("medication", "notPerformedReason", "recorded", "statusChanged"),
    "MedicationRequest": ("device", "effectiveDosePeriod", "informationSource", "medication", "reason", "renderedDosageInstruction", "reported", "statusChanged"),
    "MedicationStatement": ("adherence", "encounter", "medication", "reason", "relatedClinicalInformation", "renderedDosageInstruction"),
    "Observation": ("bodyStructure", "instantiatesCanonical", "instantiatesReference", "triggeredBy"),
    "Organization": ("description", "qualification"),
    "PractitionerRole": ("availability", "characteristic", "communication", "contact"),
    "Provenance": ("authorization", "basedOn", "encounter", "patient"),
    "RiskAssessment": ("reason",),
    "Procedure": (
        *("focus", "occurrenceAge", "occurrenceDateTime", "occurrencePeriod", "occurrenceRange", "occurrenceString"),
        *("occurrenceTiming", "reason", "recorded", "reportedBoolean", "reportedReference", "supportingInfo", "used"),
    ),
    "ServiceRequest": ("bodyStructure", "focus", "location", "reason"),
}  # fmt: skip
_STU3_ELEMENTS = {
    "AllergyIntolerance": ("assertedDate",),
    "Binary": ("content",),
    "CareTeam": ("context",),
    "Condition": ("abatementBoolean", "assertedDate", "context"),
    "DiagnosticReport": ("codedDiagnosis", "context", "image"),
    "DocumentReference": ("class", "created", "indexed"),
    "Encounter": ("incomingReferral",),
    "Immunization": ("date", "explanation", "notGiven", "practitioner", "vaccinationProtocol"),
    "Medication": ("isBrand", "isOverTheCounter", "package"),
    "MedicationAdministration": ("notGiven", "prescription", "reasonNotGiven"),
    "MedicationRequest": ("context", "definition"),
    "MedicationStatement": ("reasonNotTaken", "taken"),
    "Observation": ("comment", "context", "related"),
    "Patient": ("animal",),
    "Procedure": ("context", "definition", "notDone", "notDoneReason"),
    "RiskAssessment": ("comment", "context", "reasonCodeableConcept"),
}
_MARKS = {
    type_name: {name: version for version, table in ((R5, _R5_ELEMENTS), (STU3, _STU3_ELEMENTS)) for name in table.get(type_name, ())}
    for type_name in _R5_ELEMENTS | _STU3_ELEMENTS
}  # fmt: skip
# Elements that R4 has, too, but not in this form: how the value is written, and in which version.
_FORMS: dict[str, dict[str, tuple[type, str]]] = {
    "AllergyIntolerance": {"clinicalStatus": (str, STU3), "type": (dict, R5)},
    "Condition": {"clinicalStatus": (str, STU3)},
    "Composition": {"identifier": (list, R5), "subject": (list, R5)},
    "DiagnosticReport": {"category": (dict, STU3)},
    "Encounter": {"appointment": (dict, STU3), "class": (list, R5), "serviceType": (list, R5)},
    "Flag": {"category": (dict, STU3)},
    "List": {"subject": (list, R5)},
    "Location": {"type": (dict, STU3)},
    "MedicationRequest": {"category": (dict, STU3), "performer": (list, R5)},
    "MedicationStatement": {"category": (list, R5)},
    "Observation": {"interpretation": (dict, STU3)},
    "Procedure": {"category": (list, R5)},
    "QuestionnaireResponse": {"identifier": (list, R5)},
    "RelatedPerson": {"relationship": (dict, STU3)},
}


def said_version(text: Any) -> str:
    """R4, R5 or STU3 for "4.0.1", "5.0.0", "R5", "STU3"; "" for what is none of these."""
    if not isinstance(text, str):
        return ""
    name = text.strip().upper()
    return "STU3" if name == "R3" else name if name in (R4, R5, STU3) else _BY_NUMBER.get(text.strip()[:3], "")


def version_of(resource: dict[str, Any]) -> str:
    """R5 or STU3 where the resource shows it, else R4. A Bundle is of the version that the first of its entries shows."""
    type_name = resource.get("resourceType")
    if type_name == "Bundle":
        entries = resource.get("entry")
        inner = (
            [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        )
        found = (version_of(each) for each in inner if isinstance(each, dict) and each.get("resourceType") != "Bundle")
        return next((version for version in found if version != R4), R4)
    if not isinstance(type_name, str):
        return R4
    return _by_profile(resource.get("meta")) or _TYPES.get(type_name) or _by_elements(resource, type_name)


def _by_profile(meta: Any) -> str:
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for profile in profiles if isinstance(profiles, list) else ():
        if isinstance(profile, str) and (match := _IN_PROFILE.search(profile)):
            return _BY_NUMBER[match[1] or match[2]]
    return ""


def _by_elements(resource: dict[str, Any], type_name: str) -> str:
    marks = _MARKS.get(type_name, {})
    for name in resource.keys() & marks.keys():
        return marks[name]
    for name, (form, version) in _FORMS.get(type_name, {}).items():
        if isinstance(resource.get(name), form):
            return version
    return _by_parts(resource, type_name)


def _by_parts(resource: dict[str, Any], type_name: str) -> str:
    """What only the parts of an element show."""
    if type_name == "Encounter" and "reason" in resource:
        return R5 if _any_has(resource["reason"], "value", "use") else STU3
    if type_name == "ServiceRequest":
        return R5 if _any_has([resource.get("code")], "concept", "reference") else R4
    return R5 if type_name == "Practitioner" and _any_has(resource.get("communication"), "language") else R4


def _any_has(items: Any, *names: str) -> bool:
    return isinstance(items, list) and any(isinstance(item, dict) and item.keys() & set(names) for item in items)
