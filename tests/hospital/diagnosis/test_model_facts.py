"""The facts of a model: what is stated, what is said to be missing, and for whom the page is."""

import html
import re
from datetime import timedelta

import pytest

from wardround.bench.heart_model import put_in_use
from wardround.federation.source_attributes import stated
from wardround.hospital.diagnosis.calibration_plot import calibration_plot
from wardround.hospital.quality.prometheus import store_text
from wardround.hospital.training import vault
from wardround.hospital.training.models import LocalModel
from wardround.hospital.training.queries import adopted_models, adopted_name
from wardround.learning.evaluate import CalibrationRow
from wardround.web.accounts.models import User
from wardround.web.audit.models import AuditEvent

ALL = len(stated({}, why_missing={}, otherwise="Not stated."))


def performance(patients: int, area: float) -> dict:
    figure = {"value": area, "low": area - 0.05, "high": area + 0.05}
    whole = {"value": 1.0, "low": 0.8, "high": 1.2}
    return {
        "patients": patients, "positives": patients // 2, "expected": patients / 2, "auroc": figure,
        "brier": {"value": 0.13, "low": 0.1, "high": 0.16}, "slope": whole, "intercept": {**whole, "value": 0.0},
    }  # fmt: skip


EVALUATION = {
    "overall": performance(101, 0.88),
    "subgroups": [
        {"kind": "sex", "name": "male", "performance": performance(80, 0.86)},
        {"kind": "sex", "name": "female", "performance": None},
    ],
    "resamples": 1000,
    "level": 0.95,
}


@pytest.fixture
def in_use(db, settings):
    put_in_use(settings.HOME)


@pytest.fixture
def sha256(in_use):
    return adopted_models()[0].artifact.sha256


@pytest.fixture
def evaluated(sha256):
    model = LocalModel.objects.get(is_current=True)
    model.figures |= {"evaluation": EVALUATION}
    model.save()
    return sha256


def shown(client, sha256: str) -> str:
    return html.unescape(client.get(f"/models/{sha256}/facts/").content.decode())


def test_each_source_attribute_is_stated_or_said_to_be_missing_with_the_reason(as_client, doctor, sha256):
    page = shown(as_client(doctor), sha256)

    numbers = re.findall(r'<small class="muted">(\(\d\)\([ivx]+\))</small>', page)
    assert len(numbers) == len(set(numbers)) == ALL
    assert 'missing</span> <span class="muted">The study document has no field for it.' in page
    assert 'class="muted"></span>' not in page


def test_the_local_evaluation_stands_with_its_intervals_and_small_groups_are_hidden(as_client, doctor, evaluated):
    page = shown(as_client(doctor), evaluated)

    assert "0.88 <small>0.83–0.93</small>" in page
    assert "AUROC 0.880 (95 % interval 0.830 to 0.930)" in page
    assert "hidden: too small" in page


def test_without_an_evaluation_the_page_says_that_there_is_none(as_client, doctor, sha256):
    page = shown(as_client(doctor), sha256)

    assert "not measured" in page
    assert "Not measured yet: the worker measures it every night." in page


def test_the_same_facts_come_as_a_file(as_client, doctor, evaluated):
    answer = as_client(doctor).get(f"/models/{evaluated}/facts.json")

    facts = answer.json()
    assert facts["model"]["sha256"] == evaluated
    assert facts["local_evaluation"]["overall"]["auroc"]["value"] == 0.88
    assert len(facts["source_attributes_45_cfr_170_315_b_11_iv_B"]) == ALL
    assert all(
        bool(one["stated"]) != bool(one["missing_because"])
        for one in facts["source_attributes_45_cfr_170_315_b_11_iv_B"]
    )


def test_a_model_beyond_the_limits_of_drift_is_not_trusted_silently(as_client, doctor, sha256):
    model = LocalModel.objects.get(is_current=True)
    drifted = {"name": "age", "title": "Age", "index": 0.4, "limit": 0.2, "has_drifted": True}
    model.figures |= {
        "drift": {"measured": "2026-11-26T02:00:00+00:00", "patients": 80, "needed": 50, "inputs": [drifted]}
    }
    model.save()

    page = shown(as_client(doctor), sha256)

    assert "The patients are no longer those it was adopted on." in page
    assert "0.40" in page


def test_a_steward_is_alerted_to_drift_on_the_page_and_in_the_metrics(as_client, steward, sha256):
    assert "no longer those the model" not in html.unescape(as_client(steward).get("/quality/").content.decode())
    model = LocalModel.objects.get(is_current=True)
    drifted = {"name": "age", "title": "Age", "index": 0.4, "limit": 0.2, "has_drifted": True}
    drift = {"measured": "2026-11-26T02:00:00+00:00", "patients": 80, "needed": 50, "inputs": [drifted]}
    model.figures |= {"drift": drift}
    model.save()

    page = html.unescape(as_client(steward).get("/quality/").content.decode())

    assert "the patients are no longer those the model was adopted on." in page
    assert "Drifted: Age." in page
    assert f"/models/{sha256}/facts/" in page
    assert (
        'wardround_model_drift_alert{study="Coronary heart disease before angiography",version="1"} 1.0' in store_text()
    )


def test_whoever_reads_charts_or_sees_studies_sees_the_facts_and_it_is_audited(as_client, nurse, stranger, sha256):
    researcher = User.objects.create(username="r.lind", role="researcher", password="!")

    assert [as_client(who).get(f"/models/{sha256}/facts/").status_code for who in (nurse, stranger, researcher)] == [
        200
    ] * 3
    assert AuditEvent.objects.filter(action="model.facts").count() == 3


def test_of_a_model_that_is_kept_twice_the_one_in_use_is_told_of(as_client, doctor, sha256, settings):
    in_use = LocalModel.objects.get()
    made = in_use.made + timedelta(days=1)
    later = LocalModel.objects.create(
        study=in_use.study, kind=in_use.kind, model_sha256=sha256, made=made, is_current=False
    )
    model = vault.fetch(settings.HOME, adopted_name(in_use.pk))
    vault.keep(settings.HOME, adopted_name(later.pk), model)

    assert as_client(doctor).get(f"/models/{sha256}/facts.json").json()["in_use"] is True


def test_a_model_that_is_not_kept_here_is_not_there(as_client, doctor, in_use):
    assert as_client(doctor).get("/models/none/facts/").status_code == 404


def test_a_calibration_plot_has_no_dot_where_too_few_patients_are():
    rows = [
        CalibrationRow(low=0.0, high=0.1, patients=0, predicted=None, observed=None),
        CalibrationRow(low=0.5, high=0.6, patients=20, predicted=0.55, observed=0.6),
    ]

    plot = calibration_plot(rows)

    assert len(plot.dots) == 1
    assert plot.dots[0].high < plot.dots[0].y < plot.dots[0].low  # y counts from above
    assert calibration_plot(rows[:1]) is None
