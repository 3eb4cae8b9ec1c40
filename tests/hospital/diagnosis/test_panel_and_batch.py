"""The panel's estimate is the batch prediction's, to the last bit, for every patient of a cohort."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from wardround.hospital.diagnosis.queries import references_for
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.records.queries import iter_patients_facts
from wardround.hospital.training.events import events_of
from wardround.hospital.training.prediction import predict_for
from wardround.hospital.training.queries import adopted_models
from wardround.learning.features import raw_features
from wardround.learning.moment import moment_of
from wardround.learning.predict import predict_row, probabilities
from wardround.web.audit.actor import system_actor

sys.path.append(str(Path(__file__).parents[2] / "browser"))

pytestmark = pytest.mark.django_db
BY = system_actor("tests")
# who lacks what: a cohort with every kind of gap
LACKING = ((), ("st_slope",), ("2093-3", "exercise_angina"), ("8480-6",), ("chest_pain_type", "resting_ecg"))


@pytest.fixture
def in_use(db, settings):
    from wardround.bench.heart_model import put_in_use

    put_in_use(settings.HOME)


@pytest.fixture
def cohort(in_use, make_patient):
    from wardround.bench.heart_visit import visit

    ids = []
    for number, lacking in enumerate(LACKING):
        patient_id = make_patient(birth=str(1950 + 4 * number))
        ids.append(patient_id)
        for resource in visit(patient_id, pressure=121.3 + 7.7 * number):
            if not any(code in json.dumps(resource) for code in lacking):
                create_resource(resource, by=BY)
    return ids


def test_the_panel_is_the_command_s_prediction_to_the_last_bit(cohort, doctor):
    for patient_id in cohort:
        shown = references_for(patient_for(doctor, patient_id))[0]
        told = predict_for(patient_id, study_name="heart", by=doctor)

        assert shown.probability is not None
        assert (shown.probability, shown.interval, shown.logit) == (told.probability, told.interval, told.logit)


@pytest.mark.parametrize(
    "trigger",
    [
        '{code: {any: ["WARDROUND//coronary_ct", "WARDROUND//coronary_angiography"]}}',
        '{code: {regex: "//coronary_angiography$"}}',
        '{expr: "or(narrowed, examined)"}\n      examined: {code: WARDROUND//coronary_angiography}',
    ],
)
def test_however_the_study_writes_its_trigger_both_look_back_from_the_same_moment(
    db, settings, make_patient, doctor, monkeypatch, tmp_path, trigger
):
    from wardround.bench import heart_model
    from wardround.bench.heart_visit import visit

    written = heart_model.STUDY.read_text("utf-8").replace("{code: WARDROUND//coronary_angiography}", trigger, 1)
    monkeypatch.setattr(heart_model, "STUDY", tmp_path / "study.yaml")
    heart_model.STUDY.write_text(written, "utf-8")
    heart_model.put_in_use(settings.HOME)
    patient_id = make_patient()
    written_down = visit(patient_id)
    for resource in written_down:
        create_resource(resource, by=BY)
    before = predict_for(patient_id, study_name="heart", by=doctor)
    [later] = [dict(one) for one in written_down if "8480-6" in json.dumps(one)]
    later |= {"effectiveDateTime": "2026-03-06T08:00:00Z", "valueQuantity": later["valueQuantity"] | {"value": 104}}
    create_resource(later, by=BY)

    shown = references_for(patient_for(doctor, patient_id))[0]
    told = predict_for(patient_id, study_name="heart", by=doctor)

    assert shown.has_happened
    assert shown.probability == told.probability == before.probability  # what is known only since then is no input


def test_the_panel_is_each_row_of_the_cohorts_one_table(cohort, doctor):
    (model,) = adopted_models()
    features = model.artifact.encoder.features
    events, index_times, order = [], {}, []
    for number, facts in enumerate(iter_patients_facts(BY), start=100):
        own = list(events_of(facts, subject=number))
        events += own
        now = datetime.now(UTC).replace(tzinfo=None)
        index_times[number] = moment_of(own, task=model.study["cohort"]["task"], now=now).time
        order.append(facts.patient_id)
    table = raw_features(events, index_times=index_times, features=features)
    shown = [references_for(patient_for(doctor, patient_id))[0].probability for patient_id in order]

    rows = [
        predict_row(model.artifact, raw=table.rows(np.array([n])), site=model.site).probability
        for n in range(len(order))
    ]

    assert sorted(order) == sorted(cohort)
    assert shown == rows
    # Evaluation multiplies the whole table at once and so adds in another order: equal but for the last digit.
    assert np.allclose(probabilities(model.artifact, raw=table, site=model.site), shown, rtol=0, atol=1e-15)
