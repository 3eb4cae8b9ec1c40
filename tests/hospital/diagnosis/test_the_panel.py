"""The panel in the chart: what it says, and that a page costs no torch."""

import os
import subprocess
import sys

import pytest
from django.template.loader import render_to_string

from wardround.hospital.diagnosis.queries import reference_for
from wardround.learning.calibrate import Calibration

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(make_model, make_facts):
    """The panel's HTML for one model and one patient."""
    from datetime import datetime

    def render(*, model=None, facts=None) -> str:
        reference = reference_for(
            facts or make_facts(),
            model=model or make_model(),
            held=[],
            now=datetime(2026, 6, 1),  # noqa: DTZ001
        )
        return " ".join(render_to_string("diagnosis/panel.html", {"references": [reference]}).split())

    return render


def test_the_panel_says_that_it_is_no_diagnosis(panel):
    assert "Model output, not a diagnosis" in panel()


def test_the_panel_says_where_the_model_comes_from_and_what_it_is_not_for(panel, make_model):
    figures = {"auroc": 0.884, "auroc_low": 0.822, "auroc_high": 0.946, "patients": 101}

    text = panel(model=make_model(adopted=figures))

    assert "Version 1" in text
    assert "learned at 4 hospitals from 607 patients" in text
    assert "Here: AUROC 0.88 (0.82–0.95) on 101 patients held out of training." in text
    assert "Patients under 18." in text


def test_a_model_that_was_not_evaluated_here_says_so(panel):
    assert "Not evaluated on this hospital's own patients." in panel().replace("&#x27;", "'")


def test_a_calibrated_model_says_on_whom(panel, make_model):
    text = panel(model=make_model(calibration=Calibration(calibrated=True, note="calibrated on 193 patients")))

    assert "Calibrated on 193 patients." in text


def test_an_uncalibrated_model_says_so_and_why(panel, make_model):
    text = panel(model=make_model(calibration=Calibration(note="not calibrated locally: fewer than 10 patients")))

    assert "No local calibration." in text
    assert "fewer than 10 patients" in text


def test_an_estimate_made_in_hindsight_says_that_it_used_only_what_came_before(panel):
    assert "uses only what was known before it" in panel()


def test_a_chart_without_a_model_says_that_there_is_none(as_client, doctor, make_patient):
    text = as_client(doctor).get(f"/patients/{make_patient()}/").content.decode()

    assert "No model has been adopted at this hospital." in text


def test_the_web_process_does_not_load_torch(settings):
    code = (
        "import django, sys; django.setup(); import wardround.hospital.urls, wardround.hospital.diagnosis.queries; "
        "sys.exit('torch' in sys.modules)"
    )

    process = subprocess.run([sys.executable, "-c", code], check=False, env=os.environ, capture_output=True, text=True)

    assert process.returncode == 0, process.stderr
