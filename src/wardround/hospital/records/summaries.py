"""What a patient summary is made of: the chart, what it names outside the chart, and what is known beside the values."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wardround.hospital.records.access import Patient
from wardround.hospital.records.compartment import chart_of, named_outside
from wardround.hospital.records.queries import Value, standard_values
from wardround.interchange.fhir.json import loads
from wardround.interchange.ips.document import addresses_in
from wardround.interchange.ips.narrative import Note
from wardround.interchange.ips.sections import ALONG, TYPES


@dataclass(frozen=True)
class Material:
    """Parsed resources, and a note for those that have one ("Observation/o1" -> Note)."""

    patient: dict[str, Any]
    chart: tuple[dict[str, Any], ...]
    named: tuple[dict[str, Any], ...]
    notes: dict[str, Note]


def material_of(patient: Patient, *, types: frozenset[str]) -> Material:
    """Only resources of `types`; the patient always. The reads are in the audit trail."""
    found = [loads(hit.text or b"{}") for hit in chart_of(patient, types=((TYPES | ALONG) & types) | {"Patient"})]
    (own,) = (resource for resource in found if resource["resourceType"] == "Patient")
    chart = tuple(resource for resource in found if resource is not own)
    named = _outside(addresses_in([own, *chart]), types=types)
    # One step further: a practitioner's role names the practitioner and the organization.
    further = _outside(addresses_in(named) - {f"{r['resourceType']}/{r['id']}" for r in named}, types=types)
    return Material(patient=own, chart=chart, named=(*named, *further), notes=_notes(standard_values(patient)))


def _outside(addresses: frozenset[str], *, types: frozenset[str]) -> tuple[dict[str, Any], ...]:
    return tuple(loads(hit.text or b"{}") for hit in named_outside(addresses, types=types))


def _notes(values: Iterable[Value]) -> dict[str, Note]:
    standard: dict[str, list[str]] = defaultdict(list)
    held: dict[str, list[str]] = defaultdict(list)
    for value in values:
        key = f"{value.resource_type}/{value.resource_id}"
        if value.is_held:
            held[key].append(f"Held until somebody decides: {value.finding_sentence}")
        elif value.measurement and isinstance(value.value, float) and value.unit:
            standard[key].append(f"{value.value:.6g} {value.unit}")
    return {
        key: Note(standard="; ".join(standard.get(key, ())), held=" ".join(held.get(key, ())))
        for key in {*standard, *held}
    }
