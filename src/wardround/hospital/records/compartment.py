"""Everything that is kept about one patient: their chart, what names them from outside it, and who took part in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from wardround.hospital.records.access import Patient
from wardround.hospital.records.addressed import Addressed
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import DateIndex, ReferenceIndex, Resource, ResourceVersion
from wardround.hospital.records.whose_chart import OF_SEVERAL, PATIENT
from wardround.interchange.fhir.search_parameters import compartment_parameters
from wardround.web.audit.trail import record_one

_SHARED = ("Device", "Location", "Medication", "Organization", "Practitioner", "PractitionerRole")
# By which search parameter a type says when care was given. What is not here has no date of care and always stays.
CARE_DATES = {
    "CarePlan": ("date",),
    "Condition": ("onset-date", "recorded-date"),
    "DiagnosticReport": ("date",),
    "DocumentReference": ("date", "period"),
    "Encounter": ("date",),
    "Immunization": ("date",),
    "MedicationAdministration": ("effective-time",),
    "MedicationDispense": ("whenhandedover",),
    "MedicationRequest": ("authoredon",),
    "MedicationStatement": ("effective",),
    "Observation": ("date",),
    "Procedure": ("date",),
    "QuestionnaireResponse": ("authored",),
    "RiskAssessment": ("date",),
    "ServiceRequest": ("authored", "occurrence"),
}


@dataclass(frozen=True)
class Wanted:
    """Which part of a compartment is asked for; None means no limit."""

    types: frozenset[str]
    since: datetime | None = None  # changed at or after this instant
    start: datetime | None = None  # care given at or after this instant
    end: datetime | None = None  # care given before this instant


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: behind this row, and not beyond the rows that were there at the first page."""

    after: int = 0
    limit: int = 0


@dataclass(frozen=True)
class Page:
    hits: tuple[Addressed, ...]
    total: int
    following: Cursor | None


def compartment_page(patient: Patient, *, wanted: Wanted, count: int, cursor: Cursor | None = None) -> Page:
    """One page of what is kept about the patient, the Patient resource first. The read is in the audit trail.

    A resource in another patient's chart that merely names this one stays there.
    """
    everything = _rows(patient.id, wanted=wanted)
    first = [pk for pk in everything if pk < 0]
    rest = sorted(pk for pk in everything if pk > 0)
    limit = cursor.limit if cursor else max(rest, default=0)
    rest = [pk for pk in rest if pk <= limit]
    total = len(first) + len(rest)
    waiting = [pk for pk in rest if pk > cursor.after] if cursor else [*first, *rest]
    shown, left = waiting[:count], waiting[count:]
    hits = _opened(abs(pk) for pk in shown)
    record_one(patient.actor, "patient.everything", patient_id=patient.id, detail={"shown": len(hits), "total": total})
    return Page(hits=hits, total=total, following=Cursor(after=max(shown[-1], 0), limit=limit) if left else None)


def chart_of(patient: Patient, *, types: frozenset[str]) -> tuple[Addressed, ...]:
    """The present resources of these types in the patient's own chart, in the order of their arrival."""
    rows = Resource.objects.filter(patient_id=patient.id, type__in=types, is_deleted=False).order_by("pk")
    hits = _opened(rows.values_list("pk", flat=True))
    record_one(patient.actor, "patient.chart", patient_id=patient.id, detail={"shown": len(hits)})
    return hits


def named_outside(addresses: Iterable[str], *, types: frozenset[str]) -> tuple[Addressed, ...]:
    """The present resources at these addresses ("Practitioner/p1") that lie in nobody's chart, of the types wanted."""
    by_type: dict[str, set[str]] = {}
    for address in addresses:
        type_name, _slash, logical_id = address.partition("/")
        if type_name in types.intersection(_SHARED):
            by_type.setdefault(type_name, set()).add(logical_id)
    condition = Q(pk__in=())
    for type_name, ids in by_type.items():
        condition |= Q(type=type_name, logical_id__in=ids)
    rows = Resource.objects.filter(condition, patient_id="", is_deleted=False).order_by("pk")
    return _opened(rows.values_list("pk", flat=True))


def _rows(patient_id: str, *, wanted: Wanted) -> list[int]:
    """Row numbers; that of the Patient resource itself is negative."""
    chart = Resource.objects.filter(patient_id=patient_id, is_deleted=False)
    own = chart.filter(_by_care_date(wanted))
    if wanted.since is not None:
        own = own.filter(last_updated__gte=wanted.since)
    rows = dict(own.filter(type__in=wanted.types).values_list("pk", "type"))
    outside = Resource.objects.filter(_naming(patient_id) | _taking_part(patient_id, types=wanted.types))
    outside = outside.filter(patient_id="", is_deleted=False, type__in=wanted.types)
    if wanted.since is not None:
        outside = outside.filter(last_updated__gte=wanted.since)
    rows.update(outside.values_list("pk", "type"))
    return [-pk if type_name == PATIENT else pk for pk, type_name in rows.items()]


def _naming(patient_id: str) -> Q:
    condition = Q(pk__in=())
    for type_name in OF_SEVERAL:
        rows = ReferenceIndex.objects.filter(
            type=type_name,
            parameter__in=compartment_parameters(type_name),
            target_type=PATIENT,
            target_id=patient_id,
        )
        condition |= Q(pk__in=rows.values("resource"))
    return condition


def _taking_part(patient_id: str, *, types: frozenset[str]) -> Q:
    condition = Q(pk__in=())
    rows = ReferenceIndex.objects.filter(resource__patient_id=patient_id, resource__is_deleted=False)
    for type_name in types.intersection(_SHARED):
        targets = rows.filter(target_type=type_name).values("target_id")
        condition |= Q(type=type_name, logical_id__in=targets)
    return condition


def _by_care_date(wanted: Wanted) -> Q:
    if wanted.start is None and wanted.end is None:
        return Q()
    condition = ~Q(type__in=CARE_DATES)
    for type_name, parameters in CARE_DATES.items():
        dated = DateIndex.objects.filter(type=type_name, parameter__in=parameters)
        within = dated
        if wanted.start is not None:
            within = within.filter(high__gt=wanted.start)
        if wanted.end is not None:
            within = within.filter(low__lt=wanted.end)
        undated = ~Q(pk__in=dated.values("resource"))
        condition |= Q(type=type_name) & (Q(pk__in=within.values("resource")) | undated)
    return condition


def _opened(pks: Iterable[int]) -> tuple[Addressed, ...]:
    order = list(pks)
    # In slices: a database takes only so many parameters in one question.
    slices = (order[at : at + 500] for at in range(0, len(order), 500))
    versions = {
        version.resource_id: version
        for part in slices
        for version in ResourceVersion.objects.filter(
            resource__in=part, number=F("resource__version"), resource__is_deleted=False
        ).select_related("resource__data_key")
    }
    texts = open_bodies(versions.values())
    return tuple(Addressed(versions[pk], texts[pk]) for pk in order if pk in versions)
