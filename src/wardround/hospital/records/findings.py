"""Reading the findings on records: what waits for a decision, and what is only remarked on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from wardround.hospital.records.access import Patient, patients_of, require
from wardround.hospital.records.models import Decision, ResourceFinding


@dataclass(frozen=True)
class FoundOnRecord:
    """One finding on one record (`id` is what the actions in records/actions/record_decisions.py take)."""

    id: int
    patient_id: str
    resource: str  # "Encounter/abc"
    version: int
    path: str
    kind: str
    sentence: str
    is_held: bool
    suggestion: Mapping[str, str]  # what elements were probably meant to say, by path
    beside: str  # the other resource that it is about: "Observation/xyz"; empty when there is none
    decision: str
    decided_by: str
    decided: datetime | None
    decision_reason: str


def findings_of(patient: Patient) -> list[FoundOnRecord]:
    """The present findings on the records of one chart, those that hold a record first."""
    rows = _present().filter(patient_id=patient.id).order_by("-is_held", "id")
    return [_found(row) for row in rows.select_related("resource", "beside")]


def resource_findings(somebody: object, *, kind: str = "") -> list[FoundOnRecord]:
    """The present findings of this hospital that hold a record, oldest first. Raises `NotAllowed`."""
    actor = require(somebody, "quality")
    rows = _present().filter(patients_of(actor), is_held=True)
    if kind:
        rows = rows.filter(kind=kind)
    return [_found(row) for row in rows.order_by("id").select_related("resource", "beside")]


def findings_by_id(ids: Iterable[int]) -> list[FoundOnRecord]:
    """Those of these findings that hold a record now. Ask after the role."""
    rows = _present().filter(pk__in=list(ids), is_held=True)
    return [_found(row) for row in rows.select_related("resource", "beside")]


def counts_by_kind(somebody: object, *, is_held: bool) -> dict[str, int]:
    """How many present findings of each kind hold a record, or only remark on one; confirmed ones are left out."""
    require(somebody, "quality")
    rows = _present().filter(is_held=is_held).exclude(decision=Decision.CONFIRMED)
    return dict(rows.values_list("kind").annotate(many=Count("id")).order_by("-many", "kind"))


def decided_by_kind(somebody: object) -> dict[str, int]:
    """How many findings on records were decided in which way."""
    require(somebody, "quality")
    rows = ResourceFinding.objects.exclude(decision="")
    return dict(rows.values_list("decision").annotate(many=Count("id")).order_by("-many", "decision"))


def _present() -> QuerySet[ResourceFinding]:
    return ResourceFinding.objects.filter(is_current=True, resource__is_deleted=False)


def _found(row: ResourceFinding) -> FoundOnRecord:
    return FoundOnRecord(
        id=row.pk,
        patient_id=row.patient_id,
        resource=str(row.resource),
        version=row.version,
        path=row.path,
        kind=row.kind,
        sentence=row.sentence,
        is_held=row.is_held,
        suggestion=dict(row.suggestion),
        beside=str(row.beside) if row.beside is not None else "",
        decision=row.decision,
        decided_by=row.decided_by,
        decided=row.decided,
        decision_reason=row.decision_reason,
    )
