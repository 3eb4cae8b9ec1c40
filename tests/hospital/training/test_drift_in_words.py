"""A model's drift as a page says it: in words, beside what chance explains, and nothing of few patients."""

import pytest

from wardround.hospital.training.drift_told import drift_told
from wardround.hospital.training.watching import told_drift

CHOLESTEROL = {
    "name": "cholesterol",
    "title": "Total cholesterol",
    "index": 1.2,
    "limit": 0.4,
    "difference": 0.84,
    "missing_before": 0.1,
    "missing_since": 0.3,
    "has_drifted": True,
}
SEX = {**CHOLESTEROL, "name": "sex", "title": "Sex", "difference": None, "index": 0.02, "has_drifted": False}


def figures(**changed):
    drift = {
        "measured": "2026-11-26T03:00:00+00:00",
        "patients": 60,
        "needed": 50,
        "inputs": [CHOLESTEROL, {**SEX, "missing_since": 0.1}],
        "calibration": {"observed": 40, "expected": 30.0, "z": 4.0, "has_drifted": True},
        "before": [],
    }
    return {"drift": {**drift, **changed}, "inputs": {"cholesterol": {"counts": [90, 10]}, "sex": {"counts": [90, 10]}}}


def test_what_changed_is_said_in_words():
    told = drift_told(figures())

    assert told.sentence == "1 of 2 inputs has drifted, on 60 patients since."
    assert [(line.title, line.change) for line in told.drifted] == [
        ("Total cholesterol", "on average 0.8 standard deviations higher; missing in 30%, before in 10%")
    ]
    assert [(line.title, line.change) for line in told.steady] == [("Sex", "")]


def test_outcomes_stand_beside_what_chance_would_give():
    # z = (40 - 30) / spread, so the spread is 2.5; 30 plus and minus 1.96 of it
    assert drift_told(figures()).by_chance == (25, 35)


def test_a_share_of_few_patients_is_not_said():
    few = {**CHOLESTEROL, "missing_since": 3 / 60}

    assert "missing" not in drift_told(figures(inputs=[few])).drifted[0].change


def test_nothing_is_said_of_fewer_patients_than_a_measure_needs():
    assert drift_told(figures(patients=12)) is None


def test_the_course_is_drawn_of_measures_on_enough_patients_alone():
    before = [
        {"measured": f"2026-11-{day}T03:00:00+00:00", "patients": patients, "largest": 0.1 * day}
        for day, patients in ((10, 20), (11, 51), (12, 55), (13, 60))
    ]
    measured = figures(before=before)

    course = drift_told(measured).course

    assert [one.patients for one in course.measures] == [51, 55, 60]
    assert [one.x for one in course.measures] == sorted(one.x for one in course.measures)
    assert [line["patients"] for line in told_drift(measured)["before"]] == [51, 55, 60]


@pytest.mark.parametrize("many", [0, 1])
def test_one_measure_is_no_course(many):
    before = [{"measured": "2026-11-10T03:00:00+00:00", "patients": 60, "largest": 0.3}] * many

    assert drift_told(figures(before=before)).course is None
