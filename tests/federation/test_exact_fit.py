"""A whole run over secure sums equals the fit on all records in one place."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from small_study import federation, four_sites, small_study

from wardround.federation.round_request import ENCODINGS
from wardround.learning.artifact import Artifact
from wardround.learning.candidate import candidates
from wardround.learning.evaluate import evaluate
from wardround.learning.personalise import follow
from wardround.learning.predict import probabilities


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    made = federation(tmp_path_factory.mktemp("run"))
    outcome = made.coordinator().run()
    return made, outcome, Artifact.from_bytes(outcome.model)


def pooled(sites, encoder, candidate, *, ridge=1.0, intercept_strength=0.1):
    """scikit-learn on all training rows with site columns; the scale of a column sets the strength of its penalty."""
    blocks, labels = [], []
    for number, site in enumerate(sites.values()):
        x = encoder.transform(site.training_raw)
        columns = [x]
        for other in range(len(sites)):
            own = float(other == number)
            if candidate.kind != "shared":
                columns.append(np.full((len(x), 1), own * np.sqrt(ridge / intercept_strength)))
            if candidate.kind == "deviation":
                columns.append(x * own * np.sqrt(ridge / candidate.strength))
        blocks.append(np.hstack(columns))
        labels.append(site.training_labels)
    model = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-14, max_iter=500)
    model.fit(np.vstack(blocks), np.concatenate(labels))
    return np.concatenate([model.intercept_, model.coef_[0][: len(encoder.columns)]])


@pytest.mark.parametrize("place", range(3))
def test_the_federated_shared_part_equals_the_pooled_fit_to_a_millionth(finished, place):
    made, outcome, artifact = finished
    candidate = candidates(made.study.model)[place]

    difference = np.abs(outcome.candidates[candidate.name] - pooled(made.sites, artifact.encoder, candidate))

    assert outcome.converged
    assert difference.max() < 1e-6


def test_the_federated_statistics_are_those_of_all_training_patients(finished):
    made, outcome, artifact = finished
    ages = np.concatenate([site.training_raw.columns["age"] for site in made.sites.values()])

    column = next(column for column in artifact.encoder.columns if column.name == "age")

    assert outcome.patients == len(ages)
    assert column.mean == pytest.approx(ages.mean(), abs=1e-6)
    assert column.sd == pytest.approx(ages.std(), abs=1e-6)


def test_the_chosen_candidate_has_the_least_validation_loss(finished):
    _, outcome, artifact = finished

    assert outcome.chosen == min(outcome.validation, key=outcome.validation.get)
    assert outcome.chosen.split()[0] == artifact.candidate
    assert len(outcome.validation) == 3


def test_the_federated_figures_are_those_of_the_held_out_patients(finished):
    made, outcome, artifact = finished
    chance = [probabilities(artifact, raw=s.held_out_raw, site=follow(artifact, site=s)) for s in made.sites.values()]
    labels = [site.held_out_labels for site in made.sites.values()]

    exact = evaluate(np.concatenate(labels), probabilities=np.concatenate(chance))

    assert outcome.metrics.patients == exact.patients
    assert outcome.metrics.brier == pytest.approx(exact.brier, abs=1e-6)
    assert outcome.metrics.accuracy == pytest.approx(exact.accuracy)
    assert abs(outcome.metrics.auroc - exact.auroc) <= outcome.metrics.auroc_error + 1e-9
    assert sum(row.patients for row in outcome.calibration) <= exact.patients


def test_every_hospital_received_the_same_model(finished):
    made, outcome, _ = finished

    assert set(outcome.received) == set(made.sites)
    assert all(data == outcome.model for data in made.models.values())


def test_the_same_study_and_patients_give_the_same_bytes(finished, tmp_path):
    """Other keys, other masks, other process: the sums and so the weights are the same."""
    _, outcome, _ = finished

    again = federation(tmp_path).coordinator().run()

    assert again.model == outcome.model


def test_the_covariance_is_the_inverse_of_the_penalised_hessian(finished):
    """Of the shared weights alone: for the candidate without a site part it is the pooled model's."""
    made, outcome, artifact = finished
    site_free = small_study()
    rows = np.vstack([artifact.encoder.transform(s.training_raw) for s in made.sites.values()])
    rows = np.hstack([np.ones((len(rows), 1)), rows])
    weights = outcome.candidates["shared"]
    chance = 1 / (1 + np.exp(-rows @ weights))
    hessian = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag([0.0] + [1.0] * (len(weights) - 1))

    shared_variance = np.diag(np.linalg.inv(hessian))

    assert site_free.hash == made.study.hash
    # The chosen candidate leaves more to the hospitals, so its shared weights are known less well.
    assert np.all(np.diag(artifact.covariance) >= shared_variance * 0.999)


def test_federated_averaging_gives_a_model_near_the_exact_one(tmp_path, finished):
    _, outcome, exact = finished
    study = small_study(method="fedavg", rounds=25, local_steps=5, learning_rate=1.0)

    averaged = federation(tmp_path, study=study, sites=four_sites(study)).coordinator().run()

    assert averaged.succeeded
    assert averaged.rounds == 26
    found = averaged.candidates["intercept"]
    assert np.corrcoef(found[1:], outcome.candidates["intercept"][1:])[0, 1] > 0.99
    assert Artifact.from_bytes(averaged.model).encoder == exact.encoder


def test_words_are_fine_enough_for_the_exact_fit():
    assert ENCODINGS["fit"].step(hospitals=50) < 1e-9
    assert ENCODINGS["statistics"].step(hospitals=50) < 1e-5
