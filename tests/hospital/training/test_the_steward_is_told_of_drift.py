"""Whoever answers for the data is told that a model's patients have changed: on two pages, and to a monitor."""

import html

import pytest

from wardround.bench.heart_model import put_in_use
from wardround.hospital.training.models import LocalModel
from wardround.web.accounts.actions import make_token
from wardround.web.audit.actor import system_actor

STUDY = 'study="Coronary heart disease before angiography",version="1"'
CALIBRATION = {"observed": 40, "expected": 20.0, "z": 5.0, "has_drifted": True}
DRIFT = {
    "measured": "2026-11-26T03:00:00+00:00",
    "patients": 80,
    "needed": 50,
    "inputs": [
        {"title": "Age", "index": 0.41, "limit": 0.2, "has_drifted": True},
        {"title": "Sex", "index": 0.02, "limit": 0.2, "has_drifted": False},
    ],
    "calibration": CALIBRATION,
}
FEW = {**DRIFT, "patients": 3, "inputs": [{"title": "Age", "index": 4.0, "limit": 9.0, "has_drifted": False}]}
FEW["calibration"] = {**CALIBRATION, "observed": 3, "has_drifted": False}


@pytest.fixture
def model(db, settings):
    put_in_use(settings.HOME)
    return LocalModel.objects.get()


@pytest.fixture
def measured(model):
    def measured(drift: dict) -> LocalModel:
        model.figures |= {"drift": drift}
        model.save()
        return model

    return measured


@pytest.fixture
def gauges(client, db):
    """The lines of /metrics that speak of models, as a monitor with a token reads them."""

    def gauges() -> set[str]:
        token = make_token("monitor", scopes="system/*.r", days=1, by=system_actor("tests"))
        text = client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).content.decode()
        return {line for line in text.splitlines() if line.startswith("wardround_model")}

    return gauges


@pytest.mark.parametrize("path", ["/quality/", "/models/"])
def test_a_steward_is_told_what_changed_and_led_to_the_facts(as_client, steward, measured, path):
    model = measured(DRIFT)

    page = html.unescape(as_client(steward).get(path).content.decode())

    assert "the patients are no longer those the model was adopted on." in page
    assert "Drifted: Age." in page
    assert "40 had it since, and the estimates foresaw 20.0." in page
    assert f'<a href="/models/{model.model_sha256}/facts/">Model facts</a>' in page


@pytest.mark.parametrize("path", ["/quality/", "/models/"])
def test_without_drift_nothing_is_said(as_client, steward, measured, path):
    measured(FEW)

    assert "are no longer those" not in as_client(steward).get(path).content.decode()


@pytest.mark.parametrize("path", ["/quality/", "/models/"])
def test_that_drift_could_not_be_measured_is_said_too(as_client, steward, measured, path):
    measured({"measured": DRIFT["measured"], "failed": "The cohort is gone."})

    page = as_client(steward).get(path).content.decode()

    assert "it is not known whether the patients have changed." in page
    assert "The cohort is gone." in page


def test_the_facts_page_says_that_it_could_not_be_measured(as_client, steward, measured):
    model = measured({"measured": DRIFT["measured"], "failed": "The cohort is gone."})

    page = as_client(steward).get(f"/models/{model.model_sha256}/facts/").content.decode()

    assert "<b>It could not be measured.</b> The cohort is gone." in page


def test_a_monitor_reads_the_alert_the_largest_index_and_observed_over_expected(measured, gauges):
    measured(DRIFT)

    assert gauges() == {
        f"wardround_model_drift_alert{{{STUDY}}} 1.0",
        f"wardround_model_drift_failed{{{STUDY}}} 0.0",
        f"wardround_model_drift_psi_max{{{STUDY}}} 0.41",
        f"wardround_model_calibration_observed_over_expected{{{STUDY}}} 2.0",
    }


def test_a_monitor_reads_no_figure_of_few_patients(measured, gauges):
    measured(FEW)

    assert gauges() == {
        f"wardround_model_drift_alert{{{STUDY}}} 0.0",
        f"wardround_model_drift_failed{{{STUDY}}} 0.0",
    }


def test_a_monitor_reads_that_drift_could_not_be_measured(measured, gauges):
    measured({"measured": DRIFT["measured"], "failed": "The cohort is gone."})

    assert f"wardround_model_drift_failed{{{STUDY}}} 1.0" in gauges()
