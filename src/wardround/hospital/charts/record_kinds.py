"""The kinds of records in a chart: what each is called, how many there are, and which page of the chart shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from wardround.hospital.charts.opened import in_record_of
from wardround.hospital.records.models import Resource
from wardround.web.layout.fhir_words import title_of_kind

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


def kinds_of(patient_id: str) -> tuple[Kind, ...]:
    """Every kind of which the patient has a record, those first that no other page shows; one question."""
    rows = Resource.objects.filter(in_record_of(patient_id), is_deleted=False)
    counted = rows.order_by().values_list("type").annotate(count=Count("pk"))
    found = [Kind(name, title_of_kind(name), count, SHOWN_AT.get(name, "")) for name, count in counted]
    return tuple(sorted(found, key=lambda kind: (bool(kind.route), kind.title.casefold())))
