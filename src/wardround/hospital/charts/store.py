"""Everything that is stored of one patient, in three queries: versions with their bodies, standard values, findings on records."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wardround.hospital.records.access import Patient
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import ResourceFinding, ResourceVersion, StandardValue
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.values import Observed, observed_values


@dataclass(frozen=True)
class StoredVersion:
    """One version of one resource of the patient, opened."""

    row: ResourceVersion
    text: bytes  # empty for the version that says "deleted"

    @property
    def type(self) -> str:
        return str(self.row.resource.type)

    @property
    def is_present(self) -> bool:
        """Is this what the chart shows now?"""
        return self.row.number == self.row.resource.version and not self.row.resource.is_deleted

    @cached_property
    def body(self) -> dict[str, Any]:
        return loads(self.text) if self.text else {}

    @cached_property
    def observed(self) -> dict[str, Observed]:
        """The values as received, by path."""
        return {observed.path: observed for observed in observed_values(self.body)}


@dataclass(frozen=True)
class PatientStore:
    """What is stored of one patient."""

    versions: tuple[StoredVersion, ...]  # newest first
    values: tuple[StandardValue, ...]  # of all versions, in order of time
    findings: tuple[ResourceFinding, ...] = ()  # on whole records as they are now

    @cached_property
    def present(self) -> dict[tuple[str, str], StoredVersion]:
        """The present versions, by type and id."""
        return {(v.type, v.row.resource.logical_id): v for v in self.versions if v.is_present}

    def version_of(self, value: StandardValue) -> StoredVersion:
        """The version that stated this value."""
        return self._by_number[(value.resource.pk, value.version)]

    def earlier_than(self, value: StandardValue) -> list[StandardValue]:
        """What the same place of the same resource stated in earlier versions, oldest first."""
        rows = self._by_place[(value.resource.pk, value.path)]
        return sorted((row for row in rows if row.version < value.version), key=lambda row: row.version)

    def stated_by(self, version: StoredVersion) -> list[StandardValue]:
        """The standard values of one version."""
        return [row for row in self.values if (row.resource.pk, row.version) == _number(version)]

    def found_on(self, version: StoredVersion) -> list[ResourceFinding]:
        """What is odd about the present version of a record; of an earlier one nothing is said any more."""
        return (
            [row for row in self.findings if row.resource_id == version.row.resource_id] if version.is_present else []
        )

    @cached_property
    def _by_number(self) -> dict[tuple[int, int], StoredVersion]:
        return {_number(version): version for version in self.versions}

    @cached_property
    def _by_place(self) -> dict[tuple[int, str], list[StandardValue]]:
        places: dict[tuple[int, str], list[StandardValue]] = defaultdict(list)
        for row in self.values:
            places[(row.resource.pk, row.path)].append(row)
        return places


def read_store(patient: Patient) -> PatientStore:
    """Read and decrypt the whole chart. The door was passed, and the audit has it, when `patient` was made."""
    keyring = Keyring()
    versions = (
        ResourceVersion.objects.filter(resource__patient_id=patient.id)
        .select_related("resource__data_key", "provenance")
        .order_by("-recorded", "-id")
    )
    values = (
        StandardValue.objects.filter(patient_id=patient.id).select_related("resource").order_by("time", "version", "id")
    )
    findings = ResourceFinding.objects.filter(
        patient_id=patient.id, is_current=True, resource__is_deleted=False
    ).select_related("resource")
    return PatientStore(
        versions=tuple(
            StoredVersion(row=row, text=open_body(row, keyring=keyring) if row.body else b"") for row in versions
        ),
        values=tuple(values),
        findings=tuple(findings.order_by("-is_held", "id")),
    )


def _number(version: StoredVersion) -> tuple[int, int]:
    return version.row.resource.pk, version.row.number
