"""A correction writes a new version with its reason; what stood before stays, struck through."""

import re

import pytest
from statements import ICD, Correction, Statement, bodies, said, warned_in

from wardround.hospital.entry.models import Draft
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.models import Decision, Provenance, Resource, StandardValue
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
WEIGHT = {"loinc": "29463-7", "value": 68.4, "unit": "kg", "time": "2026-03-02T08:00:00+00:00"}


@pytest.fixture
def weight(as_client, nurse, make_patient, make_observation):
    patient_id = make_patient()
    rid = make_observation(patient_id, **WEIGHT)
    return Correction(as_client(nurse), patient_id, "Observation", rid)


@pytest.fixture
def problem(as_client, doctor, make_patient):
    patient_id = make_patient(birth="1963-05-02")
    entered = Statement(as_client(doctor), patient_id, "problem")
    entered.saved(code_text="asthma", code=f"{ICD}|J45.909", verification="confirmed", clinical="active", note="old")
    rid = Resource.objects.get(type="Condition").logical_id
    return Correction(as_client(doctor), patient_id, "Condition", rid)


def test_a_value_is_corrected_in_a_new_version_and_the_old_one_stays(weight):
    answer = weight.saved(value0="64.8", why="digits swapped")

    assert answer.status_code == 302
    old, new = bodies(weight.patient_id, "Observation")
    assert (str(old["valueQuantity"]["value"]), str(new["valueQuantity"]["value"])) == ("68.4", "64.8")
    assert (old["status"], new["status"]) == ("final", "amended")
    assert new["note"][0]["text"] == "digits swapped"
    written = Provenance.objects.get(activity="correct")
    assert (written.agent_name, written.reason) == ("n.horvath", "digits swapped")
    assert AuditEvent.objects.filter(action="record.correct", patient_id=weight.patient_id).exists()
    assert StandardValue.objects.get(measurement="body_weight", is_current=True).value_number == 64.8


def test_the_page_shows_the_old_value_struck_through_with_who_and_why(weight):
    weight.saved(value0="64.8", why="digits swapped")

    page = weight.opened().content.decode()

    assert re.search(r"<s>68\.4 kg · \d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d</s>", page)
    assert "Reason: digits swapped" in said(weight.opened())


def test_a_correction_needs_its_reason_and_a_change(weight):
    assert "Say why it is corrected." in said(weight.saved(value0="64.8", why=""))
    assert "Nothing is changed." in said(weight.saved(value0="68.4", why="no reason"))
    assert len(bodies(weight.patient_id, "Observation")) == 1


def test_the_unit_that_was_entered_stays_unless_it_is_corrected(weight):
    weight.saved(value0="151", unit0="[lb_av]", why="the scale showed pounds")

    quantity = bodies(weight.patient_id, "Observation")[-1]["valueQuantity"]
    assert (str(quantity["value"]), quantity["code"]) == ("151", "[lb_av]")


def test_an_impossible_value_is_not_saved(weight):
    answer = weight.saved(value0="6480", why="typed again")

    assert answer.status_code == 200
    assert "Cannot be saved." in said(answer)
    assert len(bodies(weight.patient_id, "Observation")) == 1


def test_an_unlikely_value_is_asked_about_and_then_stored_as_confirmed(weight, make_observation):
    for day in (1, 3, 4):
        make_observation(weight.patient_id, **{**WEIGHT, "time": f"2026-03-0{day}T08:00:00+00:00"})

    asked = weight.saved(value0="131", why="weighed again")
    answer = weight.saved(value0="131", why="weighed again", warned=warned_in(asked))

    assert "Please check." in said(asked)
    assert answer.status_code == 302
    value = StandardValue.objects.get(measurement="body_weight", is_current=True, value_number=131)
    assert (value.is_held, value.decision) == (False, Decision.CONFIRMED)


def test_a_version_that_changed_meanwhile_is_refused_with_what_stands_now(weight):
    typed = weight.filled()
    weight.saved(value0="64.8", why="digits swapped")

    answer = weight.client.post(weight.address, {**typed, "value0": "70", "why": "mine"})

    assert "Somebody changed this meanwhile." in said(answer)
    assert "64.8" in said(answer)
    assert 'value="70"' in answer.content.decode()
    assert len(bodies(weight.patient_id, "Observation")) == 2


def test_a_problem_is_corrected_and_what_nobody_touched_stays(problem):
    answer = problem.saved(onset="2015", why="the patient remembered")

    assert answer.status_code == 302
    old, new = bodies(problem.patient_id, "Condition")
    assert (new["onsetDateTime"], new["code"], new["recorder"]) == ("2015", old["code"], old["recorder"])
    assert [note["text"] for note in new["note"]] == ["old", "the patient remembered"]


def test_another_code_is_chosen_and_the_correction_is_no_duplicate_of_itself(problem):
    answer = problem.saved(code_text="copd", code=f"{ICD}|J44.9", why="spirometry")

    assert answer.status_code == 302
    assert bodies(problem.patient_id, "Condition")[-1]["code"]["coding"][0]["code"] == "J44.9"


def test_a_date_that_cannot_be_is_refused_in_a_correction_too(problem):
    assert "This lies in the future" in said(problem.saved(onset="2150", why="typed again"))


def test_a_nurse_keeps_what_a_doctor_confirmed_and_does_not_confirm(problem, as_client, nurse):
    as_client(nurse)

    assert problem.filled()["verification"] == "confirmed"
    assert problem.saved(onset="2015", why="told at home").status_code == 302
    assert "Choose one of those that are offered" in said(problem.saved(verification="refuted", why="no"))


def test_a_code_of_a_system_that_is_not_loaded_here_is_kept(as_client, doctor, make_patient):
    patient_id = make_patient()
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "195967001", "display": "Asthma"}]}
    body = {"resourceType": "Condition", "code": code, "subject": {"reference": f"Patient/{patient_id}"}}
    rid = create_resource(body, by=system_actor("tests")).logical_id
    correction = Correction(as_client(doctor), patient_id, "Condition", rid)

    answer = correction.saved(onset="2015", verification="confirmed", clinical="active", why="asked")

    assert answer.status_code == 302
    assert bodies(patient_id, "Condition")[-1]["code"] == code


def test_what_the_source_never_said_need_not_be_said_to_correct_a_date(as_client, doctor, make_patient):
    patient_id = make_patient()
    body = {"resourceType": "Condition", "code": {"text": "Gout"}, "subject": {"reference": f"Patient/{patient_id}"}}
    rid = create_resource(body, by=system_actor("tests")).logical_id
    correction = Correction(as_client(doctor), patient_id, "Condition", rid)

    answer = correction.saved(onset="2015", code="text", why="asked")

    assert answer.status_code == 302
    after = bodies(patient_id, "Condition")[-1]
    assert (after["onsetDateTime"], "verificationStatus" in after, "clinicalStatus" in after) == ("2015", False, False)


def test_entered_in_error_is_said_with_a_reason(problem):
    version = problem.filled()["version"]

    refused = problem.client.post(problem.address, {"withdraw": "1", "version": version})
    answer = problem.client.post(problem.address, {"withdraw": "1", "version": version, "why_error": "another patient"})

    assert "Say why it is an error" in said(refused)
    assert answer.status_code == 302
    body = bodies(problem.patient_id, "Condition")[-1]
    assert body["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in body
    assert Provenance.objects.get(activity="withdraw").reason == "another patient"
    assert "This is marked as entered in error" in said(problem.opened())


@pytest.mark.parametrize("name", ["allergy", "medicine", "note"])
def test_each_kind_can_be_marked_as_an_error(name, as_client, nurse, make_patient):
    typed = {
        "allergy": {"kind": "allergy", "substance_text": "Latex", "certainty": "confirmed"},
        "medicine": {"medicine_text": "metformin", "state": "active"},
        "note": {"title": "Ward round", "text": "words"},
    }[name]
    types = {"allergy": "AllergyIntolerance", "medicine": "MedicationStatement", "note": "DocumentReference"}
    patient_id = make_patient()
    Statement(as_client(nurse), patient_id, name).saved(**typed)
    rid = Resource.objects.get(type=types[name]).logical_id
    correction = Correction(as_client(nurse), patient_id, types[name], rid)
    version = correction.filled()["version"]

    answer = correction.client.post(correction.address, {"withdraw": "1", "version": version, "why_error": "twice"})

    assert answer.status_code == 302
    assert "entered-in-error" in str(bodies(patient_id, types[name])[-1])


def test_a_record_of_another_chart_is_not_there(weight, make_patient):
    other = make_patient()

    answer = weight.client.get(weight.address.replace(weight.patient_id, other))

    assert answer.status_code == 404


def test_who_may_not_write_does_not_correct(weight, as_client, stranger, steward):
    for somebody in (stranger, steward):
        assert as_client(somebody).get(weight.address).status_code == 404


def test_what_is_typed_into_a_correction_is_kept_until_it_is_saved(problem):
    key = re.search(r'data-draft="/drafts/([^"]+)/"', problem.opened().content.decode())[1]
    problem.client.post(f"/drafts/{key}/", {**problem.filled(), "onset": "2015", "why": "the patient remembered"})

    page = problem.opened().content.decode()
    assert 'value="2015"' in page
    assert 'value="the patient remembered"' in page
    assert "restored." in page

    problem.saved(onset="2015", why="the patient remembered")
    assert not Draft.objects.exists()


def test_a_draft_about_a_version_that_stands_no_more_says_so(problem):
    key = re.search(r'data-draft="/drafts/([^"]+)/"', problem.opened().content.decode())[1]
    typed = {**problem.filled(), "onset": "2015"}
    problem.saved(onset="2016", why="another colleague")
    problem.client.post(f"/drafts/{key}/", typed)

    page = problem.opened()

    assert "Somebody changed this meanwhile." in said(page)
    assert 'value="2015"' in page.content.decode()


def test_two_corrections_of_one_chart_have_a_draft_each(weight, make_observation):
    other = make_observation(weight.patient_id, **{**WEIGHT, "time": "2026-03-01T08:00:00+00:00"})
    key = re.search(r'data-draft="/drafts/([^"]+)/"', weight.opened().content.decode())[1]
    weight.client.post(f"/drafts/{key}/", {**weight.filled(), "value0": "64.8"})

    assert 'value="64.8"' in weight.opened().content.decode()
    other_page = Correction(weight.client, weight.patient_id, "Observation", other).opened().content.decode()
    assert 'value="64.8"' not in other_page


def test_a_time_that_was_never_recorded_is_not_made_up_by_a_correction(as_client, nurse, make_patient):
    patient_id = make_patient()
    body = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "valueQuantity": {"value": 68.4, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }
    rid = create_resource(body, by=system_actor("tests")).logical_id

    assert Correction(as_client(nurse), patient_id, "Observation", rid).filled().get("taken_date", "") == ""
