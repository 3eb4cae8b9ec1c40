"""What adoption keeps beside a model, and when a steward is told that its patients have changed."""

import json

import numpy as np
import pytest

from wardround.hospital.training.watching import drift_alerts, has_drifted, watched_figures
from wardround.learning.features import Feature, RawTable
from wardround.learning.site import SiteData
from wardround.learning.specification import ModelSpec

FEATURES = (
    Feature(name="age", title="Age", kind="numeric", code="MEDS_BIRTH", unit="a"),
    Feature(name="sex", title="Sex", kind="category", code="GENDER", answers=("female", "male")),
)
ALERT = {
    "measured": "2026-11-26T03:00:00+00:00",
    "patients": 80,
    "inputs": [{"title": "Age", "has_drifted": True}, {"title": "Sex", "has_drifted": False}],
    "calibration": {"observed": 10, "expected": 11.0, "has_drifted": False},
}


def test_adoption_keeps_the_evaluation_and_the_profile_of_the_cohort_as_json():
    from wardround.learning.personalise import train_local

    dice = np.random.default_rng(1)
    rows = [{"age": float(dice.integers(30, 80)), "sex": dice.choice(["female", "male"])} for _ in range(120)]
    labels = (dice.uniform(size=120) < 0.4).astype(float)
    site = SiteData(
        raw=RawTable.of_rows(rows, features=FEATURES),
        labels=labels,
        training=np.arange(80),
        held_out=np.arange(80, 120),
        folds=np.arange(80) % 5,
        fold_count=5,
    )
    artifact = train_local(site, study="s", study_hash="d" * 64, outcome="o", spec=ModelSpec())

    kept = json.loads(json.dumps(watched_figures(artifact, site=site, part=None), allow_nan=False))

    assert kept["evaluation"]["overall"]["patients"] == 40
    assert sum(kept["inputs"]["age"]["counts"]) == 120


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        (ALERT, True),
        ({**ALERT, "inputs": []}, False),
        ({**ALERT, "inputs": [], "calibration": {"observed": 9, "expected": 30.0, "has_drifted": True}}, True),
        ({"measured": "x", "failed": "The cohort is gone."}, False),
        ({}, False),
    ],
)
def test_a_model_has_drifted_beyond_a_limit_only(drift, expected):
    assert has_drifted({"drift": drift}) is expected


@pytest.fixture
def heart(db, settings):
    import sys
    from pathlib import Path

    sys.path.append(str(Path(__file__).parents[2] / "browser"))
    from wardround.bench.heart_model import put_in_use

    put_in_use(settings.HOME)


def test_the_alert_names_the_inputs_and_the_number_of_patients(heart):
    from wardround.hospital.training.models import LocalModel

    model = LocalModel.objects.get()
    assert drift_alerts() == []
    model.figures = {**model.figures, "drift": ALERT}
    model.save()

    [alert] = drift_alerts()

    assert (alert.inputs, alert.patients, alert.observed) == (("Age",), 80, None)
