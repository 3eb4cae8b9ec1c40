"""The pooled model is what training on all records in one place would give, and no held-out patient is in it."""

import numpy as np
import pytest

from wardround.bench.baselines import pooled_probabilities as by_scikit_learn
from wardround.demo.comparison import compare, pooled_probabilities
from wardround.demo.source import PLACES
from wardround.demo.study import heart_study
from wardround.demo.truth import LABEL, study_rows
from wardround.learning.features import RawTable
from wardround.learning.site import SiteData, stratified_split
from wardround.learning.specification import ModelSpec

SPEC = ModelSpec()


def site(hospital):
    rows = study_rows(hospital)
    labels = np.array([float(row[LABEL]) for row in rows])
    held_out, folds = stratified_split(labels, test_fraction=0.34, folds=5, seed=hospital)
    return SiteData(
        raw=RawTable.of_rows(rows, features=heart_study().features),
        labels=labels,
        training=np.flatnonzero(~held_out),
        held_out=np.flatnonzero(held_out),
        folds=folds[~held_out],
        fold_count=5,
    )


@pytest.fixture(scope="module")
def sites():
    return {PLACES[hospital].name: site(hospital) for hospital in PLACES}


def test_the_pooled_model_is_the_one_that_another_library_fits(sites):
    ours = pooled_probabilities(sites, spec=SPEC)
    theirs = by_scikit_learn(sites, ridge=SPEC.ridge, minimum_count=2)

    for name in sites:
        assert ours[name] == pytest.approx(theirs[name], abs=1e-4)


def test_every_hospital_and_all_together_are_evaluated_on_their_held_out_patients(sites):
    guess = {name: np.full(len(s.held_out), s.training_labels.mean()) for name, s in sites.items()}
    probabilities = {name: {"local": guess[name], "federated": guess[name], "adopted": guess[name]} for name in sites}

    found = compare(sites, probabilities=probabilities, spec=SPEC, adopted=dict.fromkeys(sites, ""))

    assert list(found) == [*sites, "pooled"]
    assert found["pooled"].n_test == sum(len(s.held_out) for s in sites.values())
    assert found["Cleveland"].models["local"].auroc == 0.5
    assert 0.85 < found["pooled"].models["pooled"].auroc < 0.93
