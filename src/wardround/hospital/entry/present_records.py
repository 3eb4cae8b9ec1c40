"""What stands in a chart already, for a form that points out what is there: the present records of some types, and who wrote them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from wardround.hospital.records.access import Patient
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import ResourceVersion
from wardround.interchange.fhir.json import loads


@dataclass(frozen=True)
class PresentRecord:
    """One record as it is now; `recorded` and `by` are of its first version."""

    row: int
    type: str
    id: str
    version: int
    body: dict[str, Any]
    recorded: datetime
    by: str


def present_records(patient: Patient, *, types: Iterable[str]) -> list[PresentRecord]:
    """The patient's present records of these types, the oldest first; two questions."""
    present = ResourceVersion.objects.filter(
        resource__patient_id=patient.id,
        resource__type__in=list(types),
        resource__is_deleted=False,
        number=F("resource__version"),
    ).exclude(body=b"")
    versions = list(present.select_related("resource__data_key").order_by("resource"))
    firsts = ResourceVersion.objects.filter(resource__in=[v.resource_id for v in versions], number=1)
    written = {pk: (at, who) for pk, at, who in firsts.values_list("resource", "recorded", "provenance__agent_name")}
    texts = open_bodies(versions)
    return [
        PresentRecord(
            v.resource_id, v.resource.type, v.resource.logical_id, v.number, loads(texts[v.resource_id]),
            *written.get(v.resource_id, (v.recorded, "")),
        )
        for v in versions
    ]  # fmt: skip
