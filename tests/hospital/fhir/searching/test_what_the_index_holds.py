"""Quantities in other units, values that stand together, and references of every kind are found by search."""

import pytest

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"


def quantity(value, unit, **more):
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def coded(code, system=LOINC):
    return {"coding": [{"system": system, "code": code}]}


@pytest.fixture
def glucose(observe, patients):
    """7 mmol/L of glucose: 126 mg/dL in the catalogue's unit, by the molar mass."""
    subject = {"reference": "Patient/p1"}
    observe("g", code=coded("1558-6"), subject=subject, valueQuantity=quantity(7, "mmol/L"))
    observe("less", code=coded("x", "urn:x"), subject=subject, valueQuantity=quantity(5, "umol/L", comparator="<"))


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        (f"value-quantity=7|{UCUM}|mmol/L", ["g"]),
        ("value-quantity=7||mmol/L", ["g"]),
        (f"value-quantity=7000|{UCUM}|umol/L", ["g"]),
        (f"value-quantity=gt6900|{UCUM}|umol/L", ["g"]),
        (f"value-quantity=126|{UCUM}|mg/dL", ["g"]),
        (f"value-quantity=gt1.2|{UCUM}|g/L", ["g"]),
        (f"value-quantity=gt1.3|{UCUM}|g/L", []),
        (f"value-quantity=lt6|{UCUM}|umol/L", ["less"]),
        (f"value-quantity=lt0.006|{UCUM}|mmol/L", ["less"]),
        (f"value-quantity=gt1|{UCUM}|kg", []),
        (f"combo-value-quantity=gt125|{UCUM}|mg/dL", ["g"]),
        (f"code-value-quantity={LOINC}|1558-6$gt6900|{UCUM}|umol/L", ["g"]),
        (f"code-value-quantity={LOINC}|1558-6$gt125|{UCUM}|mg/dL", ["g"]),
        (f"code-value-quantity=x$gt1|{UCUM}|mg/dL", []),
        ("code-value-quantity=1558-6$gt100", ["g"]),  # without a unit any unit: 126 mg/dL is more than 100
        ("code-value-quantity=1558-6$gt127", []),
    ],
)
def test_a_quantity_is_found_in_commensurable_units_and_in_its_standard_unit(glucose, found, search, ids):
    assert found(f"Observation?{search}") == ids


@pytest.fixture
def pressure(observe, patients):
    observe(
        "bp",
        code=coded("85354-9"),
        subject={"reference": "Patient/p1"},
        component=[
            {"code": coded("8480-6"), "valueQuantity": quantity(120, "mm[Hg]")},
            {"code": coded("8462-4"), "valueQuantity": quantity(80, "mm[Hg]")},
        ],
    )
    observe("text", code=coded("n"), subject={"reference": "Patient/p1"}, valueString="Rather Pale")
    observe("yes", code=coded("c"), subject={"reference": "Patient/p1"}, valueCodeableConcept=coded("y", "urn:y"))
    observe("when", code=coded("d"), subject={"reference": "Patient/p1"}, valueDateTime="2026-02-03")


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("component-code-value-quantity=8480-6$120", ["bp"]),
        ("component-code-value-quantity=8480-6$80", []),
        (f"component-code-value-quantity=8480-6$gt15.9|{UCUM}|kPa", ["bp"]),
        ("combo-code-value-quantity=8462-4$lt100", ["bp"]),
        ("code-value-string=n$rather pa", ["text"]),
        ("code-value-string=n$pale", []),  # a text is found by its beginning
        ("code-value-string=c$pale", []),
        ("code-value-concept=c$urn:y|y", ["yes"]),
        ("code-value-concept=c$|y", []),
        ("code-value-concept=n$y", []),
        ("code-value-date=d$2026-02", ["when"]),
        ("code-value-date=d$gt2026-03", []),
    ],
)
def test_the_parts_of_a_composite_stand_together(pressure, found, search, ids):
    assert found(f"Observation?{search}") == ids


@pytest.fixture
def referring(store, observe, patients):
    observe("plain", subject={"reference": "Patient/p1"}, hasMember=[{"reference": "Observation/m"}])
    observe("away", subject={"reference": "https://elsewhere.example/fhir/Patient/p1"})
    observe("logical", subject={"type": "Patient", "identifier": {"system": "urn:mrn", "value": "77"}})
    observe("display", subject={"display": "somebody"})
    store(
        "DocumentReference/d",
        status="current",
        content=[{"attachment": {"url": "https://a.example/1"}}],
        relatesTo=[{"code": "replaces", "target": {"reference": "DocumentReference/old"}}],
    )
    store("QuestionnaireResponse/q", status="completed", questionnaire="https://a.example/Questionnaire/1|2.0")


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("Observation?subject=Patient/p1", ["plain"]),
        ("Observation?subject=https://elsewhere.example/fhir/Patient/p1", ["away"]),
        ("Observation?subject:identifier=urn:mrn|77", ["logical"]),
        ("Observation?subject:identifier=urn:other|77", []),
        ("Observation?subject:missing=true", ["display"]),
        ("Observation?has-member=Observation/m", ["plain"]),
        ("DocumentReference?relationship=replaces$DocumentReference/old", ["d"]),
        ("DocumentReference?relationship=appends$DocumentReference/old", []),
        ("DocumentReference?location=https://a.example/1", ["d"]),
        ("QuestionnaireResponse?questionnaire=https://a.example/Questionnaire/1", ["q"]),
        ("QuestionnaireResponse?questionnaire=https://a.example/Questionnaire/1|2.0", ["q"]),
        ("QuestionnaireResponse?questionnaire=https://a.example/Questionnaire/1|3.0", []),
    ],
)
def test_references_are_found_by_id_address_identifier_and_canonical(referring, found, search, ids):
    assert found(search) == ids


def test_a_concept_of_mere_text_is_not_missing(observe, patients, found):
    observe("told", subject={"reference": "Patient/p1"}, code={"text": "told at the door"})

    assert found("Observation?code:missing=false") == ["told"]
    assert found("Patient?deceased=false&_id=p1") == ["p1"]


def test_the_system_of_a_plain_code_is_understood(patients, found):
    system = "http://hl7.org/fhir/administrative-gender"

    assert found(f"Patient?gender={system}|female") == ["p1"]
    assert found(f"Patient?gender={system}|male") == ["p2"]
    assert found("Patient?gender=urn:other|female") == []
    assert found("Patient?gender=female") == ["p1"]
