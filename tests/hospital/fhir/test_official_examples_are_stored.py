"""Every official R4 example goes in by PUT and comes back as it was sent, but those that are wrong themselves."""

import json
import re
from pathlib import Path

import pytest

from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.json import dumps, loads

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "suites" / "fhir-r4-examples"
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official R4 examples are not on this machine")

# Each address with the reason; tests/interchange/fhir/test_structure_is_checked.py has the same nine by file.
CANONICAL = {"name": "Small", "status": "draft", "url": "http://example.org/small"}
WITHOUT_EXAMPLE = [
    {"resourceType": resource_type, "id": "small"} | content
    for resource_type, content in {
        "CapabilityStatement": {
            "status": "draft", "date": "2026-01", "kind": "requirements", "fhirVersion": "4.0.1", "format": ["json"],
            "description": "Small.", "rest": [{"mode": "server"}],
        },
        "CodeSystem": CANONICAL | {"content": "not-present"},
        "ConceptMap": CANONICAL,
        "ImplementationGuide": CANONICAL | {"packageId": "small.guide", "fhirVersion": ["4.0.1"], "license": "CC0-1.0"},
        "NamingSystem": {
            "name": "Small", "status": "draft", "kind": "identifier", "date": "2026-01-31",
            "uniqueId": [{"type": "uri", "value": "http://example.org/small"}],
        },
        "OperationDefinition": CANONICAL | {
            "kind": "operation", "code": "small", "system": True, "type": False, "instance": False,
        },
        "Parameters": {"parameter": [{"name": "small", "valueDecimal": 1}]},
        "SearchParameter": CANONICAL | {"description": "Small.", "code": "small", "base": ["Patient"], "type": "token"},
        "StructureDefinition": CANONICAL | {
            "kind": "logical", "abstract": True, "type": "http://example.org/small",
            "differential": {"element": [{"id": "small", "path": "small"}]},
        },
        "SubstanceNucleicAcid": {"numberOfSubunits": 2},
        "SubstancePolymer": {"modification": ["small"]},
        "SubstanceProtein": {"numberOfSubunits": 2},
        "SubstanceReferenceInformation": {"comment": "Small."},
        "SubstanceSourceMaterial": {"organismName": "Small"},
        "ValueSet": CANONICAL,
    }.items()
]  # fmt: skip
THEMSELVES_WRONG = {
    "ActivityDefinition/blood-tubes-supply": "its narrative is blank, against txt-2",
    "ActivityDefinition/heart-valve-replacement": "its narrative is blank, against txt-2",
    "DeviceMetric/example": "parent names a DeviceDefinition; R4 allows a Device",
    "DeviceUseStatement/example": "reasonReference names a Procedure, which R4 does not allow",
    "EventDefinition/example": "its narrative is blank, against txt-2",
    "MedicationRequest/medrx0301": "dispenseRequest.performer names a Practitioner; R4 allows an Organization",
    "Observation/clinical-gender": "performer names an Encounter, which R4 does not allow",
    "Questionnaire/qs1": "its items have no linkId, which R4 requires (1..1)",
    "Questionnaire/zika-virus-exposure-assessment": "its narrative is blank, against txt-2",
}


@pytest.fixture
def store(backend):
    """Puts examples, patients first. A chart needs its patient: one that the suite names but lacks is made up."""

    def put(examples):
        named = set(re.findall(rb'"reference":"Patient/([A-Za-z0-9\-.]{1,64})"', dumps(examples)))
        own = [e for e in examples if e["resourceType"] == "Patient"]
        lacking = named - {patient["id"].encode() for patient in own}
        made_up = [{"resourceType": "Patient", "id": name.decode()} for name in sorted(lacking)]
        others = [e for e in examples if e["resourceType"] != "Patient"]
        refused = {}
        for example in [*made_up, *own, *others]:
            answer = backend.put(address_of(example), dumps(example))
            if answer.status_code not in (200, 201):
                refused[address_of(example)] = json.loads(answer.content)["issue"][0]["diagnostics"]
        return refused

    return put


def all_examples():
    return [loads(file.read_bytes()) for file in sorted(EXAMPLES.glob("*.json"))]


def address_of(resource):
    return f"{resource['resourceType']}/{resource['id']}"


def as_written(resource):
    """The text without what the server adds; numbers stand as they were written."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    return dumps({name: value for name, value in resource.items() if name != "meta"} | ({"meta": meta} if meta else {}))


def test_a_resource_of_every_type_is_stored_and_read_back(backend, store):
    refusable = THEMSELVES_WRONG.keys()
    mended = [
        {name: value for name, value in e.items() if name not in ("parent", "reasonReference", "text")}
        for e in all_examples()
        if e["resourceType"] in {"DeviceMetric", "DeviceUseStatement", "EventDefinition"}
    ]
    good = [e for e in all_examples() if address_of(e) not in refusable]
    by_type = {e["resourceType"]: e for e in [*good, *mended, *WITHOUT_EXAMPLE]}

    refused = store(list(by_type.values()))

    assert refused == {}
    assert by_type.keys() == resource_types()
    changed = [str(e["resourceType"]) for e in by_type.values() if not comes_back(backend, e)]
    assert changed == []


@pytest.mark.slow
def test_all_examples_are_stored_and_read_back_with_numbers_and_dates_as_they_were_written(backend, store):
    examples = all_examples()
    assert len(examples) == 719

    refused = store(examples)

    assert refused.keys() == THEMSELVES_WRONG.keys(), refused
    changed = [address_of(e) for e in examples if address_of(e) not in refused and not comes_back(backend, e)]
    assert changed == []


def comes_back(backend, example):
    return as_written(loads(backend.get(address_of(example)).content)) == as_written(example)
