"""The estimate for one patient: same inputs as in training, contributions that add up, withheld where it must be."""

import json

import numpy as np
import pytest
import torch
from made_up_patients import FEATURES, always, at, born, event
from safetensors.numpy import save

from wardround.learning.artifact import Artifact, ArtifactError
from wardround.learning.calibrate import Calibration
from wardround.learning.candidate import Candidate
from wardround.learning.personalise import _out_of_fold, _repeated_folds, decide, retrain, train_local
from wardround.learning.predict import SitePart, predict, predict_row, probabilities, probabilities_alone
from wardround.learning.specification import ModelSpec

SPEC = ModelSpec()
WHEN = at(day=3, hour=12)
PATIENT = (
    born(1966),
    always("GENDER//male"),
    event("LOINC//8480-6", day=1, value=145.0),
    event("WARDROUND//exercise_angina//true", day=2),
    event("WARDROUND//chest_pain_type//asymptomatic", day=1),
)


@pytest.fixture
def site(make_site):
    return make_site(200, seed=11)


@pytest.fixture
def model(site):
    return train_local(site, study="heart", study_hash="ab" * 32, outcome="Narrowed artery", spec=SPEC)


def test_contributions_add_up_exactly_to_the_logit(model):
    found = predict(model, events=PATIENT, index_time=WHEN)

    total = found.base
    for part in found.contributions:
        total += part.contribution
    assert total == found.logit
    assert found.probability == pytest.approx(1 / (1 + np.exp(-found.logit)))
    assert [part.title for part in found.contributions] == [feature.title for feature in FEATURES]


def test_one_patients_estimate_is_the_one_that_evaluation_gives(model, site):
    for row in range(5):
        alone = site.raw.rows(np.array([row]))
        shown = predict_row(model, raw=alone).probability
        assert shown == pytest.approx(probabilities(model, raw=site.raw)[row], abs=1e-12)


def test_each_of_many_patients_has_to_the_last_bit_the_estimate_that_one_alone_has(model, make_site):
    others = make_site(300, seed=12)
    found = probabilities_alone(model, raw=others.raw)

    alone = [predict_row(model, raw=others.raw.rows(np.array([row]))).probability for row in range(300)]
    assert found == alone
    assert None in found, "some are withheld"
    assert sum(one is not None for one in found) > 250


def test_values_are_shown_in_words_and_missing_ones_are_named(model):
    found = predict(model, events=PATIENT[:3], index_time=WHEN)

    assert [part.value for part in found.contributions][:3] == ["60 years", "male", "145 mm[Hg]"]
    assert found.missing == ("Angina on exercise", "Chest pain")
    assert found.inputs_used == ("Age", "Sex", "Systolic pressure")


def test_what_happened_at_or_after_the_moment_of_prediction_does_not_count(model):
    later = (*PATIENT, event("LOINC//8480-6", day=3, hour=12, value=220.0))

    assert predict(model, events=later, index_time=WHEN).logit == predict(model, events=PATIENT, index_time=WHEN).logit


def test_an_age_outside_that_of_training_withholds_the_estimate(model):
    child = (born(2014), *PATIENT[1:])

    found = predict(model, events=child, index_time=WHEN)

    assert found.probability is None
    assert found.interval is None
    assert "outside that range" in found.withheld


def test_too_many_missing_inputs_withhold_the_estimate(model):
    found = predict(model, events=PATIENT[:1], index_time=WHEN)

    assert found.probability is None
    assert found.withheld == "4 of 5 inputs are missing, too many for an estimate."


def test_three_fifths_of_the_inputs_may_be_missing(model):
    found = predict(model, events=PATIENT[:2], index_time=WHEN)

    assert len(found.missing) == 3
    assert found.withheld is None
    assert found.probability is not None


def test_an_unusual_value_is_named_and_withholds_nothing(model):
    odd = (*PATIENT[:2], event("LOINC//8480-6", day=1, value=290.0), *PATIENT[3:])

    found = predict(model, events=odd, index_time=WHEN)

    assert found.unusual == ("Systolic pressure",)
    assert found.withheld is None
    assert found.probability is not None


def test_events_of_two_patients_are_refused(model):
    with pytest.raises(ValueError, match="several patients"):
        predict(model, events=(*PATIENT, born(1950, subject=2)), index_time=WHEN)


def test_the_interval_covers_what_refitting_on_other_patients_gives(make_site):
    """The delta method against the spread of models of 60 hospitals drawn alike."""
    logits, inside = [], 0
    truth = predict_row(train(make_site(6000, seed=999)), raw=one_row(make_site)).logit
    for seed in range(60):
        found = predict_row(train(make_site(300, seed=seed)), raw=one_row(make_site))
        logits.append(found.logit)
        low, high = (np.log(p / (1 - p)) for p in found.interval)
        inside += low <= truth <= high

    assert 48 <= inside <= 60
    assert np.std(logits) > 0.05


def train(site):
    return train_local(site, study="s", study_hash="0" * 64, outcome="o", spec=SPEC)


def one_row(make_site):
    return make_site(20, seed=5).raw.rows(np.array([3]))


def test_a_calibrated_estimate_moves_by_intercept_and_slope_and_its_interval_goes_with_it_and_widens(model):
    plain = SitePart.none(model)
    moved = SitePart(
        weights=plain.weights,
        covariance=plain.covariance,
        calibration=Calibration(
            intercept=0.3, slope=1.5, covariance=((0.05, 0.0), (0.0, 0.05)), calibrated=True, note="c"
        ),
    )

    before = predict(model, events=PATIENT, index_time=WHEN, site=plain)
    after = predict(model, events=PATIENT, index_time=WHEN, site=moved)

    assert after.logit == pytest.approx(0.3 + 1.5 * before.logit)
    assert sum(ends(after)) / 2 == pytest.approx(after.logit)
    assert width(after) > 1.5 * width(before)
    assert after.calibration == "c"


def test_the_interval_is_as_wide_as_the_hospitals_own_part_is_uncertain(model):
    plain = SitePart.none(model)
    unsure = SitePart(weights=plain.weights, covariance=4 * plain.covariance)

    before = predict(model, events=PATIENT, index_time=WHEN, site=plain)
    after = predict(model, events=PATIENT, index_time=WHEN, site=unsure)

    assert width(after) == pytest.approx(2 * width(before))


def ends(prediction):
    return [np.log(p / (1 - p)) for p in prediction.interval]


def width(prediction):
    low, high = ends(prediction)
    return high - low


def test_a_model_file_reads_back_and_the_same_model_gives_the_same_bytes(model, tmp_path):
    model.save(tmp_path / "m.safetensors")
    read = Artifact.load(tmp_path / "m.safetensors")

    assert read.to_bytes() == model.to_bytes()
    assert read.sha256 == model.sha256
    assert read.encoder == model.encoder
    assert np.array_equal(read.weights, model.weights)


def test_a_model_file_that_is_none_or_holds_impossible_values_is_refused(model):
    size = len(model.weights)
    with pytest.raises(ArtifactError, match="not a model file"):
        Artifact.from_bytes(b"\x80\x04\x95pickle")
    with pytest.raises(ArtifactError, match="not a model file"):
        Artifact.from_bytes(model.to_bytes()[:-8])
    with pytest.raises(ArtifactError, match="not finite"):
        changed(model, weights=np.full(size, np.nan))
    with pytest.raises(ArtifactError, match="another shape"):
        changed(model, weights=np.zeros(size + 1))
    with pytest.raises(ArtifactError, match="beyond"):
        changed(model, weights=np.full(size, 1e6))
    manifest = json.dumps({"format": "wardround-model-1", "kind": "global"})
    with pytest.raises(ArtifactError, match="other tensors"):
        Artifact.from_bytes(save({"weights": np.zeros(3)}, metadata={"manifest": manifest}))


def changed(model, **fields):
    names = ("kind", "study", "study_hash", "outcome", "encoder", "weights", "covariance", "fold_weights")
    return Artifact(**{**{name: getattr(model, name) for name in names}, **fields})


def test_a_site_part_reads_back(model, site):
    part = retrain(model, site=site, seed="x").site
    again = SitePart.from_json(json.loads(json.dumps(part.to_json())))

    assert np.array_equal(again.weights, part.weights)
    assert again.calibration == part.calibration


def test_local_retraining_finds_the_intercept_of_a_sicker_hospital(model, make_site):
    sicker = make_site(300, seed=21, shift=2.5)

    found = retrain(model, site=sicker, seed="x")

    scores = dict(found.scores)
    assert scores["intercept"] < scores["shared"]
    assert found.site.candidate != "shared"
    assert found.site.weights[0] > 1.0
    assert found.site.calibration.calibrated


def test_each_patient_is_judged_by_the_weights_learned_without_its_own_fold(model, site):
    """The weights of fold f are an intercept of f: a patient's out-of-fold logit then says whose weights were used."""
    by_fold = np.zeros((site.fold_count, len(model.weights)))
    by_fold[:, 0] = np.arange(site.fold_count)
    marked = changed(model, fold_weights=by_fold)

    found = _out_of_fold(
        marked,
        inputs=torch.from_numpy(model.encoder.transform(site.training_raw)),
        labels=torch.from_numpy(site.training_labels),
        site=site,
        held=_repeated_folds(site, seed="x"),
        option=Candidate(kind="shared"),
    )

    assert np.array_equal(found, np.tile(site.folds.astype(float), (5, 1)))


def test_retraining_never_sees_a_held_out_patient(model, site):
    """Held-out labels turned round change nothing."""
    turned = site.labels.copy()
    turned[site.held_out] = 1 - turned[site.held_out]
    other = type(site)(**{**vars(site), "labels": turned})

    first, second = retrain(model, site=site, seed="x"), retrain(model, site=other, seed="x")

    assert np.array_equal(first.site.weights, second.site.weights)
    assert decide(first, site=site, spec=SPEC, seed="x") == decide(second, site=other, spec=SPEC, seed="x")


def test_a_federated_model_that_is_worse_beyond_doubt_is_not_adopted(model, make_site):
    site = make_site(700, seed=12)
    wrong = changed(model, weights=-3 * model.weights)
    retrained = retrain(wrong, site=site, seed="x")
    spoiled = type(retrained)(
        site=retrained.site, scores=(), logits=np.tile(np.linspace(3, -3, len(site.training)), (5, 1))
    )

    decision = decide(spoiled, site=site, spec=SPEC, seed="x")

    assert decision.adopted == "local"
    assert decision.low > 0


def test_a_model_of_many_patients_is_adopted_by_a_small_hospital(make_site):
    large, small = train(make_site(3000, seed=31)), make_site(60, seed=32)

    decision = decide(retrain(large, site=small, seed="x"), site=small, spec=SPEC, seed="x")

    assert decision.adopted == "federated"
    assert decision.difference < 0
