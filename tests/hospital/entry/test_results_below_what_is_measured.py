"""Results that lie below or above what is measured: entered, corrected and shown with their sign, and never used as numbers."""

import re

import pytest
from statements import Correction, bodies, said

from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.models import Resource, StandardValue
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
UCUM = "http://unitsofmeasure.org"


def _result(
    patient_id: str,
    *,
    loinc: str = "6598-7",
    system: str = "http://loinc.org",
    time: str = "2026-03-04T08:15:00+00:00",
    **quantity,
) -> str:
    """A stored result of troponin T, unless another test is named."""
    body = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": system, "code": loinc}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": time,
        "valueQuantity": {"value": 0.01, "unit": "ng/mL", "system": UCUM, "code": "ng/mL", **quantity},
    }
    return create_resource(body, by=system_actor("tests")).logical_id


@pytest.fixture
def limit(as_client, nurse, make_patient) -> Correction:
    patient_id = make_patient()
    return Correction(as_client(nurse), patient_id, "Observation", _result(patient_id, comparator="<"))


def _quantity(limit) -> dict:
    return bodies(limit.patient_id, "Observation")[-1]["valueQuantity"]


@pytest.mark.parametrize(
    ("typed", "sign", "number"),
    [("<0.01", "<", "0.01"), ("< 0.010", "<", "0.010"), ("≤0.01", "<=", "0.01"), (">= 10", ">=", "10")],
)
def test_a_limit_is_entered_and_every_digit_is_kept(at_the_form, typed, sign, number):
    at_the_form.laboratory().saved(test=["troponin_t"], troponin_t=typed)

    (body,) = bodies(at_the_form.patient_id, "Observation")
    assert (body["valueQuantity"]["comparator"], str(body["valueQuantity"]["value"])) == (sign, number)


def test_a_limit_is_no_number_to_learning_nor_to_a_trend(at_the_form):
    at_the_form.laboratory().saved(test=["troponin_t"], troponin_t="<0.01")

    assert not StandardValue.objects.filter(measurement="troponin_t").exists()


def test_a_limit_below_which_nothing_is_possible_is_not_saved(at_the_form):
    answer = at_the_form.laboratory().saved(test=["sodium"], sodium="< 5")

    assert "No possible value lies there: the possible range is" in said(answer)
    assert bodies(at_the_form.patient_id, "Observation") == []


def test_at_the_bedside_a_sign_is_no_number(at_the_form):
    assert "This is not a number" in said(at_the_form.saved(heart_rate="<50"))


def test_a_limit_is_corrected_with_its_reason_and_stays_a_limit(limit):
    assert limit.filled()["value0"] == "< 0.01"

    answer = limit.saved(value0="< 0.10", why="read again from the paper")

    assert answer.status_code == 302
    assert (_quantity(limit)["comparator"], str(_quantity(limit)["value"])) == ("<", "0.10")
    assert bodies(limit.patient_id, "Observation")[-1]["status"] == "amended"
    assert re.search(r"<s>&lt; 0\.01", limit.opened().content.decode())


def test_a_sign_that_was_wrong_is_taken_away_and_the_number_counts(limit):
    limit.saved(value0="0.05", why="read again from the paper")

    assert "comparator" not in _quantity(limit)
    assert StandardValue.objects.get(measurement="troponin_t", is_current=True).value_number == pytest.approx(0.05)


def test_a_sign_that_was_missing_is_written_and_the_number_counts_no_more(as_client, nurse, make_patient):
    patient_id = make_patient()
    exact = Correction(as_client(nurse), patient_id, "Observation", _result(patient_id))
    assert StandardValue.objects.filter(measurement="troponin_t", is_current=True).exists()

    exact.saved(value0="<0.01", why="the sign was missing")

    assert _quantity(exact)["comparator"] == "<"
    assert not StandardValue.objects.filter(measurement="troponin_t", is_current=True).exists()


def test_a_limit_that_nobody_touched_stays_while_its_time_is_corrected(limit):
    answer = limit.saved(taken_time="07:00", why="taken an hour before")

    assert answer.status_code == 302
    assert "T07:00" in bodies(limit.patient_id, "Observation")[-1]["effectiveDateTime"]
    assert (_quantity(limit)["comparator"], str(_quantity(limit)["value"])) == ("<", "0.01")


def test_a_bedside_value_gets_no_sign(as_client, nurse, make_patient, make_observation):
    patient_id = make_patient()
    rid = make_observation(patient_id, loinc="8867-4", value=72, unit="/min", time="2026-03-02T08:00:00+00:00")
    correction = Correction(as_client(nurse), patient_id, "Observation", rid)

    assert "This is not a number" in said(correction.saved(value0="<72", why="typed again"))


def test_an_impossible_limit_is_not_saved_in_a_correction_either(as_client, nurse, make_patient):
    patient_id = make_patient()
    sodium = _result(patient_id, loinc="2951-2", value=140, unit="mmol/L", code="mmol/L")
    correction = Correction(as_client(nurse), patient_id, "Observation", sodium)

    assert "No possible value lies there" in said(correction.saved(value0="< 5", why="typed again"))


class TestTheChart:
    def test_the_flowsheet_has_the_limit_at_its_time_in_the_line_of_its_test(self, limit):
        _result(limit.patient_id, value=0.4, time="2026-03-03T08:15:00+00:00")

        page = limit.client.get(f"/patients/{limit.patient_id}/laboratory/").content.decode()

        line = re.search(r'<th scope="row">Troponin T.*?</tr>', page, re.DOTALL)[0]
        assert "&lt; 0.01" in line
        assert "0.4" in line
        assert 'id="as-received"' not in page

    def test_the_summary_says_the_limit_where_it_is_the_latest(self, limit):
        _result(limit.patient_id, value=0.4, time="2026-03-03T08:15:00+00:00")

        page = limit.client.get(f"/patients/{limit.patient_id}/").content.decode()

        line = re.search(r'<th scope="row">Troponin T.*?</tr>', page, re.DOTALL)[0]
        assert "&lt; 0.01" in line
        assert "0.4" in line  # the value before it
        assert limit.address in line
        assert "Not understood" not in page

    def test_the_summary_says_a_later_number_instead(self, limit):
        _result(limit.patient_id, value=0.4, time="2026-03-05T08:15:00+00:00")

        page = limit.client.get(f"/patients/{limit.patient_id}/").content.decode()

        line = re.search(r'<th scope="row">Troponin T.*?</tr>', page, re.DOTALL)[0]
        assert "0.4" in line
        assert "&lt; 0.01" not in line

    def test_a_limit_in_another_unit_keeps_its_own(self, limit):
        _result(limit.patient_id, value=5, comparator="<", unit="ng/L", code="ng/L", time="2026-03-05T08:15:00+00:00")

        page = limit.client.get(f"/patients/{limit.patient_id}/laboratory/").content.decode()

        assert "&lt; 5 ng/L" in page

    def test_a_limit_that_was_corrected_is_amended_with_the_old_one_struck_through(self, limit):
        limit.saved(value0="< 0.10", why="read again from the paper")

        sheet = limit.client.get(f"/patients/{limit.patient_id}/laboratory/").content.decode()
        history = limit.client.get(f"/patients/{limit.patient_id}/history/").content.decode()

        assert re.search(r"<s>&lt; 0\.01[^<]*</s> <a [^>]*>amended</a>", sheet)
        assert re.search(r"<s>&lt; 0\.01 ng/mL</s> → <b>&lt; 0\.10 ng/mL</b>", history)

    def test_a_limit_of_which_only_the_time_was_corrected_is_not_struck_through(self, limit):
        limit.saved(taken_time="07:00", why="taken an hour before")

        assert "<s>" not in limit.client.get(f"/patients/{limit.patient_id}/laboratory/").content.decode()

    @pytest.mark.parametrize("page", ["", "print/", "laboratory/"])
    def test_a_limit_whose_record_waits_for_a_decision_says_so(self, limit, page):
        _result(limit.patient_id, comparator="<", value=0.02, time="2062-03-04T08:15:00+00:00")

        text = limit.client.get(f"/patients/{limit.patient_id}/{page}").content.decode()

        row = re.search(r"<tr[^>]*><th scope=\"row\">Troponin T((?!</tr>).)*&lt; 0\.02.*?</tr>", text, re.DOTALL)[0]
        assert re.search(r"\bheld\b", row, re.IGNORECASE)

    def test_the_summary_says_why_a_limit_is_held_and_asks_nothing_of_its_number(self, limit, as_client, doctor):
        _result(limit.patient_id, comparator="<", value=0.02, time="2062-03-04T08:15:00+00:00")

        page = as_client(doctor).get(f"/patients/{limit.patient_id}/").content.decode()

        decision = re.search(r'<tr class="is-held decision">.*?</tr>', page, re.DOTALL)[0]
        assert "in the future" in decision
        assert "<form" not in decision

    def test_a_number_that_became_a_limit_is_struck_through_in_the_history(self, limit):
        limit.saved(value0="0.05", why="read again")
        limit.saved(value0="< 0.05", why="and again")

        history = limit.client.get(f"/patients/{limit.patient_id}/history/").content.decode()

        assert "<s>&lt; 0.01 ng/mL</s> → <b>0.05" in history
        assert re.search(r"<s>0\.05 ng/mL</s> → <b>&lt; 0\.05 ng/mL</b>", history)

    def test_a_limit_that_is_an_error_is_shown_no_more(self, limit):
        version = limit.filled()["version"]
        limit.client.post(limit.address, {"withdraw": "1", "version": version, "why_error": "twice"})

        assert "&lt; 0.01" not in limit.client.get(f"/patients/{limit.patient_id}/laboratory/").content.decode()

    @pytest.mark.parametrize(
        ("system", "code"),
        [("http://loinc.org", "99999-9"), ("urn:wardround:code", "chest_pain_type")],  # this one is answered in words
    )
    def test_a_limit_of_what_the_catalogue_knows_no_number_of_stays_among_what_was_received(self, limit, system, code):
        _result(limit.patient_id, loinc=code, system=system, comparator=">", value=3)

        page = limit.client.get(f"/patients/{limit.patient_id}/laboratory/").content.decode()

        assert 'id="as-received"' in page
        assert "&gt; 3" in page

    def test_a_record_of_one_limit_alone_has_a_sheet(self, limit):
        assert Resource.objects.filter(type="Observation").count() == 1

        page = limit.client.get(f"/patients/{limit.patient_id}/laboratory/").content.decode()

        assert "&lt; 0.01" in re.search(r'<table class="flowsheet">.*?</table>', page, re.DOTALL)[0]
