"""A medicine that the patient takes is a MedicationStatement; it orders nothing."""

import pytest
from statements import Statement, bodies, said

pytestmark = pytest.mark.django_db
METFORMIN = {
    "medicine_text": "metformin tablet",
    "dose": "500",
    "unit": "mg",
    "route": "oral",
    "often": "2d",
    "instruction": "with food",
    "state": "active",
    "start": "02-Feb-2014",
}


@pytest.fixture
def medicine(as_client, nurse, make_patient):
    return Statement(as_client(nurse), make_patient(), "medicine", **METFORMIN)


def test_a_medicine_is_stored_with_dose_route_and_timing(medicine):
    assert medicine.saved().status_code == 302

    (body,) = bodies(medicine.patient_id, "MedicationStatement")
    (dosage,) = body["dosage"]
    assert body["medicationCodeableConcept"] == {"text": "metformin tablet"}
    assert body["effectivePeriod"] == {"start": "2014-02-02"}
    assert dosage["text"] == "twice a day, with food"
    assert {name: int(n) if name != "periodUnit" else n for name, n in dosage["timing"]["repeat"].items()} == {
        "frequency": 2,
        "period": 1,
        "periodUnit": "d",
    }
    assert (str(dosage["doseAndRate"][0]["doseQuantity"]["value"]), dosage["route"]["text"]) == ("500", "oral")


def test_micrograms_are_written_out(medicine):
    medicine.saved(dose="18", unit="ug")

    (body,) = bodies(medicine.patient_id, "MedicationStatement")
    quantity = body["dosage"][0]["doseAndRate"][0]["doseQuantity"]
    assert (quantity["unit"], quantity["code"]) == ("micrograms", "ug")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"medicine_text": ""}, "Write which medicine it is"),
        ({"unit": ""}, "Choose the unit of the dose"),
        ({"dose": ""}, "Write how much"),
        ({"dose": "half"}, "This is not a number"),
        ({"dose": "-5"}, "This is not a number"),
        ({"often": "other", "instruction": ""}, "Write how it is taken"),
        ({"state": "on-hold"}, "Say why it is on hold"),
        ({"end": "2015"}, "It has ended, so it is stopped"),
        ({"start": "2150"}, "This lies in the future"),
        ({"start": "1950"}, "This lies before the patient was born"),
        ({"state": "stopped", "end": "2013"}, "The end lies before the start"),
    ],
)
def test_what_cannot_be_true_is_not_saved(medicine, typed, sentence):
    answer = medicine.saved(**typed)

    assert sentence in said(answer)
    assert bodies(medicine.patient_id, "MedicationStatement") == []


def test_a_medicine_that_is_taken_already_is_pointed_out(medicine):
    medicine.saved()

    asked = medicine.saved(dose="850")

    assert "Already recorded on" in said(asked)
    assert medicine.vouched(dose="850", why="two doses a day differ").status_code == 302


def test_a_stopped_medicine_does_not_count_as_taken(medicine):
    medicine.saved(state="stopped", end="2015")

    assert medicine.saved(start="2016").status_code == 302


def test_a_recorded_allergy_to_the_medicine_is_pointed_out(medicine):
    Statement(medicine.client, medicine.patient_id, "allergy").saved(
        kind="allergy", substance_text="Metformin", certainty="confirmed"
    )

    asked = medicine.saved()

    assert "The patient is recorded as allergic to this: Metformin." in said(asked)
    assert bodies(medicine.patient_id, "MedicationStatement") == []


def test_on_hold_says_why(medicine):
    medicine.saved(state="on-hold", why_state="low blood pressure")

    (body,) = bodies(medicine.patient_id, "MedicationStatement")
    assert (body["status"], body["statusReason"]) == ("on-hold", [{"text": "low blood pressure"}])
