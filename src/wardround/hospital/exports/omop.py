"""The records as tables of the OMOP CDM 5.4: read once, type by type, by one who may export, and audited."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils import timezone

from wardround.clinical.catalogue import Coding
from wardround.hospital.exports.queries import types_here
from wardround.hospital.merges.queries import survivors_of
from wardround.hospital.records.access import require
from wardround.hospital.records.addressed import Addressed
from wardround.hospital.records.models import Resource, StandardValue
from wardround.hospital.records.sweep import Swept, sweep
from wardround.interchange.fhir.json import loads
from wardround.interchange.omop_out import About, Meaning, OmopWriter
from wardround.interchange.omop_out.events import Event
from wardround.web.audit.trail import record_one
from wardround.web.home import Home

_WRITTEN = (
    *("Observation", "Condition", "Procedure"),
    *("MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement", "Immunization"),
)
_NO_TABLE = "no table of the CDM is written from it"
_NO_PERSON = "its patient is not in the tables"


@dataclass(frozen=True)
class OmopExport:
    """How many rows each table has, and what was left out: (resource type, reason) -> how many."""

    rows: dict[str, int]
    left_out: dict[tuple[str, str], int]


def export_omop(somebody: object, folder: Path, *, home: Home, version: str) -> OmopExport:
    """Write the tables of all patients into an empty folder, in clear. Values that wait for a decision are left out.

    Raises `NotAllowed`. The event at the end says how many rows were written, or that it broke off.
    """
    actor = require(somebody, "export")
    about = About(name=home.name, slug=home.slug, day=timezone.now().date(), version=version)
    writer = OmopWriter(folder, zone=ZoneInfo(home.time_zone), about=about)
    is_whole = False
    try:
        _write(writer)
        writer.finish()
        is_whole = True
    finally:
        writer.close()
        record_one(actor, "export.done" if is_whole else "export.fail", what="OMOP tables", detail=dict(writer.rows))
    return OmopExport(dict(writer.rows), dict(writer.left_out))


def _write(writer: OmopWriter) -> None:
    until = timezone.now()
    people = _People(writer)
    for part in sweep(Swept("Patient", until=until)):
        people.take(part)
    visits: dict[str, int] = {}
    for found, person, meanings in _of_people("Encounter", people, writer, until=until):
        resource = found.version.resource
        writer.encounter(Event(resource.pk, person, None, loads(found.text or b""), meanings))
        if writer.has_visit(resource.pk):
            visits[resource.logical_id] = resource.pk
    for type_name in _WRITTEN:
        for found, person, meanings in _of_people(type_name, people, writer, until=until):
            body = loads(found.text or b"")
            reference = (body.get("encounter") or body.get("context") or {}).get("reference", "")
            visit = visits.get(reference.removeprefix("Encounter/"))
            writer.add(Event(found.version.resource.pk, person, visit, body, meanings))
    for type_name in set(types_here()) - {"Patient", "Encounter", *_WRITTEN}:
        many = Resource.objects.filter(type=type_name, is_deleted=False).count()
        if many:
            writer.leave_out(type_name, _NO_TABLE, many)


class _People:
    """The patients that were written: logical id -> number, whose record was merged into another's as that one."""

    def __init__(self, writer: OmopWriter) -> None:
        self._writer = writer
        self._numbers: dict[str, int] = {}

    def take(self, part: list[Addressed]) -> None:
        retired = survivors_of(found.version.resource.logical_id for found in part)
        for found in part:
            resource = found.version.resource
            if found.text is None:
                continue
            if resource.logical_id in retired:
                self._writer.leave_out("Patient", "it was merged into another patient's record", 1)
            elif self._writer.person(resource.pk, loads(found.text)):
                self._numbers[resource.logical_id] = resource.pk

    def numbers_of(self, part: list[Addressed]) -> dict[str, int]:
        patients = {found.version.resource.patient_id for found in part}
        survivors = survivors_of(patients)
        found = {patient: self._numbers.get(survivors.get(patient, patient)) for patient in patients}
        return {patient: number for patient, number in found.items() if number is not None}


def _of_people(
    type_name: str, people: _People, writer: OmopWriter, *, until: datetime
) -> Iterator[tuple[Addressed, int, Mapping[str, Meaning]]]:
    """The resources of a type whose patients were written, each with its person's number and its values' meanings."""
    for part in sweep(Swept(type_name, until=until)):
        there = [found for found in part if found.text is not None]
        numbers = people.numbers_of(there)
        meanings = _meanings(there)
        for found in there:
            person = numbers.get(found.version.resource.patient_id)
            if person is None:
                writer.leave_out(type_name, _NO_PERSON, 1)
            else:
                yield found, person, meanings[found.version.resource.pk]


def _meanings(part: list[Addressed]) -> dict[int, dict[str, Meaning]]:
    found: dict[int, dict[str, Meaning]] = defaultdict(dict)
    rows = StandardValue.objects.filter(resource__in=[a.version.resource.pk for a in part], is_current=True)
    for row in rows:
        coding = Coding(row.code_system, row.code) if row.code else None
        held = row.is_held or row.is_record_held
        measurement = "" if row.not_standard else row.measurement
        found[row.resource_id][row.path] = Meaning(measurement, coding, held)
    return found
