"""Whose life a record is judged against: the patients' birth, death and sex, as they are stored or on their way."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F

from wardround.clinical.records import Person
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.interchange.fhir.chart_records import life_of
from wardround.interchange.fhir.json import loads


class Lives:
    """The patients of one writing: each is read once, and known anew when it is written."""

    def __init__(self) -> None:
        self._persons: dict[str, Person] = {}
        self._rows: dict[str, int] = {}  # the Resource row of each Patient

    def know(self, patient: Mapping[str, Any], *, row: Resource) -> None:
        """This is how the patient is from now on."""
        self._persons[row.logical_id] = life_of(patient)
        self._rows[row.logical_id] = row.pk

    def look_up(self, patient_ids: Iterable[str]) -> None:
        """Read those who are not known yet; one query."""
        unknown = set(patient_ids) - self._persons.keys() - {""}
        if not unknown:
            return
        versions = ResourceVersion.objects.filter(
            resource__type="Patient", resource__logical_id__in=unknown, number=F("resource__version")
        ).exclude(body=b"")
        found = list(versions.select_related("resource__data_key"))
        bodies = open_bodies(found)
        for version in found:
            self.know(loads(bodies[version.resource_id]), row=version.resource)

    def of(self, patient_id: str) -> Person:
        return self._persons.get(patient_id, _UNKNOWN)

    def row_of(self, patient_id: str) -> int | None:
        return self._rows.get(patient_id)


_UNKNOWN = Person()


def changed_lives(patients: Mapping[int, tuple[Resource, Mapping[str, Any]]]) -> list[str]:
    """Which of these Patients, just written anew, have another birth, death or sex than in the version before."""
    before = ResourceVersion.objects.filter(
        resource__in=patients, number__in={row.version - 1 for row, _body in patients.values()}
    ).select_related("resource__data_key")
    versions = [v for v in before if v.number == patients[v.resource_id][0].version - 1 and v.body]
    bodies = open_bodies(versions)
    return [
        row.logical_id
        for pk, (row, body) in patients.items()
        if pk not in bodies or life_of(loads(bodies[pk])) != life_of(body)
    ]
