"""The exact fit on sums equals the pooled fit on all records in one place."""

import numpy as np
import pytest
import torch
from made_up_patients import FEATURES
from sklearn.linear_model import LogisticRegression

from wardround.learning.candidate import Candidate, candidates
from wardround.learning.contribution import Prepared
from wardround.learning.evaluate import HISTOGRAM_LENGTH
from wardround.learning.fit import local_fit
from wardround.learning.model import SitePenalty
from wardround.learning.newton import NewtonError, NewtonState, pack_symmetric, unpack_symmetric
from wardround.learning.round_layout import read_average, read_derivatives
from wardround.learning.specification import ModelSpec
from wardround.learning.statistics import federated_statistics, statistics_vector

SPEC = ModelSpec(ridge=1.0, intercept_strength=0.1, deviation_strengths=(20.0, 5.0))


@pytest.fixture
def hospitals(make_site):
    return [make_site(150, seed=1), make_site(90, seed=2, shift=1.5), make_site(70, seed=3, shift=-1.0)]


def encoder_of(hospitals):
    total = sum(statistics_vector(h.training_raw, labels=h.training_labels) for h in hospitals)
    return federated_statistics(total, features=FEATURES, minimum_count=5).encoder


def fit(hospitals, *, spec=SPEC, rounds=30):
    prepared = [Prepared.of(h, encoder=encoder_of(hospitals), spec=spec) for h in hospitals]
    layout = prepared[0].layout
    state = NewtonState.start(models=layout.models, weights=layout.weights)
    used = 0
    while state.largest_step.max() >= 1e-8 and used < rounds:
        total = sum(p.derivatives(state.trial, evaluation=True) for p in prepared)
        sums = read_derivatives(total, layout=layout)
        state = state.advance(
            loss=sums.loss, gradient=sums.gradient, hessian=sums.hessian, ridge=spec.ridge, tolerance=1e-8
        )
        used += 1
    return layout, state, sums, used


def pooled(hospitals, candidate, *, without_fold=None):
    """scikit-learn on all rows in one place; a column's penalty is set by its scale (site columns per hospital)."""
    encoder = encoder_of(hospitals)
    blocks, labels = [], []
    for number, hospital in enumerate(hospitals):
        kept = np.ones(len(hospital.training), bool) if without_fold is None else hospital.folds != without_fold
        x = encoder.transform(hospital.training_raw)[kept]
        columns = [x]
        for other in range(len(hospitals)):
            own = 1.0 if other == number else 0.0
            if candidate.kind != "shared":
                columns.append(np.full((len(x), 1), own * np.sqrt(SPEC.ridge / SPEC.intercept_strength)))
            if candidate.kind == "deviation":
                columns.append(x * own * np.sqrt(SPEC.ridge / candidate.strength))
        blocks.append(np.hstack(columns))
        labels.append(hospital.training_labels[kept])
    model = LogisticRegression(C=1 / SPEC.ridge, solver="newton-cholesky", tol=1e-14, max_iter=500)
    model.fit(np.vstack(blocks), np.concatenate(labels))
    return np.concatenate([model.intercept_, model.coef_[0][: len(encoder.columns)]])


@pytest.mark.parametrize("number", range(4))
def test_the_shared_part_equals_the_pooled_fit_to_a_millionth(hospitals, number):
    layout, state, _, used = fit(hospitals)
    candidate = layout.candidates[number]

    found = state.accepted[layout.whole[number]]

    assert np.abs(found - pooled(hospitals, candidate)).max() < 1e-6
    assert used <= 12


def test_a_model_that_leaves_a_fold_out_equals_the_pooled_fit_without_it(hospitals):
    layout, state, _, _ = fit(hospitals)

    found = state.accepted[layout.of_folds(2)][3]

    assert np.abs(found - pooled(hospitals, layout.candidates[2], without_fold=3)).max() < 1e-6


def test_the_shared_intercept_is_the_mean_site_intercept(hospitals):
    layout, state, _, _ = fit(hospitals)
    model = layout.whole[1]
    shared = torch.from_numpy(state.accepted[model : model + 1])

    intercepts = []
    for hospital in hospitals:
        x = torch.from_numpy(encoder_of(hospitals).transform(hospital.training_raw))
        labels = torch.from_numpy(hospital.training_labels)
        penalty = SitePenalty.of([Candidate(kind="intercept")], weights=layout.weights, intercept_strength=0.1)
        ones = torch.ones(1, len(labels), dtype=torch.float64)
        part = local_fit(x, labels=labels, included=ones, shared=shared, penalty=penalty)
        intercepts.append(float(part.site[0, 0]))

    assert sum(intercepts) == pytest.approx(0.0, abs=1e-5)
    assert intercepts[1] > 0.5 > -0.5 > intercepts[2]


def test_the_reduced_gradient_and_hessian_are_those_of_the_profile(hospitals):
    """Against finite differences of the profile loss, which knows nothing of the Schur complement."""
    hospital = hospitals[0]
    x = torch.from_numpy(encoder_of(hospitals).transform(hospital.training_raw))
    labels = torch.from_numpy(hospital.training_labels)
    chosen = candidates(SPEC)
    penalty = SitePenalty.of(chosen, weights=x.shape[1] + 1, intercept_strength=0.1)
    ones = torch.ones(len(chosen), len(labels), dtype=torch.float64)
    at = torch.linspace(-0.5, 0.5, x.shape[1] + 1, dtype=torch.float64).repeat(len(chosen), 1)

    def part(shift, column):
        moved = at.clone()
        moved[:, column] += shift
        return local_fit(x, labels=labels, included=ones, shared=moved, penalty=penalty)

    here = part(0.0, 0)
    for column in range(x.shape[1] + 1):
        up, down = part(1e-5, column), part(-1e-5, column)
        slope = (up.loss - down.loss) / 2e-5
        curve = (up.gradient - down.gradient) / 2e-5
        assert torch.allclose(slope, here.gradient[:, column], atol=1e-5)
        assert torch.allclose(curve, here.hessian[:, column], atol=1e-4)


def test_a_hospital_with_one_outcome_only_keeps_a_finite_site_part(make_site):
    site = make_site(80, seed=5)
    x = torch.randn(40, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    ones = torch.ones(2, 40, dtype=torch.float64)
    chosen = [Candidate(kind="intercept"), Candidate(kind="deviation", strength=5.0)]
    penalty = SitePenalty.of(chosen, weights=4, intercept_strength=0.1)

    part = local_fit(
        x,
        labels=torch.ones(40, dtype=torch.float64),
        included=ones,
        shared=torch.zeros(2, 4, dtype=torch.float64),
        penalty=penalty,
    )

    assert torch.isfinite(part.site).all()
    assert 1.0 < float(part.site[0, 0]) < 10.0
    assert site.patients == 80


def test_a_step_that_raises_the_loss_is_halved():
    """The objective sqrt(1 + 25 x^2): Newton's full step overshoots from afar, so only step halving reaches 0."""
    state = NewtonState.start(models=1, weights=2)
    state = NewtonState(**{**vars(state), "trial": np.array([[0.0, 3.0]])})
    for _ in range(60):
        x = state.trial[:, 1]
        root = np.sqrt(1 + 25 * x**2)
        gradient = np.stack([state.trial[:, 0], 25 * x / root], axis=1)
        hessian = np.zeros((1, 2, 2))
        hessian[:, 0, 0] = 1.0
        hessian[:, 1, 1] = 25 / root**3
        loss = root + 0.5 * state.trial[:, 0] ** 2
        state = state.advance(loss=loss, gradient=gradient, hessian=hessian, ridge=1e-9, tolerance=1e-9)

    assert abs(state.accepted[0, 1]) < 1e-4


def test_sums_that_no_honest_hospitals_could_send_end_the_fit():
    state = NewtonState.start(models=1, weights=2)

    with pytest.raises(NewtonError, match="not positive definite"):
        state.advance(
            loss=np.zeros(1), gradient=np.ones((1, 2)), hessian=-np.ones((1, 2, 2)), ridge=1.0, tolerance=1e-8
        )


def test_symmetric_matrices_survive_packing():
    half = np.random.default_rng(1).normal(size=(3, 4, 4))
    full = half + half.transpose(0, 2, 1)

    assert np.array_equal(unpack_symmetric(pack_symmetric(full), size=4), full)


def test_the_vectors_have_the_length_that_the_layout_says(hospitals):
    prepared = Prepared.of(hospitals[0], encoder=encoder_of(hospitals), spec=SPEC)
    layout = prepared.layout
    start = np.zeros((layout.models, layout.weights))

    assert prepared.derivatives(start, evaluation=True).shape == (layout.derivatives_length,)
    averaged = prepared.average(start, steps=2, rate=0.1, ridge=1.0, patients=200, evaluation=True)
    assert averaged.shape == (layout.average_length,)
    with pytest.raises(ValueError, match="does not fit"):
        read_derivatives(averaged, layout=layout)


def test_without_evaluation_no_held_out_patient_adds_anything(hospitals):
    prepared = Prepared.of(hospitals[0], encoder=encoder_of(hospitals), spec=SPEC)
    start = np.zeros((prepared.layout.models, prepared.layout.weights))

    silent = read_derivatives(prepared.derivatives(start, evaluation=False), layout=prepared.layout)
    spoken = read_derivatives(prepared.derivatives(start, evaluation=True), layout=prepared.layout)

    assert not silent.histograms.any()
    assert spoken.histograms[:, :HISTOGRAM_LENGTH].sum() > 0
    assert np.array_equal(silent.hessian, spoken.hessian)


def test_federated_averaging_with_one_step_is_gradient_descent_on_all_records(hospitals):
    prepared = [Prepared.of(h, encoder=encoder_of(hospitals), spec=SPEC) for h in hospitals]
    layout = prepared[0].layout
    shared = np.full((layout.models, layout.weights), 0.1)
    patients = sum(len(h.training) for h in hospitals)

    moved = read_average(
        sum(
            p.average(shared, steps=1, rate=0.5, ridge=SPEC.ridge, patients=patients, evaluation=False)
            for p in prepared
        ),
        layout=layout,
    )
    sums = read_derivatives(sum(p.derivatives(shared, evaluation=False) for p in prepared), layout=layout)

    whole = layout.whole
    penalty = np.full(layout.weights, SPEC.ridge)
    penalty[0] = 0.0
    expected = -0.5 * (sums.gradient[whole] + penalty * shared[whole]) / patients
    assert np.allclose(moved.movement[whole] / moved.patients[whole, None], expected, atol=1e-12)
    assert np.all(moved.patients[whole] == patients)


def test_federated_averaging_approaches_the_exact_fit(hospitals):
    layout, state, _, _ = fit(hospitals)
    prepared = [Prepared.of(h, encoder=encoder_of(hospitals), spec=SPEC) for h in hospitals]
    patients = sum(len(h.training) for h in hospitals)
    shared = np.zeros((layout.models, layout.weights))
    for _ in range(60):
        total = sum(
            p.average(shared, steps=5, rate=0.5, ridge=SPEC.ridge, patients=patients, evaluation=False)
            for p in prepared
        )
        sums = read_average(total, layout=layout)
        shared = shared + sums.movement / sums.patients[:, None]

    exact = state.accepted[layout.whole[1]]
    assert np.abs(shared[layout.whole[1]] - exact).max() < 0.15
    assert np.corrcoef(shared[layout.whole[1]], exact)[0, 1] > 0.99
