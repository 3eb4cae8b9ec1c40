"""Every published parameter of the twenty types in daily use finds its values, on an official example or one made here.

That the entries of the official examples are right is held against the published expressions in
test_entries_are_the_published_expressions.py; what no example has is written out in the tables below.
"""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.search import index_entries
from wardround.interchange.fhir.search_entries import (
    CompositeEntry,
    DateEntry,
    QuantityEntry,
    ReferenceEntry,
    StringEntry,
    TokenEntry,
    UriEntry,
)
from wardround.interchange.fhir.search_parameters import parameters_of

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "suites" / "fhir-r4-examples"
TYPES = (
    *("Patient", "Practitioner", "Organization", "Encounter", "Condition", "Observation", "DiagnosticReport"),
    *("MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Procedure", "Immunization"),
    *("DocumentReference", "Consent", "Provenance", "AuditEvent", "RiskAssessment", "ServiceRequest", "CarePlan"),
    "QuestionnaireResponse",
)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def ref(text):
    return {"reference": text}


def refers(code, text):
    return ReferenceEntry(code, *text.split("/"))


DAY, NEXT = utc(2026, 2, 3), utc(2026, 2, 4)
COMMON = {
    "id": "x",
    "meta": {
        "lastUpdated": "2026-02-03",
        "profile": ["https://a.example/p|1"],
        "security": [{"system": "urn:s", "code": "R"}],
        "source": "https://a.example/source",
        "tag": [{"system": "urn:t", "code": "T"}],
    },
}
OF_COMMON = {
    "_id": {TokenEntry("_id", "", "x")},
    "_lastUpdated": {DateEntry("_lastUpdated", DAY, NEXT)},
    "_profile": {UriEntry("_profile", "https://a.example/p|1"), UriEntry("_profile", "https://a.example/p")},
    "_security": {TokenEntry("_security", "urn:s", "R")},
    "_source": {UriEntry("_source", "https://a.example/source")},
    "_tag": {TokenEntry("_tag", "urn:t", "T")},
}
LOINC = {"coding": [{"system": "http://loinc.org", "code": "x"}]}
MADE = [
    ("Encounter", {"reasonReference": [ref("Condition/c")]}, refers("reason-reference", "Condition/c")),
    ("DiagnosticReport", {"encounter": ref("Encounter/e")}, refers("encounter", "Encounter/e")),
    (
        "DiagnosticReport",
        {"identifier": [{"system": "urn:i", "value": "7"}]},
        TokenEntry("identifier", "urn:i", "7"),
    ),
    (
        "DiagnosticReport",
        {"resultsInterpreter": [ref("Practitioner/p")]},
        refers("results-interpreter", "Practitioner/p"),
    ),
    ("DiagnosticReport", {"specimen": [ref("Specimen/s")]}, refers("specimen", "Specimen/s")),
    ("Immunization", {"reaction": [{"detail": ref("Observation/o")}]}, refers("reaction", "Observation/o")),
    ("Immunization", {"reaction": [{"date": "2026-02-03"}]}, DateEntry("reaction-date", DAY, NEXT)),
    ("Immunization", {"reasonReference": [ref("Condition/c")]}, refers("reason-reference", "Condition/c")),
    ("Consent", {"sourceReference": ref("DocumentReference/d")}, refers("source-reference", "DocumentReference/d")),
    ("Provenance", {"target": [ref("Observation/o"), ref("Patient/p")]}, refers("patient", "Patient/p")),
    ("Provenance", {"occurredDateTime": "2026-02-03"}, DateEntry("when", DAY, NEXT)),
    (
        "ServiceRequest",
        {"instantiatesCanonical": ["https://a.example/plan"]},
        UriEntry("instantiates-canonical", "https://a.example/plan"),
    ),
    (
        "ServiceRequest",
        {"instantiatesUri": ["https://a.example/u"]},
        UriEntry("instantiates-uri", "https://a.example/u"),
    ),
    ("ServiceRequest", {"replaces": [ref("ServiceRequest/old")]}, refers("replaces", "ServiceRequest/old")),
    (
        "CarePlan",
        {"activity": [{"reference": ref("ServiceRequest/s")}]},
        refers("activity-reference", "ServiceRequest/s"),
    ),
    ("CarePlan", {"basedOn": [ref("CarePlan/b")]}, refers("based-on", "CarePlan/b")),
    (
        "CarePlan",
        {"instantiatesCanonical": ["PlanDefinition/own"]},
        refers("instantiates-canonical", "PlanDefinition/own"),
    ),
    ("CarePlan", {"partOf": [ref("CarePlan/whole")]}, refers("part-of", "CarePlan/whole")),
    ("CarePlan", {"replaces": [ref("CarePlan/old")]}, refers("replaces", "CarePlan/old")),
]
# Values of the kinds that are easily got wrong.
TRICKY = [
    ("Patient", {"deceasedDateTime": "2026-02-03"}, "deceased", {TokenEntry("deceased", "", "true")}),
    ("Patient", {"deceasedDateTime": "2026-02-03"}, "death-date", {DateEntry("death-date", DAY, NEXT)}),
    ("Patient", {"deceasedBoolean": False}, "deceased", {TokenEntry("deceased", "", "false")}),
    ("Patient", {}, "deceased", {TokenEntry("deceased", "", "false")}),
    (
        "Patient",
        {"telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}, {"value": "3"}]},
        "phone",
        {TokenEntry("phone", "", "1")},
    ),
    (
        "Patient",
        {"telecom": [{"system": "phone", "value": "1"}, {"value": "3"}]},
        "telecom",
        {TokenEntry("telecom", "", "1"), TokenEntry("telecom", "", "3")},
    ),
    (
        "Patient",
        {"address": [{"line": ["Fő utca 1", None], "city": "Pécs", "postalCode": "7621"}]},
        "address",
        {StringEntry("address", text) for text in ("Fő utca 1", "Pécs", "7621")},
    ),
    ("Patient", {"address": [{"use": "home", "city": "Pécs"}]}, "address-city", {StringEntry("address-city", "Pécs")}),
    ("Patient", {"address": [{"use": "home"}]}, "address-use", {TokenEntry("address-use", "", "home")}),
    (
        "Condition",
        {"onsetAge": {"value": 40, "system": "http://unitsofmeasure.org", "code": "a", "unit": "years"}},
        "onset-age",
        {QuantityEntry("onset-age", 40, 40, "http://unitsofmeasure.org", "a", "years")},
    ),
    (
        "Condition",
        {"onsetRange": {"high": {"value": 50, "unit": "a"}}},
        "onset-age",
        {QuantityEntry("onset-age", None, 50, "", "", "a")},
    ),
    ("Condition", {"onsetString": "in youth"}, "onset-info", {StringEntry("onset-info", "in youth")}),
    ("Condition", {"onsetString": "in youth"}, "onset-date", set()),
    ("Immunization", {"occurrenceString": "as a child"}, "date", set()),
    (
        "Observation",
        {"valueQuantity": {"value": 5, "comparator": "<", "unit": "mg"}},
        "value-quantity",
        {QuantityEntry("value-quantity", None, 5, "", "", "mg")},
    ),
    (
        "Observation",
        {"valueQuantity": {"value": 5, "comparator": ">=", "unit": "mg"}},
        "combo-value-quantity",
        {QuantityEntry("combo-value-quantity", 5, None, "", "", "mg")},
    ),
    ("Observation", {"valueQuantity": {"unit": "mg"}}, "value-quantity", set()),
    (
        "Observation",
        {"valueSampledData": {"origin": {"value": 10, "unit": "mV"}, "factor": 2, "data": "1 -1 E 3", "dimensions": 1}},
        "value-quantity",
        {QuantityEntry("value-quantity", 8, 16, "", "", "mV")},
    ),
    ("Observation", {"valueCodeableConcept": {"text": "pale"}}, "value-string", {StringEntry("value-string", "pale")}),
    (
        "Observation",
        {"effectiveTiming": {"event": ["2026-02-03"], "repeat": {"boundsPeriod": {"start": "2026-01-01"}}}},
        "date",
        {DateEntry("date", utc(2026, 1, 1), datetime.max.replace(tzinfo=UTC))},
    ),
    (
        "Observation",
        {"effectivePeriod": {"end": "2026-02-03"}},
        "date",
        {DateEntry("date", datetime.min.replace(tzinfo=UTC), NEXT)},
    ),
    ("Observation", {"code": {"text": "told"}}, "code", {TokenEntry("code", "", "", "told")}),
    (
        "Observation",
        {"subject": {"identifier": {"system": "urn:i", "value": "7"}, "type": "Patient"}},
        "patient",
        {ReferenceEntry("patient", "Patient", "", "", "urn:i", "7")},
    ),
    (
        "Observation",
        {"subject": ref("https://a.example/fhir/Patient/1")},
        "patient",
        {ReferenceEntry("patient", "Patient", "", "https://a.example/fhir/Patient/1")},
    ),
    ("Observation", {"subject": ref("#p")}, "patient", set()),
    ("Observation", {"subject": ref("#p")}, "subject", {ReferenceEntry("subject", "", "", "#p")}),
    ("Observation", {"subject": {"display": "somebody"}}, "subject", set()),
    ("Observation", {"subject": ref("the patient Kovács/Ilona")}, "subject", set()),
    ("Observation", {"subject": ref("mailto:kovacs@example.org")}, "subject", set()),
    ("Observation", {"subject": ref("Patient/p/_history/2")}, "patient", {refers("patient", "Patient/p")}),
    (
        "Observation",
        {"code": LOINC, "valueCodeableConcept": {"coding": [{"code": "y"}]}},
        "code-value-concept",
        {
            CompositeEntry(
                "code-value-concept",
                (
                    TokenEntry("code", "http://loinc.org", "x"),
                    TokenEntry("value-concept", "", "y"),
                ),
            )
        },
    ),
    (
        "DocumentReference",
        {"relatesTo": [{"code": "replaces", "target": ref("DocumentReference/d")}]},
        "relationship",
        {
            CompositeEntry(
                "relationship", (TokenEntry("relation", "", "replaces"), refers("relatesto", "DocumentReference/d"))
            )
        },
    ),
    ("RiskAssessment", {"occurrencePeriod": {"start": "2026"}}, "date", set()),
    (
        "MedicationRequest",
        {"medicationReference": ref("#m")},
        "medication",
        {ReferenceEntry("medication", "", "", "#m")},
    ),
]


@pytest.mark.parametrize("type_name", TYPES)
def test_what_every_resource_has_is_found(type_name):
    by_code = entries_by_code({"resourceType": type_name, **COMMON})

    assert {code: by_code[code] for code in OF_COMMON} == OF_COMMON


@pytest.mark.parametrize(("type_name", "elements", "entry"), MADE)
def test_what_no_official_example_has_is_found(type_name, elements, entry):
    assert entries_by_code({"resourceType": type_name, **elements})[entry.parameter] == {entry}


@pytest.mark.parametrize(("type_name", "elements", "code", "entries"), TRICKY)
def test_a_value_is_read_as_its_type_says(type_name, elements, code, entries):
    assert entries_by_code({"resourceType": type_name, **elements})[code] == entries


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official R4 examples are not beside this checkout")
def test_no_parameter_of_the_twenty_types_is_left_unexercised():
    exercised = {(type_name, code) for type_name in TYPES for code in OF_COMMON}
    exercised |= {(type_name, entry.parameter) for type_name, _elements, entry in MADE}
    for file in EXAMPLES.glob("*.json"):
        resource = loads(file.read_bytes())
        exercised |= {(resource["resourceType"], entry.parameter) for entry in index_entries(resource)}

    published = {(type_name, code) for type_name in TYPES for code in parameters_of(type_name)}

    assert len(published) == 477
    assert sorted(published - exercised) == []


def entries_by_code(resource):
    found = defaultdict(set)
    for entry in index_entries(resource):
        found[entry.parameter].add(entry)
    return found
