"""Synthea's patients: transaction Bundles of the SMART Health IT sandbox, one patient each (Apache-2.0)."""

import gzip
from pathlib import Path
from random import Random
from typing import Any

from wardround.bench.accuracy.charts import Chart, RecordSet, Resource
from wardround.interchange.fhir.json import loads

FOLDER = "synthea_fhir_r4/bundles"
_KEPT = frozenset(
    {"Patient", "Encounter", "Condition", "Observation", "Procedure", "Immunization", "MedicationRequest"}
)


def synthea(data: Path, *, patients: int, seed: int) -> RecordSet | None:
    """So many patients (0: all), chosen by the seed; None where the folder is not there."""
    files = sorted((data / FOLDER).glob("*.json.gz"))
    if not files:
        return None
    if 0 < patients < len(files):
        files = sorted(Random(f"{seed}/synthea").sample(files, patients))  # noqa: S311
    charts = [chart for file in files if (chart := _chart(loads(gzip.decompress(file.read_bytes())))) is not None]
    return RecordSet(key="synthea", title="Synthea", charts=tuple(charts), rate=0.04, note=_NOTE)


_NOTE = "invented patients of Synthea 2.4; bills, plans and devices are left out"


def _chart(bundle: Resource) -> Chart | None:
    entries = bundle["entry"]
    literal = {
        entry["fullUrl"]: f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for entry in entries
        if "fullUrl" in entry
    }
    own = [_literal(entry["resource"], literal) for entry in entries if entry["resource"]["resourceType"] in _KEPT]
    patient = next((resource for resource in own if resource["resourceType"] == "Patient"), None)
    if patient is None:
        return None
    return Chart(patient, tuple(resource for resource in own if resource is not patient))


def _literal(value: Any, literal: dict[str, str]) -> Any:
    """References between the Bundle's entries as Type/id, as a bulk export has them."""
    if isinstance(value, dict):
        return {
            name: literal.get(content, content)
            if name == "reference" and isinstance(content, str)
            else _literal(content, literal)
            for name, content in value.items()
        }
    if isinstance(value, list):
        return [_literal(item, literal) for item in value]
    return value
