"""The panel in the chart: what it says, and that a page costs no torch."""

import os
import subprocess
import sys
from dataclasses import replace
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from wardround.hospital.diagnosis import queries
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
    assert "Here: AUROC 0.88 (95% interval 0.82–0.95) on 101 patients held out of training." in text
    assert "Patients under 18." in text


def test_a_model_that_was_not_evaluated_here_says_so(panel):
    assert "Not evaluated on this hospital's own patients." in panel().replace("&#x27;", "'")


def test_an_auroc_that_few_patients_gave_by_chance_has_no_interval(panel, make_model):
    figures = {"auroc": 1.0, "auroc_low": None, "auroc_high": None, "patients": 12}

    assert "Here: AUROC 1.00 (too few patients for an interval) on 12 patients" in panel(
        model=make_model(adopted=figures)
    )


def test_an_interval_is_named_and_says_what_it_does_not_say(panel):
    text = panel()

    assert "<b>62%</b> <small>likely" in text
    assert "“Likely” is a 90% interval." in text


def test_an_input_that_moves_nothing_is_not_said_to_lower_the_estimate(panel, make_facts):
    text = panel(facts=make_facts(birth_year=1976))  # 50 years, the mean of the model

    assert "<span>Age <b>50 years</b></span>" in text
    assert text.count('<em class="none">no effect</em>') == 1


def test_missing_inputs_may_move_it_beyond_the_interval(panel, make_facts):
    text = panel(facts=make_facts(without=("exercise_angina",)))

    assert "Missing: Angina under exercise." in text
    assert "The estimate may move beyond its interval when they arrive." in text


def test_a_withheld_estimate_does_not_speak_of_inputs_used(panel, make_facts):
    text = panel(facts=make_facts(birth_year=2010))

    assert "4 of 4 inputs are there." in text
    assert "inputs used" not in text
    assert "Agree" not in text


def test_a_model_whose_patients_have_changed_says_so_beside_its_percentage(panel, make_model):
    drift = {"inputs": [{"title": "Age", "index": 0.4, "limit": 0.2, "has_drifted": True}], "patients": 80}

    assert "The patients here have changed since it was adopted." in panel(model=make_model(drift=drift))
    assert "The patients here have changed" not in panel()


def test_nothing_in_the_panel_is_red(panel, make_facts):
    for facts in (None, make_facts(birth_year=2010), make_facts(without=("exercise_angina",))):
        text = panel(facts=facts)

        assert "note stop" not in text
        assert 'class="value high"' not in text
        assert "flag high" not in text
        assert "<dialog" not in text
        assert 'role="alert"' not in text  # it never interrupts


def test_the_panel_is_read_in_the_order_in_which_it_is_judged(panel, make_facts):
    text = panel(facts=make_facts(without=("exercise_angina",)))

    spoken = ("Model output, not a diagnosis", "likely", "No local calibration.", "What moved the estimate",
              "inputs used.", "What would change this estimate", "learned at 4 hospitals")  # fmt: skip
    assert sorted(text.index(part) for part in spoken) == [text.index(part) for part in spoken]
    assert text.count("<svg") == text.count('aria-hidden="true"') - text.count('class="scale" aria-hidden="true"')


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


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/Zurich", "UTC", "America/Los_Angeles"])
def test_the_chart_shows_it_wherever_the_hospital_lies(
    zone, as_client, doctor, make_patient, make_model, make_facts, monkeypatch
):
    monkeypatch.setattr(queries, "adopted_models", lambda: [make_model()])
    monkeypatch.setattr(queries, "standard_facts", lambda _patient: make_facts())

    with timezone.override(zone):
        page = as_client(doctor).get(f"/patients/{make_patient()}/").content.decode()

    assert "Agree: add as suspected" in page


def test_why_the_model_is_in_use_is_said_in_the_readers_language(panel, make_model):
    sentence = "The federated model is no worse on this hospital's own patients, so it is adopted."
    model = replace(make_model(), decision={"sentence": sentence})

    with translation.override("de"):
        german = unescape(panel(model=model))

    assert sentence in unescape(panel(model=model))
    assert sentence not in german
    assert "Warum es hier im Einsatz ist: " in german
