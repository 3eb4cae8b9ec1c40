"""Where a study asks for it, a doctor says what they think themselves before they see an estimate (automation bias)."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from wardround.hospital.cds.calls import services
from wardround.hospital.diagnosis.actions import record_impression, record_verdict
from wardround.hospital.diagnosis.agreement import agreement
from wardround.hospital.diagnosis.errors import ReasonMissing, VerdictError
from wardround.hospital.diagnosis.models import Verdict
from wardround.hospital.diagnosis.queries import references_for
from wardround.hospital.diagnosis.standing import HIDDEN_FOR, latest_choices
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.training.queries import adopted_models
from wardround.web.audit.actor import Actor, system_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def heart(db, settings):
    """The heart model, of a study that asks for the doctor's own impression first."""
    from wardround.bench.heart_model import put_in_use

    put_in_use(settings.HOME, impression_first=True)


@pytest.fixture
def patient_id(heart, make_patient):
    from wardround.bench.heart_visit import visit

    patient_id = make_patient()
    for resource in visit(patient_id):
        if "coronary" not in json.dumps(resource) and resource["resourceType"] == "Observation":
            create_resource(resource, by=system_actor("tests"))
    return patient_id


@pytest.fixture
def chart(patient_id, doctor):
    return patient_for(doctor, patient_id, to="judge")


@pytest.fixture
def sha256(heart):
    return adopted_models()[0].artifact.sha256


class TestThePanel:
    def test_asks_before_it_shows_the_estimate(self, as_client, doctor, patient_id):
        page = as_client(doctor).get(f"/patients/{patient_id}/").content.decode()

        assert "what do you think yourself?" in page
        assert "What moved the estimate" not in page
        assert "Agree: add as suspected" not in page

    def test_shows_it_with_the_answer_afterwards(self, as_client, doctor, patient_id, sha256):
        client = as_client(doctor)

        client.post(f"/patients/{patient_id}/verdict/", {"model": sha256, "choice": "impression", "reason": "unlikely"})
        page = client.get(f"/patients/{patient_id}/").content.decode()

        assert "What you thought before: It is unlikely." in page
        assert "What moved the estimate" in page

    def test_asks_nobody_who_gives_no_verdicts(self, as_client, nurse, patient_id):
        page = as_client(nurse).get(f"/patients/{patient_id}/").content.decode()

        assert "what do you think yourself?" not in page
        assert "What moved the estimate" in page

    def test_asks_again_at_the_next_visit(self, chart, sha256):
        record_impression(chart, model_sha256=sha256, impression="likely")
        assert not references_for(chart)[0].standing.is_asked_first

        Verdict.objects.update(given=timezone.now() - HIDDEN_FOR - timedelta(minutes=1))
        assert references_for(chart)[0].standing.is_asked_first


class TestTheAnswer:
    def test_is_one_of_three(self, chart, sha256):
        with pytest.raises(ReasonMissing):
            record_impression(chart, model_sha256=sha256, impression="")
        assert not Verdict.objects.exists()

    def test_keeps_the_estimate_that_was_not_seen(self, chart, sha256):
        shown = references_for(chart)[0]

        kept = record_impression(chart, model_sha256=sha256, impression="unsure")

        assert (kept.choice, kept.reason) == ("impression", "unsure")
        assert kept.estimate == shown.probability
        assert kept.assessment_id == kept.condition_id == ""

    def test_is_no_agreement(self, chart, sha256, steward):
        record_impression(chart, model_sha256=sha256, impression="likely")

        assert latest_choices(Verdict.objects.all()) == []
        assert all(model.judged == 0 for model in agreement(steward))

    def test_is_needed_before_a_verdict(self, chart, sha256):
        inputs = references_for(chart)[0].inputs_sha256

        with pytest.raises(VerdictError, match="what you think yourself"):
            record_verdict(chart, model_sha256=sha256, inputs_sha256=inputs, choice="agree")
        assert not Verdict.objects.exists()

        record_impression(chart, model_sha256=sha256, impression="likely")
        given = record_verdict(chart, model_sha256=sha256, inputs_sha256=inputs, choice="agree")
        assert given.condition_id


def test_another_record_is_given_no_card(heart):
    """It would show the estimate at once."""
    assert services() == []


def test_what_one_doctor_thought_is_not_said_for_another(chart, patient_id, sha256):
    record_impression(chart, model_sha256=sha256, impression="likely")
    another = patient_for(Actor(kind="person", name="another", role="doctor"), patient_id, to="judge")

    assert references_for(another)[0].standing.is_asked_first
