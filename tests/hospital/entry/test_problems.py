"""A problem is a Condition with a code or words, under the name of whoever says it."""

import pytest
from statements import ICD, Statement, bodies, said

from wardround.hospital.entry.models import Draft
from wardround.hospital.records.models import Decision, Provenance, Resource, ResourceFinding
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
ASTHMA = {"code_text": "asthma", "code": f"{ICD}|J45.909", "verification": "provisional", "clinical": "active"}


@pytest.fixture
def problem(as_client, doctor, make_patient):
    return Statement(as_client(doctor), make_patient(birth="1963-05-02"), "problem", **ASTHMA)


def test_a_problem_is_stored_with_its_code_and_who_recorded_it(problem):
    answer = problem.saved(onset="03-2011", verification="confirmed", note="since childhood")

    assert answer.status_code == 302
    (body,) = bodies(problem.patient_id, "Condition")
    assert body["code"]["coding"] == [
        {"system": ICD, "code": "J45.909", "display": "Unspecified asthma, uncomplicated"}
    ]
    assert body["onsetDateTime"] == "2011-03"
    assert body["verificationStatus"]["coding"][0]["code"] == "confirmed"
    assert body["recorder"]["display"] == "d.keller"
    assert body["note"][0]["text"] == "since childhood"
    assert Provenance.objects.filter(agent_name="d.keller", agent_kind="user", activity="create").exists()
    assert AuditEvent.objects.filter(action="record.create", patient_id=problem.patient_id).exists()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("14-Mar-2011", "2011-03-14"),
        ("14. März 2011", "2011-03-14"),
        ("05-Mai-2011", "2011-05-05"),
        ("21-Júl-2011", "2011-07-21"),
        ("Okt 2011", "2011-10"),
        ("14.3.2011", "2011-03-14"),
    ],
)
def test_a_date_is_read_as_the_pages_print_it_in_each_language(typed, stored, problem):
    problem.saved(onset=typed)

    assert [body["onsetDateTime"] for body in bodies(problem.patient_id, "Condition")] == [stored]


def test_words_without_a_code_are_kept_as_words(problem):
    problem.saved(code_text="tired of waiting", code="text")

    (body,) = bodies(problem.patient_id, "Condition")
    assert body["code"] == {"text": "tired of waiting"}


def test_words_are_not_kept_without_saying_that_they_are_not_coded(problem):
    answer = problem.saved(code="")

    assert "Choose a code from the list" in said(answer)
    assert bodies(problem.patient_id, "Condition") == []


def test_a_code_that_nobody_knows_is_refused_and_nothing_typed_is_lost(problem):
    answer = problem.saved(code=f"{ICD}|X00.ZZ", note="kept words")

    assert "This code is not known here" in said(answer)
    assert 'value="asthma"' in answer.content.decode()
    assert "kept words" in said(answer)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code_text": "", "code": ""}, "Write what the problem is"),
        ({"verification": ""}, "Say how sure it is"),
        ({"clinical": ""}, "Say whether it is active"),
        ({"onset": "last week"}, "This is not a date"),
        ({"onset": "2150"}, "This lies in the future"),
        ({"onset": "1916"}, "This lies before the patient was born"),
        ({"onset": "2012", "abatement": "2011", "clinical": "resolved"}, "The end lies before the start"),
        ({"abatement": "2012"}, "It has an end, so it is resolved"),
        ({"clinical": "gone"}, "Choose one of those that are offered"),
    ],
)
def test_what_cannot_be_true_is_not_saved_and_said_at_its_box(problem, typed, sentence):
    answer = problem.saved(**typed)

    assert answer.status_code == 200
    assert sentence in said(answer)
    assert "Cannot be saved." in said(answer)
    assert bodies(problem.patient_id, "Condition") == []


def test_the_summary_of_errors_leads_to_the_box(problem):
    answer = problem.saved(onset="2150").content.decode()

    assert '<a href="#onset">' in answer
    assert 'id="onset" name="onset" value="2150"' in answer


def test_a_problem_that_stands_in_the_chart_is_pointed_out(problem):
    problem.saved()

    answer = problem.saved(note="again")

    assert "Already recorded on" in said(answer)
    assert "by d.keller: Unspecified asthma, uncomplicated." in said(answer)
    assert len(bodies(problem.patient_id, "Condition")) == 1


def test_the_same_problem_is_stored_again_with_the_reason(problem):
    problem.saved()

    answer = problem.vouched(why="another episode")

    assert answer.status_code == 302
    assert len(bodies(problem.patient_id, "Condition")) == 2
    assert Provenance.objects.filter(reason="another episode").exists()


def test_a_reason_vouches_only_for_what_was_shown(problem):
    problem.saved()

    answer = problem.saved(why="I know", warned="something else", note="again")

    assert answer.status_code == 200
    assert len(bodies(problem.patient_id, "Condition")) == 1


def test_what_is_resolved_may_come_back(problem):
    problem.saved(clinical="resolved", onset="2010", abatement="2011")

    assert problem.saved(onset="2020").status_code == 302


def test_a_disease_of_the_other_sex_is_asked_about_and_confirmed_with_its_reason(problem):
    prostate = {"code_text": "prostate", "code": f"{ICD}|N40.0"}

    asked = problem.saved(**prostate)
    answer = problem.vouched(**prostate, why="sex recorded at birth was male")

    assert "Only a patient of the other sex can have this" in said(asked)
    assert answer.status_code == 302
    finding = ResourceFinding.objects.get(kind="wrong_sex", is_current=True)
    assert (finding.decision, finding.is_held) == (Decision.CONFIRMED, False)
    assert (finding.decided_by, finding.decision_reason) == ("d.keller", "sex recorded at birth was male")


def test_a_nurse_does_not_confirm_a_diagnosis(as_client, nurse, make_patient):
    problem = Statement(as_client(nurse), make_patient(), "problem", **ASTHMA)

    page = problem.opened().content.decode()
    refused = problem.saved(verification="confirmed")

    assert 'value="confirmed"' not in page
    assert "Choose one of those that are offered" in said(refused)
    assert problem.saved(verification="provisional").status_code == 302


def test_the_same_form_sent_twice_is_stored_once(problem):
    first = problem.client.post(problem.address, {**ASTHMA, "form_token": "one"})
    second = problem.client.post(problem.address, {**ASTHMA, "form_token": "one"})

    assert first.status_code == 302
    assert len(bodies(problem.patient_id, "Condition")) == 1
    assert second.status_code in {200, 302}


def test_the_draft_comes_back_and_goes_when_the_form_is_saved(problem):
    problem.client.post(f"/drafts/problem:{problem.patient_id}/", {**ASTHMA, "note": "half written"})
    assert "half written" in said(problem.opened())

    problem.saved()

    assert not Draft.objects.exists()


def test_the_form_without_scripts_has_a_button_that_searches(problem):
    answer = problem.client.post(problem.address, {"code_text": "heart attack", "find": "code", "note": "kept"})

    assert "I21.9" in said(answer)
    assert "kept" in said(answer)
    assert Resource.objects.filter(type="Condition").count() == 0


def test_a_stranger_and_a_steward_do_not_write(as_client, stranger, steward, make_patient):
    patient_id = make_patient()
    for somebody in (stranger, steward):
        answer = Statement(as_client(somebody), patient_id, "problem", **ASTHMA).saved()
        assert answer.status_code == 404
    assert bodies(patient_id, "Condition") == []
