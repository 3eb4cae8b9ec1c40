"""A procedure that was done, and a vaccination that was given."""

import pytest
from statements import Statement, bodies, said

pytestmark = pytest.mark.django_db
HIP = {"code_text": "Hip replacement", "state": "completed", "done": "14-03-2020", "performer": "Dr D. Keller"}
FLU = {"vaccine_text": "Influenza", "given": "2025-10-01", "lot": "AB12", "dose": "1", "source": "seen"}


@pytest.fixture
def procedure(as_client, doctor, make_patient):
    return Statement(as_client(doctor), make_patient(), "procedure", **HIP)


@pytest.fixture
def vaccination(as_client, nurse, make_patient):
    return Statement(as_client(nurse), make_patient(), "immunization", **FLU)


def test_a_procedure_is_stored_with_its_day_and_who_did_it(procedure):
    assert procedure.saved().status_code == 302

    (body,) = bodies(procedure.patient_id, "Procedure")
    assert (body["status"], body["performedDateTime"]) == ("completed", "2020-03-14")
    assert body["performer"] == [{"actor": {"display": "Dr D. Keller"}}]


def test_what_was_not_done_says_why(procedure):
    assert "Say why it was not done" in said(procedure.saved(state="not-done", done=""))

    procedure.saved(state="not-done", done="", note="the patient declined")
    (body,) = bodies(procedure.patient_id, "Procedure")
    assert body["statusReason"] == {"text": "the patient declined"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code_text": ""}, "Write which procedure it is"),
        ({"done": ""}, "Say when it was done"),
        ({"done": "2150"}, "This lies in the future"),
        ({"done": "1916"}, "This lies before the patient was born"),
        ({"state": ""}, "Say whether it was done"),
    ],
)
def test_what_cannot_be_true_is_not_saved(procedure, typed, sentence):
    assert sentence in said(procedure.saved(**typed))
    assert bodies(procedure.patient_id, "Procedure") == []


def test_the_same_on_the_same_day_is_pointed_out_and_another_day_is_not(procedure):
    procedure.saved()

    assert "Already recorded on" in said(procedure.saved(site="left"))
    assert procedure.saved(done="2021").status_code == 302


def test_a_vaccination_is_stored(vaccination):
    assert vaccination.saved().status_code == 302

    (body,) = bodies(vaccination.patient_id, "Immunization")
    assert (body["vaccineCode"], body["lotNumber"]) == ({"text": "Influenza"}, "AB12")
    assert int(body["protocolApplied"][0]["doseNumberPositiveInt"]) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"vaccine_text": ""}, "Write which vaccine it is"),
        ({"given": ""}, "Say when it was given"),
        ({"given": "2150"}, "This lies in the future"),
        ({"dose": "first"}, "Write 1 for the first dose"),
    ],
)
def test_a_vaccination_that_cannot_be_true_is_not_saved(vaccination, typed, sentence):
    assert sentence in said(vaccination.saved(**typed))
    assert bodies(vaccination.patient_id, "Immunization") == []


def test_the_same_vaccination_is_pointed_out(vaccination):
    vaccination.saved()

    assert "Already recorded on" in said(vaccination.saved(lot="CD34"))
