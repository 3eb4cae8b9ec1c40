"""Medicines by the display rules of the NHS Common User Interface."""

from decimal import Decimal

import pytest

from wardround.hospital.charts.dosage import printed_dose
from wardround.hospital.charts.medicines import drug_names

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def rxnorm(name: str) -> dict[str, object]:
    return {"coding": [{"system": RXNORM, "code": "1", "display": name}]}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("500.0", "mg", "500 mg"),
        (".5", "mg", "0.5 mg"),
        ("1500", "units", "1,500 units"),
        ("18", "ug", "18 micrograms"),
        ("18", "mcg", "18 micrograms"),
        ("2", "{tablet}", "2 tablet"),
    ],
)
def test_a_dose_has_a_leading_and_no_trailing_zero_thousands_and_whole_words(value, unit, text):
    assert printed_dose(Decimal(value), unit) == text


def test_a_generic_name_is_lower_case_and_a_brand_upper_case():
    assert drug_names(rxnorm("Acetaminophen 325 MG Oral Tablet [Tylenol]")) == (
        "acetaminophen 325 mg oral tablet",
        "TYLENOL",
    )


def test_what_is_no_plain_word_keeps_its_letters():
    assert drug_names(rxnorm("NDA020503 Vitamin B12 5 MG/ML Injection"))[0] == "NDA020503 vitamin B12 5 mg/mL injection"


def test_free_text_stays_as_it_was_written():
    assert drug_names({"text": "Aspirin protect 100"}) == ("Aspirin protect 100", "")


@pytest.fixture
def make_medicine(make_patient, make_resource):
    def make(**elements: object) -> str:
        patient = make_patient()
        stated = {
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": rxnorm("Metformin 500 MG Oral Tablet"),
        }
        make_resource("MedicationRequest", subject={"reference": f"Patient/{patient}"}, **{**stated, **elements})
        return patient

    return make


@pytest.mark.django_db
def test_a_line_has_name_dose_route_and_how_often(make_medicine, text_of, nurse):
    dosage = {
        "route": {"text": "Oral"},
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 500, "unit": "mg"}}],
    }
    text = text_of(nurse, f"/patients/{make_medicine(dosageInstruction=[dosage])}/medicines/")

    assert (
        '<b>metformin 500 mg oral tablet</b> — <small class="label">DOSE</small> <b>500 mg</b> — oral'
        '<span class="instruction"> — 2 times a day</span>'
    ) in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "word"), [("on-hold", "On hold"), ("stopped", "Stopped"), ("completed", "Completed")]
)
def test_what_is_not_given_now_says_so_and_why(status, word, make_medicine, text_of, nurse):
    patient = make_medicine(status=status, statusReason={"text": "Low blood pressure"})

    text = text_of(nurse, f"/patients/{patient}/medicines/")

    assert f">{word}</span>" in text
    assert "Low blood pressure" in text


@pytest.mark.django_db
def test_what_was_entered_in_error_is_no_medicine(make_medicine, text_of, nurse):
    text = text_of(nurse, f"/patients/{make_medicine(status='entered-in-error')}/medicines/")

    assert "metformin" not in text
    assert "No medicine is recorded." in text


@pytest.mark.django_db
def test_a_long_name_is_never_cut(make_medicine, text_of, nurse):
    name = "Amlodipine " + "besilate " * 30 + "tablet"

    assert name in text_of(nurse, f"/patients/{make_medicine(medicationCodeableConcept={'text': name})}/")
