"""The registry of global models, one model's facts, and that no page gives a model away."""

import json

import pytest
from django.db import transaction

from wardround.coordinator.models.actions import register_model
from wardround.coordinator.models.vault import keep_model
from wardround.coordinator.runs.board import OUTCOME, run_folder
from wardround.coordinator.runs.models import Run

pytestmark = pytest.mark.django_db

WEIGHTS = b"the weights of a model"


@pytest.fixture
def model(run_id, board, settings):
    outcome = {
        "roster": ["budapest", "cleveland", "long-beach"], "received": ["budapest", "cleveland"], "patients": 607,
        "converged": True, "chosen": "shared", "parameters": 24, "calibration": [],
        "metrics": {"patients": 313, "positives": 171, "accuracy": 0.81, "auroc": 0.8754, "auroc_low": 0.838,
                    "auroc_high": 0.912, "auroc_error": 0.001, "brier": 0.13, "log_loss": 0.41},
    }  # fmt: skip
    (run_folder(settings.HOME, run_id) / OUTCOME).write_text(json.dumps(outcome))
    keep_model(settings.HOME, run_id=run_id, artifact=WEIGHTS)
    with transaction.atomic():
        return register_model(Run.objects.get(pk=run_id), rounds=6)


def test_the_registry_says_who_has_a_model_and_how_good_it_is(as_client, person, model):
    text = as_client(person("auditor")).get("/models/").content.decode()

    assert "0.875" in text
    assert "0.838–0.912" in text
    assert "2 of 3 have it" in text
    assert "only sealed" in text


def test_the_facts_name_every_source_attribute_or_say_that_it_is_missing(as_client, person, model):
    client = as_client(person("operator"))

    page = client.get(f"/models/{model.sha256}/").content.decode()
    facts = json.loads(client.get(f"/models/{model.sha256}/facts.json").content)

    attributes = facts["source_attributes_45_cfr_170_315_b_11_iv_B"]
    assert len(attributes) == 31
    assert all(bool(one["stated"]) != bool(one["missing_because"]) for one in attributes)
    assert page.count(">missing<") == sum(one["stated"] is None for one in attributes)
    assert facts["performance_on_held_out_patients_of_all_hospitals"]["auroc"] == 0.8754
    assert "AUROC 0.875 (95 % interval 0.838 to 0.912) on 313 patients" in page


def test_no_page_and_no_file_gives_the_model_away(as_client, person, model, run_id):
    client = as_client(person("administrator"))

    for path in ("/models/", f"/models/{model.sha256}/", f"/models/{model.sha256}/facts.json",
                 f"/runs/{run_id}/report.json"):  # fmt: skip
        assert WEIGHTS not in client.get(path).content
    assert client.get(f"/models/{model.sha256}/model").status_code == 404


def test_a_run_s_report_has_its_log_and_its_figures(as_client, person, model, run_id, board):
    board.say("Round 1 is done in 0.6 s.")

    report = json.loads(as_client(person("auditor")).get(f"/runs/{run_id}/report.json").content)

    assert report["run"]["log"][-1]["sentence"] == "Round 1 is done in 0.6 s."
    assert report["result"]["patients"] == 607


def test_a_model_that_is_not_there_is_not_there(as_client, person):
    assert as_client(person("operator")).get("/models/none/").status_code == 404
