"""The standard facts of all patients as a MEDS dataset: keyed subject numbers, held values left out, audited."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from django.utils import timezone

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.records.access import require
from wardround.hospital.records.queries import Facts, iter_patients_facts
from wardround.hospital.records.sweep import Swept, sweep
from wardround.hospital.training.events import events_of, subject_id
from wardround.interchange.fhir.json import loads
from wardround.interchange.meds import DEATH_CODE, Event, code_name, write_meds_in_parts
from wardround.web.audit.trail import record_one
from wardround.web.home import Home

_PATIENTS_A_PART = 5_000
_PURPOSE = "export"  # in place of a study's hash: an export's numbers meet no study's
_DAY = 10


@dataclass
class MedsExport:
    """How many patients and events were written, and how many values were left out because they wait for a decision."""

    patients: int = 0
    events: int = 0
    held: int = 0


def export_meds(somebody: object, folder: Path, *, home: Home) -> MedsExport:
    """Write data, metadata/codes.parquet and metadata/dataset.json into an empty folder. Raises `NotAllowed`."""
    actor = require(somebody, "export")
    found = MedsExport()
    deaths = dict(_deaths())
    facts = iter_patients_facts(actor)
    parts = _parts(facts, home=home, deaths=deaths, counts=found)
    outcome = "export.fail"
    try:
        found.events = write_meds_in_parts(
            folder, parts, dataset_name=home.slug, descriptions=_descriptions(), created_at=timezone.now()
        )
        outcome = "export.done"
    finally:
        detail = {"patients": found.patients, "events": found.events, "held": found.held}
        record_one(actor, outcome, what="MEDS dataset", detail=detail)
    return found


def _parts(
    facts: Iterator[Facts], *, home: Home, deaths: dict[str, datetime], counts: MedsExport
) -> Iterator[Iterator[Event]]:
    while some := list(islice(facts, _PATIENTS_A_PART)):
        counts.patients += len(some)
        counts.held += sum(of.held for of in some)
        yield (event for of in some for event in _events(of, home=home, death=deaths.get(of.patient_id)))


def _events(facts: Facts, *, home: Home, death: datetime | None) -> Iterator[Event]:
    subject = subject_id(home, study_hash=_PURPOSE, patient_id=facts.patient_id)
    yield from events_of(facts, subject=subject)
    if death is not None:
        yield Event(subject, death, DEATH_CODE)


def _deaths() -> Iterator[tuple[str, datetime]]:
    """Patients of whose death at least the day is known; a day is its end, as nothing happens after a death."""
    for part in sweep(Swept("Patient", until=timezone.now())):
        for found in part:
            text = loads(found.text).get("deceasedDateTime", "") if found.text is not None else ""
            if len(text) == _DAY:
                yield found.version.resource.logical_id, datetime.fromisoformat(f"{text}T23:59:59+00:00")
            elif len(text) > _DAY:
                yield found.version.resource.logical_id, datetime.fromisoformat(text).astimezone(UTC)


def _descriptions() -> dict[str, str]:
    """What the catalogue calls each code."""
    found: dict[str, str] = {}
    for measurement in load_catalogue():
        found[code_name(measurement.coding)] = measurement.title
        answers = (True, False) if measurement.kind == "boolean" else tuple(a.code for a in measurement.answers)
        found |= {code_name(measurement.coding, answer): f"{measurement.title}: {answer}" for answer in answers}
    catalogue = load_catalogue()
    return found | {code_name(c.coding): c.title for c in (*catalogue.conditions, *catalogue.procedures)}
