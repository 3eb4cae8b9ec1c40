"""What FHIR's types of records and their elements are called on pages; its own names are for machines."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wardround.web.layout.dates import when_text

# What is called by its FHIR name has no name of its own here: it is rare, and a name made up would not be understood better.
TITLES: Mapping[str, Promise] = {
    "Account": _("Accounts"),
    "AllergyIntolerance": _("Allergies"),
    "Appointment": _("Appointments"),
    "AppointmentResponse": _("Answers to appointments"),
    "AuditEvent": _("Audit events of another system"),
    "BodyStructure": _("Body structures"),
    "CarePlan": _("Care plans"),
    "CareTeam": _("Care teams of the record"),
    "Claim": _("Claims"),
    "ClaimResponse": _("Answers to claims"),
    "ClinicalImpression": _("Clinical impressions"),
    "Communication": _("Messages"),
    "Composition": _("Documents with sections"),
    "Condition": _("Problems"),
    "Consent": _("Consents"),
    "Contract": _("Contracts"),
    "Coverage": _("Insurance"),
    "DetectedIssue": _("Detected issues"),
    "Device": _("Devices and implants"),
    "DeviceRequest": _("Device orders"),
    "DeviceUseStatement": _("Use of devices"),
    "DiagnosticReport": _("Reports"),
    "DocumentReference": _("Documents and notes"),
    "Encounter": _("Stays and visits"),
    "EpisodeOfCare": _("Episodes of care"),
    "ExplanationOfBenefit": _("Explanations of benefit"),
    "FamilyMemberHistory": _("Family history"),
    "Flag": _("Flags"),
    "Goal": _("Goals"),
    "Group": _("Groups"),
    "ImagingStudy": _("Imaging"),
    "Immunization": _("Immunisations"),
    "ImmunizationRecommendation": _("Recommended immunisations"),
    "List": _("Lists"),
    "Media": _("Pictures and recordings"),
    "MedicationAdministration": _("Doses given"),
    "MedicationDispense": _("Medicines handed out"),
    "MedicationRequest": _("Prescriptions"),
    "MedicationStatement": _("Medicines as stated"),
    "NutritionOrder": _("Nutrition orders"),
    "Observation": _("Observations"),
    "Patient": _("The patient"),
    "Person": _("Persons"),
    "Procedure": _("Procedures"),
    "Provenance": _("Provenance"),
    "QuestionnaireResponse": _("Answered questionnaires"),
    "RelatedPerson": _("Relatives and contacts"),
    "RequestGroup": _("Groups of orders"),
    "RiskAssessment": _("Risk assessments"),
    "ServiceRequest": _("Orders and referrals"),
    "Specimen": _("Specimens"),
    "SupplyDelivery": _("Supplies delivered"),
    "SupplyRequest": _("Supplies ordered"),
    "Task": _("Tasks"),
    "VisionPrescription": _("Prescriptions for glasses"),
}
_ELEMENTS: Mapping[str, Promise] = {
    "abatement": pgettext_lazy("element", "end"),
    "abatementDateTime": pgettext_lazy("element", "end"),
    "address": pgettext_lazy("element", "address"),
    "authored": pgettext_lazy("element", "date of writing"),
    "authoredOn": pgettext_lazy("element", "date of writing"),
    "birthDate": pgettext_lazy("element", "birth date"),
    "class": pgettext_lazy("element", "kind of stay"),
    "clinicalStatus": pgettext_lazy("element", "clinical status"),
    "code": pgettext_lazy("element", "code"),
    "date": pgettext_lazy("element", "date"),
    "dateAsserted": pgettext_lazy("element", "date of recording"),
    "deceasedDateTime": pgettext_lazy("element", "time of death"),
    "effective": pgettext_lazy("element", "time"),
    "effectiveDateTime": pgettext_lazy("element", "time"),
    "effectiveInstant": pgettext_lazy("element", "time"),
    "end": pgettext_lazy("element", "end"),
    "gender": pgettext_lazy("element", "sex"),
    "issued": pgettext_lazy("element", "time of issue"),
    "lastOccurrence": pgettext_lazy("element", "last reaction"),
    "name": pgettext_lazy("element", "name"),
    "occurrence": pgettext_lazy("element", "time"),
    "occurrenceDateTime": pgettext_lazy("element", "time"),
    "onset": pgettext_lazy("element", "onset"),
    "onsetDateTime": pgettext_lazy("element", "onset"),
    "performed": pgettext_lazy("element", "time"),
    "performedDateTime": pgettext_lazy("element", "time"),
    "period": pgettext_lazy("element", "time"),
    "recorded": pgettext_lazy("element", "date of recording"),
    "recordedDate": pgettext_lazy("element", "date of recording"),
    "start": pgettext_lazy("element", "start"),
    "started": pgettext_lazy("element", "start"),
    "status": pgettext_lazy("element", "status"),
    "subject": pgettext_lazy("element", "patient"),
    "telecom": pgettext_lazy("element", "telephone or e-mail"),
    "verificationStatus": pgettext_lazy("element", "certainty"),
    "whenHandedOver": pgettext_lazy("element", "time of handing out"),
    "whenPrepared": pgettext_lazy("element", "time of preparation"),
}
_PERIODS = frozenset({"abatementPeriod", "effectivePeriod", "onsetPeriod", "performedPeriod", "period"})
_PARTS: Mapping[str, Promise] = {
    "classHistory": pgettext_lazy("element", "earlier kind of stay"),
    "component": pgettext_lazy("element", "part"),
    "location": pgettext_lazy("element", "ward"),
    "participant": pgettext_lazy("element", "person taking part"),
    "statusHistory": pgettext_lazy("element", "earlier status"),
}
_PATH = re.compile(r"(?:([A-Z][A-Za-z]+)\.)?([a-z]\w*(?:\[\d+\])?(?:\.[a-z]\w*(?:\[\d+\])?)*)")
_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def title_of_kind(type_name: str) -> str:
    return str(TITLES.get(type_name, type_name))


def element_words(path: str) -> str:
    """ "Condition.onsetDateTime" -> onset; "Encounter.location[1].period.start" -> ward 2: start. What has no words stays."""
    found = _PATH.fullmatch(path.replace("[x]", ""))  # a choice of types: value[x]
    steps = [_STEP.fullmatch(step) for step in found[2].split(".")] if found else []
    words: list[str] = []
    for number, step in enumerate(steps):
        name, at = step.groups() if step else ("", None)
        is_last = number == len(steps) - 1
        if is_last and (name in _ELEMENTS or name.startswith("value")):
            words.append(str(_ELEMENTS[name]) if name in _ELEMENTS else str(pgettext_lazy("element", "value")))
        elif at is not None and name in _PARTS:
            words.append(f"{_PARTS[name]} {int(at) + 1}")
        elif name not in _PERIODS or is_last:
            return path
    return ": ".join(words) or path


def path_words(path: str) -> str:
    """ "Patient.birthDate" -> The patient: birth date; "Encounter" -> Stays and visits. What has no words stays."""
    type_name, dot, _rest = path.partition(".")
    if dot:
        element = element_words(path)
        return f"{TITLES[type_name]}: {element}" if type_name in TITLES and element != path else path
    type_name, colon, rest = path.partition(": ")  # "Condition: before birth"
    return f"{TITLES[type_name]}{colon}{rest}" if type_name in TITLES else path


def texts_in_words(texts: Mapping[str, str]) -> str:
    """What elements are meant to say: "onset 14-Mar-2019, end 02-May-2019"; of one alone only the text."""
    if len(texts) == 1:
        return next(when_text(text) or text for text in texts.values())
    return ", ".join(f"{element_words(path)} {when_text(text) or text}" for path, text in texts.items())
