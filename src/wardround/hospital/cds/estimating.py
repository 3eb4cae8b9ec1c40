"""An estimate from what the calling record sent along, by the same code as in the chart; nothing is written.

The resources are checked as FHIR, standardised, judged in the chart that they make together, and turned into model inputs
by what does it for stored ones (records/judgement.py, diagnosis/queries.py). What is held, not FHIR or of somebody else is
not used, and is counted. Repetitions are not looked for: the same value twice is the same input.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wardround.clinical.dates import life_findings
from wardround.clinical.events import record_findings
from wardround.clinical.findings import RecordFinding
from wardround.clinical.records import Person
from wardround.hospital.cds.errors import BadRequest, DataMissing, TookTooLong, TooMuch
from wardround.hospital.cds.prefetch_templates import wanted
from wardround.hospital.diagnosis.queries import reference_for
from wardround.hospital.diagnosis.reference import Reference
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.judgement import foresee
from wardround.hospital.records.models import Resource, StandardValue
from wardround.hospital.records.queries import Facts, facts_from, value_from
from wardround.hospital.records.standard_facts import stated_by
from wardround.hospital.training.queries import AdoptedModel
from wardround.interchange.fhir.chart_records import life_of, record_of
from wardround.interchange.fhir.structure import check

MOST_RESOURCES = 5_000
MOST_SECONDS = 5.0
_TYPES = {"observations": "Observation", "conditions": "Condition", "procedures": "Procedure"}
_NOBODY = ""  # the patient is in no chart here, so nothing stored is looked at


@dataclass(frozen=True)
class Estimated:
    """A reference, and what of the request it could not use."""

    reference: Reference
    inputs_sha256: str
    not_understood: int = 0  # no FHIR R4, or of another patient
    not_standard: int = 0  # values whose code or unit is not known here


def estimate(
    prefetch: Mapping[str, Any], *, patient_id: str, model: AdoptedModel, now: datetime, deadline: float
) -> Estimated:
    """From prefetched resources. Raises DataMissing where a key lacks, TooMuch, TookTooLong, BadRequest."""
    patient, resources = _sent(prefetch, model=model)
    if str(patient.get("id", "")) != patient_id:
        raise BadRequest("prefetch.patient should be the Patient that context.patientId names.")
    if check(patient):
        raise BadRequest("prefetch.patient is not a Patient of FHIR R4.")
    good = []
    for resource, type_name in resources:
        if time.monotonic() > deadline:
            raise TookTooLong("The prefetch could not be read in the time of one call; send only what was asked for.")
        if resource.get("resourceType") == type_name and _is_of(resource, patient_id) and not check(resource):
            good.append(resource)
    rows = _judged(patient, good, now=now)
    facts = facts_from(patient_id, rows=rows)
    held = [value_from(row) for row in rows if row.is_held and row.measurement]
    reference = reference_for(facts, model=model, held=held, now=now.astimezone(UTC).replace(tzinfo=None))
    return Estimated(
        reference,
        inputs_sha256=inputs_hash(facts),
        not_understood=len(resources) - len(good),
        not_standard=sum(bool(row.not_standard) for row in rows),
    )


def inputs_hash(facts: Facts) -> str:
    """What tells whether two estimates were made from the same facts."""
    texts = [facts.gender, str(facts.birth_year), *sorted(map(repr, facts.values))]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def lacks(prefetch: Mapping[str, Any], *, model: AdoptedModel) -> list[str]:
    """The keys that were not sent, were sent as an error, or of which a page is missing."""
    return [key for key in ("patient", *wanted(model)) if key not in prefetch or _is_broken(prefetch[key])]


def _sent(
    prefetch: Mapping[str, Any], *, model: AdoptedModel
) -> tuple[dict[str, Any], list[tuple[dict[str, Any], str]]]:
    missing = lacks(prefetch, model=model)
    if missing or not isinstance(prefetch["patient"], dict):
        raise DataMissing(f"The estimate needs these prefetch keys, each whole: {', '.join(missing or ['patient'])}.")
    resources: list[tuple[dict[str, Any], str]] = []
    for key in wanted(model):
        resources += [(resource, _TYPES[key]) for resource in _in(prefetch[key])]
        if len(resources) > MOST_RESOURCES:
            raise TooMuch(f"More than {MOST_RESOURCES} resources were sent; send only what was asked for.")
    return prefetch["patient"], resources


def _is_broken(value: Any) -> bool:
    if value is None:  # the client has nothing
        return False
    if not isinstance(value, dict) or value.get("resourceType") == "OperationOutcome":
        return True
    links = value.get("link", ()) if value.get("resourceType") == "Bundle" else ()
    has_more = isinstance(links, list) and any(isinstance(li, dict) and li.get("relation") == "next" for li in links)
    return has_more or any(resource.get("resourceType") == "OperationOutcome" for resource in _in(value))


def _in(value: Any) -> Iterator[dict[str, Any]]:
    """The resources of one prefetch value: a Bundle's entries, or itself."""
    if value is None:
        return
    if value.get("resourceType") != "Bundle":
        yield value
        return
    entries = value.get("entry", ())
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        yield resource if isinstance(resource, dict) else {}


def _is_of(resource: Mapping[str, Any], patient_id: str) -> bool:
    subject = resource.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    return isinstance(reference, str) and f"/{reference}".endswith(f"/Patient/{patient_id}")


def _judged(patient: dict[str, Any], resources: Sequence[dict[str, Any]], *, now: datetime) -> list[StandardValue]:
    """The standard values of these resources, never stored; what a finding on its record holds is held."""
    code_map = code_map_of(None)
    person = life_of(patient)
    free: list[dict[str, Any]] = []
    rows: list[StandardValue] = []
    of_patient = [found for found in life_findings(person, now=now) if found.held]
    for resource in resources:
        finding = _held_for(resource, person=person, now=now)
        if finding is None:
            free.append(resource)
            continue
        for stated in stated_by(resource, code_map=code_map):
            stated.row.is_held, stated.row.finding, stated.row.finding_sentence = True, finding.kind, finding.sentence
            rows.append(_placed(stated.row, resource=resource))
    foreseen = foresee([patient, *free], patient_id=_NOBODY, code_map=code_map)
    for resource, values in zip([patient, *free], foreseen, strict=True):
        rows += [_placed(value.row, resource=resource) if value.row.is_held else value.row for value in values]
    for row in rows:
        if of_patient and any(finding.path == row.path for finding in of_patient):
            row.is_held = True
    return sorted(rows, key=lambda row: row.time.timestamp() if row.time else float("-inf"))


def _held_for(resource: Mapping[str, Any], *, person: Person, now: datetime) -> RecordFinding | None:
    record = record_of(resource)
    found = record_findings(record, person=person, now=now) if record is not None else []
    return next((finding for finding in found if finding.held), None)


def _placed(row: StandardValue, *, resource: Mapping[str, Any]) -> StandardValue:
    row.resource = Resource(type=resource["resourceType"], logical_id=str(resource.get("id", "")))
    row.version = 0
    return row
