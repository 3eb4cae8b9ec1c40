"""Every searchable value of a resource becomes one typed entry."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.search import index_entries
from wardround.interchange.fhir.search_entries import (
    DateEntry,
    QuantityEntry,
    ReferenceEntry,
    StringEntry,
    TokenEntry,
)

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "suites" / "fhir-r4-examples"


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_a_patient_is_found_by_number_name_birth_date_and_gender():
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "urn:wardround:mrn:budapest", "value": "BUD1"}],
        "name": [{"family": "Kovács", "given": ["Éva", "Anna"], "prefix": ["Dr."]}],
        "gender": "female",
        "birthDate": "1963",
    }

    assert set(index_entries(patient)) == {
        TokenEntry("_id", "", "p1"),
        TokenEntry("identifier", "urn:wardround:mrn:budapest", "BUD1"),
        *(StringEntry(code, part) for code in ("name", "phonetic") for part in ("Kovács", "Éva", "Anna", "Dr.")),
        StringEntry("family", "Kovács"),
        StringEntry("given", "Éva"),
        StringEntry("given", "Anna"),
        TokenEntry("gender", "", "female"),
        TokenEntry("deceased", "", "false"),
        DateEntry("birthdate", utc(1963, 1, 1), utc(1964, 1, 1)),
    }


def test_an_observation_is_found_by_patient_code_date_and_quantity():
    observation = loads(
        b'{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2093-3"}]},'
        b'"subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},"effectiveDateTime":"2026-02-03T08:30:00+01:00",'
        b'"valueQuantity":{"value":6.10,"unit":"mmol/l","system":"http://unitsofmeasure.org","code":"mmol/L"}}'
    )

    entries = index_entries(observation)

    assert TokenEntry("code", "http://loinc.org", "2093-3") in entries
    assert ReferenceEntry("patient", "Patient", "p1") in entries
    assert ReferenceEntry("subject", "Patient", "p1") in entries
    assert ReferenceEntry("encounter", "Encounter", "e1") in entries
    assert DateEntry("date", utc(2026, 2, 3, 7, 30), utc(2026, 2, 3, 7, 30, 1)) in entries
    quantity = QuantityEntry(
        "value-quantity", Decimal("6.10"), Decimal("6.10"), "http://unitsofmeasure.org", "mmol/L", "mmol/l"
    )
    assert quantity in entries


def test_a_group_is_a_subject_and_no_patient():
    entries = index_entries({"resourceType": "Procedure", "subject": {"reference": "Group/g"}})

    assert entries == [ReferenceEntry("subject", "Group", "g")]


def test_a_reference_by_identifier_keeps_the_identifier():
    subject = {"reference": "Patient?identifier=urn:wardround:mrn:x|A%2B1"}

    entries = index_entries({"resourceType": "Observation", "subject": subject})

    assert ReferenceEntry("patient", "Patient", "", "", "urn:wardround:mrn:x", "A+1") in entries


def test_a_condition_is_found_by_its_dates_and_status():
    active = {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
    entries = index_entries(
        {
            "resourceType": "Condition",
            "clinicalStatus": {"coding": [active]},
            "onsetPeriod": {"start": "2026-02"},
            "recordedDate": "2026-02-03",
        }
    )

    assert TokenEntry("clinical-status", active["system"], "active") in entries
    assert DateEntry("onset-date", utc(2026, 2, 1), datetime.max.replace(tzinfo=UTC)) in entries
    assert DateEntry("recorded-date", utc(2026, 2, 3), utc(2026, 2, 4)) in entries


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026", utc(2026, 1, 1), utc(2027, 1, 1)),
        ("2026-02", utc(2026, 2, 1), utc(2026, 3, 1)),
        ("2026-12", utc(2026, 12, 1), utc(2027, 1, 1)),
        ("2024-02-29", utc(2024, 2, 29), utc(2024, 3, 1)),
        ("2026-02-03T23:30:00-02:00", utc(2026, 2, 4, 1, 30), utc(2026, 2, 4, 1, 30, 1)),
        ("2026-02-03T00:00:00.25Z", utc(2026, 2, 3, 0, 0, 0, 250000), utc(2026, 2, 3, 0, 0, 0, 260000)),
        ("2016-12-31T23:59:60Z", utc(2017, 1, 1), utc(2017, 1, 1, 0, 0, 1)),
    ],
)
def test_a_partial_date_is_an_interval(text, low, high):
    assert (interval(text).low, interval(text).high) == (low, high)


@pytest.mark.parametrize(
    "text", ["2026-02-31", "2026-13", "0000", "2026-02-03T24:00:00Z", "2026-02-03T10:00:00", "soon"]
)
def test_what_is_no_date_has_no_interval(text):
    with pytest.raises(NotADate):
        interval(text)


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official R4 examples are not beside this checkout")
def test_every_official_example_is_indexed():
    for file in EXAMPLES.glob("*.json"):
        assert index_entries(loads(file.read_bytes())), file.name
