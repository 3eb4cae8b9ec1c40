"""Several models in use: the most useful first, up to three open, and those without an estimate last."""

import dataclasses

import pytest

from wardround.hospital.diagnosis import queries
from wardround.hospital.records.access import patient_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(make_model, make_facts, make_patient, doctor, monkeypatch):
    """The references of one patient for models with these lower bounds of the local AUROC; None: not judged here."""

    def references(*lows: float | None, facts=None):
        models = [
            make_model(adopted={"auroc": 0.9, "auroc_low": low, "auroc_high": 0.95} if low else {}) for low in lows
        ]
        models = [dataclasses.replace(model, study_title=str(low)) for model, low in zip(models, lows, strict=True)]
        monkeypatch.setattr(queries, "adopted_models", lambda: models)
        monkeypatch.setattr(queries, "standard_facts", lambda _patient: facts or make_facts())
        return queries.references_for(patient_for(doctor, make_patient()))

    return references


def test_the_one_that_is_surely_best_here_stands_first_and_one_not_judged_here_last(shown):
    assert [one.model.title for one in shown(0.7, None, 0.85)] == ["0.85", "0.7", "None"]


def test_three_are_open_and_the_rest_folded(shown):
    assert [one.is_folded for one in shown(0.9, 0.8, 0.7, 0.6, 0.5)] == [False, False, False, True, True]


def test_models_without_an_estimate_are_one_line_each(shown, make_facts, as_client, doctor, make_patient):
    thin = make_facts(without=("systolic_pressure", "exercise_angina", "chest_pain_type"))
    shown(0.9, 0.8, facts=thin)

    page = as_client(doctor).get(f"/patients/{make_patient()}/").content.decode()

    assert page.count("No estimate is given.") == 2
    assert "Agree: add as suspected" not in page
