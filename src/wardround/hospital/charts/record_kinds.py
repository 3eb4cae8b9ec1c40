"""The kinds of records in a chart: what each is called, how many there are, and which page of the chart shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from wardround.hospital.charts.opened import in_record_of
from wardround.hospital.records.models import Resource

# What is called by its FHIR name has no name of its own here: it is rare, and a name made up would not be understood better.
TITLES: Mapping[str, Promise] = {
    "Account": gettext_lazy("Accounts"),
    "AllergyIntolerance": gettext_lazy("Allergies"),
    "Appointment": gettext_lazy("Appointments"),
    "AppointmentResponse": gettext_lazy("Answers to appointments"),
    "AuditEvent": gettext_lazy("Audit events of another system"),
    "BodyStructure": gettext_lazy("Body structures"),
    "CarePlan": gettext_lazy("Care plans"),
    "CareTeam": gettext_lazy("Care teams of the record"),
    "Claim": gettext_lazy("Claims"),
    "ClaimResponse": gettext_lazy("Answers to claims"),
    "ClinicalImpression": gettext_lazy("Clinical impressions"),
    "Communication": gettext_lazy("Messages"),
    "Composition": gettext_lazy("Documents with sections"),
    "Condition": gettext_lazy("Problems"),
    "Consent": gettext_lazy("Consents"),
    "Contract": gettext_lazy("Contracts"),
    "Coverage": gettext_lazy("Insurance"),
    "DetectedIssue": gettext_lazy("Detected issues"),
    "Device": gettext_lazy("Devices and implants"),
    "DeviceRequest": gettext_lazy("Device orders"),
    "DeviceUseStatement": gettext_lazy("Use of devices"),
    "DiagnosticReport": gettext_lazy("Reports"),
    "DocumentReference": gettext_lazy("Documents and notes"),
    "Encounter": gettext_lazy("Stays and visits"),
    "EpisodeOfCare": gettext_lazy("Episodes of care"),
    "ExplanationOfBenefit": gettext_lazy("Explanations of benefit"),
    "FamilyMemberHistory": gettext_lazy("Family history"),
    "Flag": gettext_lazy("Flags"),
    "Goal": gettext_lazy("Goals"),
    "Group": gettext_lazy("Groups"),
    "ImagingStudy": gettext_lazy("Imaging"),
    "Immunization": gettext_lazy("Immunisations"),
    "ImmunizationRecommendation": gettext_lazy("Recommended immunisations"),
    "List": gettext_lazy("Lists"),
    "Media": gettext_lazy("Pictures and recordings"),
    "MedicationAdministration": gettext_lazy("Doses given"),
    "MedicationDispense": gettext_lazy("Medicines handed out"),
    "MedicationRequest": gettext_lazy("Prescriptions"),
    "MedicationStatement": gettext_lazy("Medicines as stated"),
    "NutritionOrder": gettext_lazy("Nutrition orders"),
    "Observation": gettext_lazy("Observations"),
    "Patient": gettext_lazy("The patient"),
    "Person": gettext_lazy("Persons"),
    "Procedure": gettext_lazy("Procedures"),
    "Provenance": gettext_lazy("Provenance"),
    "QuestionnaireResponse": gettext_lazy("Answered questionnaires"),
    "RelatedPerson": gettext_lazy("Relatives and contacts"),
    "RequestGroup": gettext_lazy("Groups of orders"),
    "RiskAssessment": gettext_lazy("Risk assessments"),
    "ServiceRequest": gettext_lazy("Orders and referrals"),
    "Specimen": gettext_lazy("Specimens"),
    "SupplyDelivery": gettext_lazy("Supplies delivered"),
    "SupplyRequest": gettext_lazy("Supplies ordered"),
    "Task": gettext_lazy("Tasks"),
    "VisionPrescription": gettext_lazy("Prescriptions for glasses"),
}
# The page of the chart, by its route, that shows a kind.
SHOWN_AT: Mapping[str, str] = {
    "AllergyIntolerance": "chart-allergies",
    "ClinicalImpression": "chart-notes",
    "Composition": "chart-documents",
    "Condition": "chart-problems",
    "DiagnosticReport": "chart-documents",
    "DocumentReference": "chart-documents",
    "Encounter": "chart-encounters",
    "FamilyMemberHistory": "chart-problems",
    "Immunization": "chart-immunizations",
    "Media": "chart-documents",
    "MedicationAdministration": "chart-medicines",
    "MedicationDispense": "chart-medicines",
    "MedicationRequest": "chart-medicines",
    "MedicationStatement": "chart-medicines",
    "Observation": "chart-laboratory",
    "Patient": "chart",
    "Procedure": "chart-procedures",
}
# What care is paid with: it has its own lists, and does not stand between a plan of care and an order.
OF_PAYMENT = frozenset(
    {
        "Account",
        "ChargeItem",
        "Claim",
        "ClaimResponse",
        "CoverageEligibilityRequest",
        "CoverageEligibilityResponse",
        "EnrollmentRequest",
        "EnrollmentResponse",
        "ExplanationOfBenefit",
        "Invoice",
        "PaymentNotice",
        "PaymentReconciliation",
    }
)


@dataclass(frozen=True)
class Kind:
    """One kind of record in a chart."""

    type: str
    title: str
    count: int
    route: str  # of the page that shows them; empty where only this list does


def title_of_kind(type_name: str) -> str:
    return str(TITLES.get(type_name, type_name))


def kinds_of(patient_id: str) -> tuple[Kind, ...]:
    """Every kind of which the patient has a record, those first that no other page shows; one question."""
    rows = Resource.objects.filter(in_record_of(patient_id), is_deleted=False)
    counted = rows.order_by().values_list("type").annotate(count=Count("pk"))
    found = [Kind(name, title_of_kind(name), count, SHOWN_AT.get(name, "")) for name, count in counted]
    return tuple(sorted(found, key=lambda kind: (bool(kind.route), kind.title.casefold())))
