"""A doctor's answer to an estimate: what is stored, what it writes into the chart, and what is refused."""

import json
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from wardround.hospital.diagnosis.actions import record_feedback, record_verdict
from wardround.hospital.diagnosis.errors import (
    InputsChanged,
    NoSuchEstimate,
    NothingToTakeBack,
    ReasonMissing,
    VerdictError,
)
from wardround.hospital.diagnosis.models import Verdict
from wardround.hospital.diagnosis.queries import references_for
from wardround.hospital.diagnosis.standing import latest_choices
from wardround.hospital.diagnosis.taking_back import take_back
from wardround.hospital.records.access import NotThere, patient_for
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceVersion, StandardValue
from wardround.interchange.fhir.structure import check
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

sys.path.append(str(Path(__file__).parents[2] / "browser"))

pytestmark = pytest.mark.django_db


@pytest.fixture
def heart(db, settings):
    from wardround.bench.heart_model import put_in_use

    put_in_use(settings.HOME)


@pytest.fixture
def chart(heart, make_patient, doctor):
    """A patient with a heart visit and no angiography yet, opened by the doctor to judge."""
    from wardround.bench.heart_visit import visit

    patient_id = make_patient()
    for resource in visit(patient_id):
        text = json.dumps(resource)
        if "coronary" not in text and resource["resourceType"] == "Observation":
            create_resource(resource, by=system_actor("tests"))
    return patient_for(doctor, patient_id, to="judge")


@pytest.fixture
def judge(chart):
    """judge("agree"): the doctor's answer to the estimate that the chart shows now."""

    def give(choice: str, **reason: str) -> Verdict:
        shown = references_for(chart)[0]
        return record_verdict(
            chart, model_sha256=shown.model.sha256, inputs_sha256=shown.inputs_sha256, choice=choice, **reason
        )

    return give


def stored(type_name: str, logical_id: str = "") -> dict:
    rows = ResourceVersion.objects.filter(resource__type=type_name).select_related("resource__data_key")
    row = rows.filter(resource__logical_id=logical_id).latest("number") if logical_id else rows.latest("pk")
    return json.loads(open_body(row, keyring=Keyring()))


def test_agreeing_adds_the_problem_as_suspected_under_the_doctors_name(judge, chart):
    verdict = judge("agree")

    problem = stored("Condition", verdict.condition_id)
    assert problem["verificationStatus"]["coding"][0]["code"] == "provisional"
    assert problem["code"]["coding"][0]["code"] == "I25.10"
    assert problem["recorder"]["identifier"]["value"] == "d.keller"
    assert problem["subject"]["reference"] == f"Patient/{chart.id}"
    assert check(problem) == []


def test_a_suspected_problem_is_no_fact_for_learning(judge, chart):
    judge("agree")

    assert not StandardValue.objects.filter(patient_id=chart.id, fact="condition").exists()


def test_a_verdict_keeps_model_inputs_estimate_interval_user_and_time(judge, chart):
    shown = references_for(chart)[0]

    verdict = judge("disagree", reason="known-already", words="The angiography of another hospital was clear.")

    assert verdict.model_sha256 == shown.model.sha256
    assert verdict.inputs_sha256 == shown.inputs_sha256
    assert (verdict.estimate, (verdict.low, verdict.high)) == (shown.probability, shown.interval)
    assert (verdict.username, verdict.role, verdict.reason) == ("d.keller", "doctor", "known-already")
    assert verdict.words.startswith("The angiography")
    assert AuditEvent.objects.filter(action="verdict.give", patient_id=chart.id, what=str(verdict)).count() == 1


def test_disagreeing_adds_no_problem(judge):
    verdict = judge("disagree", reason="does-not-fit")

    assert verdict.condition_id == ""
    assert not Resource.objects.filter(type="Condition").exists()


def test_disagreeing_without_a_reason_is_refused_and_stores_nothing(judge):
    with pytest.raises(ReasonMissing):
        judge("disagree", words="no")

    assert not Verdict.objects.exists()
    assert not Resource.objects.filter(type="RiskAssessment").exists()


def test_another_word_than_the_four_is_refused(judge):
    for choice in ("maybe", "take_back"):
        with pytest.raises(VerdictError):
            judge(choice)


def test_the_same_verdict_twice_is_one(judge):
    first, again = judge("agree"), judge("agree")

    assert first.uid == again.uid
    assert Verdict.objects.count() == 1
    assert Resource.objects.filter(type="RiskAssessment").count() == 1


def test_a_later_verdict_stands_beside_the_earlier_one(judge, chart):
    judge("agree")
    judge("disagree", reason="does-not-fit")
    judge("agree")

    assert list(Verdict.objects.order_by("given").values_list("choice", flat=True)) == ["agree", "disagree", "agree"]
    assert Resource.objects.filter(type="Condition").count() == 1  # the same problem is not added twice
    assert references_for(chart)[0].standing.choice == "agree"


def test_a_problem_that_was_taken_back_is_added_anew(judge, chart):
    first = judge("agree")
    withdrawn = stored("Condition", first.condition_id)
    withdrawn["verificationStatus"]["coding"][0]["code"] = "entered-in-error"
    del withdrawn["clinicalStatus"]
    withdrawn.pop("meta", None)
    from wardround.hospital.records.actions.resources import update_resource

    update_resource(withdrawn, type_name="Condition", logical_id=first.condition_id, by=chart.actor)
    judge("disagree", reason="does-not-fit")

    assert judge("agree").condition_id not in {"", first.condition_id}


def test_the_panel_does_not_say_that_a_problem_stands_when_it_was_taken_back(judge, chart):
    given = judge("agree")
    assert references_for(chart)[0].standing.problem == "suspected"
    withdrawn = stored("Condition", given.condition_id)
    withdrawn["verificationStatus"]["coding"][0]["code"] = "refuted"
    withdrawn.pop("meta", None)
    from wardround.hospital.records.actions.resources import update_resource

    update_resource(withdrawn, type_name="Condition", logical_id=given.condition_id, by=chart.actor)

    assert references_for(chart)[0].standing.problem == "gone"


def test_a_verdict_that_was_taken_back_counts_for_nothing_and_what_it_wrote_is_an_error(judge, chart):
    given = judge("agree")

    take_back(chart, model_sha256=given.model_sha256)

    assert stored("Condition", given.condition_id)["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in stored("Condition", given.condition_id)
    assert stored("RiskAssessment", given.assessment_id)["status"] == "entered-in-error"
    assert check(stored("Condition", given.condition_id)) == check(stored("RiskAssessment", given.assessment_id)) == []
    assert references_for(chart)[0].standing.choice == ""
    assert latest_choices(Verdict.objects.all()) == []
    assert AuditEvent.objects.filter(action="verdict.give", patient_id=chart.id).count() == 2


def test_after_a_verdict_was_taken_back_the_same_one_is_a_new_one(judge, chart):
    first = judge("agree")
    take_back(chart, model_sha256=first.model_sha256)

    again = judge("agree")

    assert again.uid != first.uid
    assert again.condition_id not in {"", first.condition_id}
    assert [one.uid for one in latest_choices(Verdict.objects.all())] == [again.uid]


def test_a_problem_that_somebody_changed_since_is_not_taken_back_with_the_verdict(judge, chart):
    given = judge("agree")
    confirmed = stored("Condition", given.condition_id)
    confirmed["verificationStatus"]["coding"][0]["code"] = "confirmed"
    confirmed.pop("meta", None)
    from wardround.hospital.records.actions.resources import update_resource

    update_resource(confirmed, type_name="Condition", logical_id=given.condition_id, by=chart.actor)
    assert references_for(chart)[0].standing.problem == "stated"

    take_back(chart, model_sha256=given.model_sha256)

    assert stored("Condition", given.condition_id)["verificationStatus"]["coding"][0]["code"] == "confirmed"
    assert stored("RiskAssessment", given.assessment_id)["status"] == "entered-in-error"


def test_what_another_doctor_agreed_to_stays_when_one_takes_it_back(judge, chart):
    given = judge("agree")
    Verdict.objects.create(
        uid=uuid.uuid4(), patient_id=chart.id, study_name="heart", model_sha256=given.model_sha256,
        inputs_sha256=given.inputs_sha256, choice="agree", username="d.other", role="doctor",
        given=timezone.now(), condition_id=given.condition_id,
    )  # fmt: skip

    take_back(chart, model_sha256=given.model_sha256)

    assert stored("Condition", given.condition_id)["verificationStatus"]["coding"][0]["code"] == "provisional"


def test_without_a_verdict_there_is_nothing_to_take_back(judge, chart):
    with pytest.raises(NothingToTakeBack):
        take_back(chart, model_sha256=references_for(chart)[0].model.sha256)
    given = judge("disagree", reason="not-useful")
    take_back(chart, model_sha256=given.model_sha256)

    with pytest.raises(NothingToTakeBack):
        take_back(chart, model_sha256=given.model_sha256)


def test_a_nurse_takes_no_verdict_back(judge, chart, nurse, as_client):
    given = judge("agree")

    answer = as_client(nurse).post(
        f"/patients/{chart.id}/verdict/", {"choice": "take_back", "model": given.model_sha256}
    )

    assert answer.status_code == 404
    assert Verdict.objects.count() == 1


def test_a_page_drawn_before_a_new_value_is_refused_with_the_new_estimate(chart, make_observation):
    shown = references_for(chart)[0]
    make_observation(chart.id, loinc="8480-6", value=110, unit="mm[Hg]", time="2026-03-05T08:00:00Z")

    with pytest.raises(InputsChanged) as refusal:
        record_verdict(chart, model_sha256=shown.model.sha256, inputs_sha256=shown.inputs_sha256, choice="agree")

    assert f"{references_for(chart)[0].estimate.percent}%" in str(refusal.value)
    assert not Verdict.objects.exists()


def test_a_value_that_is_no_input_does_not_make_a_page_stale(chart, make_observation):
    shown = references_for(chart)[0]
    make_observation(chart.id, loinc="29463-7", value=70, unit="kg", time="2026-03-05T08:00:00Z")

    assert references_for(chart)[0].inputs_sha256 == shown.inputs_sha256


def test_a_withheld_estimate_cannot_be_judged(heart, make_patient, doctor):
    chart = patient_for(doctor, make_patient(), to="judge")
    shown = references_for(chart)[0]

    with pytest.raises(NoSuchEstimate):
        record_verdict(chart, model_sha256=shown.model.sha256, inputs_sha256=shown.inputs_sha256, choice="agree")


def test_a_model_that_is_not_in_use_cannot_be_judged(chart):
    with pytest.raises(NoSuchEstimate):
        record_verdict(chart, model_sha256="0" * 64, inputs_sha256="0" * 64, choice="agree")


def test_a_nurse_may_not_judge_and_the_chart_looks_as_if_it_were_not_there(chart, nurse, as_client):
    with pytest.raises(NotThere):
        patient_for(nurse, chart.id, to="judge")
    assert as_client(nurse).post(f"/patients/{chart.id}/verdict/", {"choice": "hide"}).status_code == 404


def test_looking_writes_nothing(chart, as_client, doctor):
    before = ResourceVersion.objects.count()

    as_client(doctor).get(f"/patients/{chart.id}/")

    assert ResourceVersion.objects.count() == before
    assert not Verdict.objects.exists()


def test_hidden_is_hidden_for_this_visit_and_comes_back_after_a_day(judge, chart):
    verdict = judge("hide")
    assert references_for(chart)[0].standing.hidden_until == verdict.given + timedelta(hours=24)

    Verdict.objects.update(given=timezone.now() - timedelta(hours=25))

    assert references_for(chart)[0].standing.hidden_until is None


def test_hidden_comes_back_with_the_next_encounter(judge, chart):
    judge("hide")
    Verdict.objects.update(given=timezone.now() - timedelta(hours=2))
    encounter = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{chart.id}"},
        "period": {"start": (timezone.now() - timedelta(hours=1)).isoformat()},
    }
    create_resource(encounter, by=system_actor("tests"))

    assert references_for(chart)[0].standing.hidden_until is None


def test_hidden_is_hidden_from_nobody_else_and_is_shown_again_on_demand(judge, chart, steward):
    judge("hide")
    assert references_for(patient_for(steward, chart.id))[0].standing.hidden_until is None

    judge("show")

    assert references_for(chart)[0].standing.hidden_until is None
    assert not Resource.objects.filter(type="RiskAssessment").exists()


def test_a_verdict_is_a_risk_assessment_that_names_its_inputs(judge, chart):
    verdict = judge("agree")

    body = stored("RiskAssessment", verdict.assessment_id)
    assert check(body) == []
    assert body["method"]["coding"][0]["code"] == verdict.model_sha256
    assert body["prediction"][0]["probabilityDecimal"] == round(100 * verdict.estimate, 4)
    assert body["prediction"][0]["outcome"]["coding"][0]["code"] == "I25.10"
    assert body["condition"]["reference"] == f"Condition/{verdict.condition_id}"
    observations = Resource.objects.filter(type="Observation", patient_id=chart.id)
    assert {b["reference"] for b in body["basis"]} == {f"Observation/{o.logical_id}" for o in observations}


def test_its_provenance_names_the_doctor_the_model_and_the_inputs_and_lies_in_the_chart(judge, chart):
    verdict = judge("disagree", reason="wrong-data", words="The pressure is his neighbour's.")

    body = stored("Provenance")
    assert check(body) == []
    assert [agent["who"]["identifier"]["value"] for agent in body["agent"]] == ["d.keller", verdict.model_sha256]
    assert body["entity"][0]["what"]["identifier"]["value"] == verdict.inputs_sha256
    assert body["reason"][0]["coding"][0]["code"] == "wrong-data"
    assert Resource.objects.get(type="Provenance").patient_id == chart.id


def test_the_records_are_what_another_library_takes_for_fhir_r4(judge):
    resources = pytest.importorskip("fhir.resources.R4B", reason="fhir.resources is not installed")
    verdict = judge("agree")

    for type_name, logical_id in (
        ("RiskAssessment", verdict.assessment_id),
        ("Condition", verdict.condition_id),
        ("Provenance", ""),
    ):
        model = resources.get_fhir_model_class(type_name)
        model.model_validate_json(json.dumps(stored(type_name, logical_id)))


def test_it_is_read_over_fhir(judge, chart, client):
    from wardround.web.accounts.actions import make_token

    verdict = judge("agree")
    token = make_token("reader", scopes="system/*.rs", days=1, by=system_actor("tests"))

    answer = client.get(f"/fhir/R4/RiskAssessment?patient={chart.id}", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    assert answer.json()["entry"][0]["resource"]["id"] == verdict.assessment_id


def test_feedback_of_another_record_lands_in_the_same_table_once(db):
    from django.db import transaction

    card, at = uuid.uuid4(), timezone.now()
    told = {
        "card": card,
        "by": system_actor("The other record"),
        "study_name": "heart",
        "model_sha256": "a" * 64,
        "inputs_sha256": "b" * 64,
        "outcome": "overridden",
        "at": at,
        "user": "Practitioner/dr-k",
        "reason": "known-already",
    }
    with transaction.atomic():
        first, again = record_feedback(**told), record_feedback(**told)

    assert first == again
    assert Verdict.objects.get().choice == "disagree"
    assert Verdict.objects.get().username == "Practitioner/dr-k"
