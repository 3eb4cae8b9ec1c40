"""UCI Heart Disease: the 920 patients of the demonstration, through its own FHIR export, from the paper charts without errors."""

import tempfile
from pathlib import Path
from random import Random

from wardround.bench.accuracy.charts import Chart, RecordSet, Resource
from wardround.demo.export_fhir import write_fhir
from wardround.demo.exports import mapping_path
from wardround.demo.paper import paper_charts, uses_mmol
from wardround.demo.source import PLACES, Slug
from wardround.interchange.fhir.json import loads

_NOTE = "one visit each, in the shape of Zurich and Basel's export; diastolic pressures and people are invented"
_CHOLESTEROL = "2093-3"


def heart(*, patients: int, seed: int) -> RecordSet:
    """So many patients (0: all), chosen by the seed."""
    charts = [chart for hospital in PLACES for chart in _charts_of(hospital)]
    if 0 < patients < len(charts):
        charts = Random(f"{seed}/heart").sample(charts, patients)  # noqa: S311
    mapping = mapping_path("zurich-basel").read_text("utf-8")
    return RecordSet(
        key="heart", title="UCI Heart Disease", charts=tuple(charts), rate=0.08, mapping_text=mapping, note=_NOTE
    )


def _charts_of(hospital: Slug) -> list[Chart]:
    resources: dict[str, list[Resource]] = {}
    people: dict[str, Resource] = {}
    with tempfile.TemporaryDirectory(prefix="wardround-bench-") as folder:
        write_fhir(Path(folder), paper_charts(hospital), written={})
        for file in sorted(Path(folder).glob("*.ndjson")):
            for line in file.read_bytes().splitlines():
                resource = loads(line)
                if resource["resourceType"] == "Patient":
                    people[resource["id"]] = _with_full_address(resource)
                else:
                    owner = resource["subject"]["reference"].removeprefix("Patient/")
                    own = _without_unmeasured(_in_own_unit(resource, hospital=hospital))
                    resources.setdefault(owner, []).append(own)
    return [Chart(patient, tuple(resources.get(name, ()))) for name, patient in people.items()]


def _with_full_address(patient: Resource) -> Resource:
    """Budapest's people live in no state; an empty one is not FHIR."""
    addresses = [{name: part for name, part in address.items() if part} for address in patient["address"]]
    return {**patient, "address": addresses}


def _without_unmeasured(resource: Resource) -> Resource:
    """One systolic pressure of the source is 0, and nothing was made up beside it: there is no diastolic one."""
    if "component" not in resource:
        return resource
    measured = [part for part in resource["component"] if part.get("valueQuantity", {}).get("value") != ""]
    return {**resource, "component": measured}


def _in_own_unit(resource: Resource, *, hospital: Slug) -> Resource:
    """The export is a Swiss one; where a hospital measures cholesterol in mg/dL, its numbers are mg/dL."""
    code = resource["code"]["coding"][0]["code"]
    if code == _CHOLESTEROL and not uses_mmol(hospital):
        resource["valueQuantity"] |= {"unit": "mg/dl", "code": "mg/dL"}
    return resource
