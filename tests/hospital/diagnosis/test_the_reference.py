"""The reference for one patient: the same estimate as in training, what moved it, and what it does not know."""

from datetime import UTC, datetime

import pytest

from wardround.hospital.diagnosis.queries import held_inputs, reference_for
from wardround.hospital.diagnosis.reference import AXIS, MOST_BARS, Step, bars, nearby, printed_percent
from wardround.hospital.records.queries import FactValue, Value
from wardround.hospital.training.events import events_of
from wardround.learning.calibrate import Calibration
from wardround.learning.evaluate import CalibrationRow
from wardround.learning.features import raw_features
from wardround.learning.predict import probabilities

NOW = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - as in MEDS: UTC without a zone
ANGIOGRAPHY = datetime(2026, 3, 4, 13, tzinfo=UTC)


def test_the_estimate_is_the_one_worked_by_hand(make_model, make_facts):
    reference = reference_for(make_facts(), model=make_model(), held=[], now=NOW)

    # age 60: 0.2 * (60-50)/10 = 0.2; pressure 150: 0.4 * 1 = 0.4; angina: 0.3 * 1 = 0.3; asymptomatic: -0.5 * 1
    assert reference.base == pytest.approx(0.1)
    assert [step.amount for step in reference.steps] == pytest.approx([0.2, 0.4, 0.3, -0.5])
    assert reference.logit == pytest.approx(0.5)
    assert reference.estimate.percent == "62"  # 1 / (1 + exp(-0.5)) = 0.6225


def test_the_interval_is_the_90_percent_one_worked_by_hand(make_model, make_facts):
    reference = reference_for(make_facts(), model=make_model(), held=[], now=NOW)

    # Every input lies one standard deviation out and each weight has a variance of 0.01: a standard error of
    # sqrt(5 * 0.01) = 0.2236 around 0.5, times 1.6449: log-odds from 0.1322 to 0.8678
    assert reference.interval == pytest.approx((0.5330, 0.7043), abs=0.0001)
    assert (reference.estimate.low, reference.estimate.high) == ("53", "70")


def test_estimate_and_interval_lie_on_one_axis_from_0_to_100(make_model, make_facts):
    reference = reference_for(make_facts(), model=make_model(), held=[], now=NOW)

    low, high = reference.interval
    drawn = reference.estimate
    assert drawn.interval_x == pytest.approx(AXIS * low, abs=0.05)
    assert drawn.interval_x + drawn.interval_width == pytest.approx(AXIS * high, abs=0.1)
    assert drawn.mark_x + 1.5 == pytest.approx(AXIS * reference.probability, abs=0.05)  # the mark is three wide


def test_base_and_contributions_add_up_to_the_estimate(make_model, make_facts):
    reference = reference_for(make_facts(), model=make_model(), held=[], now=NOW)

    assert reference.base + sum(bar.amount for bar in reference.bars) == pytest.approx(reference.logit)
    assert reference.steps[-1].so_far == pytest.approx(reference.logit)


def test_the_panel_and_the_batch_prediction_of_the_same_patient_are_equal(make_model, make_facts):
    model, facts = (
        make_model(calibration=Calibration(intercept=0.2, slope=1.1, calibrated=True, note="x")),
        make_facts(),
    )
    index_time = ANGIOGRAPHY.replace(tzinfo=None)
    raw = raw_features(
        events_of(facts, subject=7), index_times={7: index_time}, features=model.artifact.encoder.features
    )

    reference = reference_for(facts, model=model, held=[], now=NOW)

    batch = float(probabilities(model.artifact, raw=raw, site=model.site)[0])
    assert reference.estimate.percent == printed_percent(batch)
    assert 1 / (1 + 2.718281828459045**-reference.logit) == pytest.approx(batch, abs=1e-12)


def test_what_was_measured_after_the_angiography_is_not_an_input(make_model, make_facts):
    later = FactValue("measurement", "systolic_pressure", "", "", ANGIOGRAPHY.replace(day=5), 250.0, "mm[Hg]")

    before = reference_for(make_facts(), model=make_model(), held=[], now=NOW)
    after = reference_for(make_facts(extra=(later,)), model=make_model(), held=[], now=NOW)

    assert before.has_happened
    assert before.index_time == ANGIOGRAPHY
    assert after.steps == before.steps


def test_a_patient_without_the_examination_is_estimated_as_of_now(make_model, make_facts):
    reference = reference_for(make_facts(without=("coronary_angiography",)), model=make_model(), held=[], now=NOW)

    assert not reference.has_happened
    assert reference.index_time == NOW.replace(tzinfo=UTC)


def test_a_missing_input_is_named(make_model, make_facts):
    reference = reference_for(make_facts(without=("exercise_angina",)), model=make_model(), held=[], now=NOW)

    assert reference.missing == ("Angina under exercise",)
    assert (reference.used, reference.total) == (3, 4)


def test_a_held_value_is_named_as_held_and_is_not_used(make_model, make_facts):
    reference = reference_for(
        make_facts(without=("systolic_pressure",)), model=make_model(), held=[_held("systolic_pressure")], now=NOW
    )

    assert reference.held == ("Resting systolic blood pressure",)
    assert reference.missing == ()
    assert reference.used == 3


def test_a_held_value_that_is_no_input_of_the_model_is_not_named(make_model):
    assert held_inputs([_held("body_weight")], features=make_model().artifact.encoder.features) == ()


def test_too_few_inputs_withhold_the_estimate_and_say_why(make_model, make_facts):
    facts = make_facts(without=("systolic_pressure", "exercise_angina", "chest_pain_type"))

    reference = reference_for(facts, model=make_model(), held=[], now=NOW)

    assert reference.estimate is None
    assert reference.bars == ()
    assert reference.withheld == "3 of 4 inputs are missing, too many for an estimate."


def test_an_age_outside_the_training_data_withholds_the_estimate(make_model, make_facts):
    reference = reference_for(make_facts(birth_year=2010), model=make_model(), held=[], now=NOW)

    assert reference.estimate is None
    assert "28 to 77 years" in reference.withheld


@pytest.mark.parametrize(("birth_year", "is_within"), [(1948, False), (1949, True), (1998, True), (1999, False)])
def test_the_youngest_and_the_oldest_of_the_training_data_have_an_estimate(
    make_model, make_facts, birth_year, is_within
):
    reference = reference_for(make_facts(birth_year=birth_year), model=make_model(), held=[], now=NOW)

    assert (reference.estimate is not None) == is_within  # 28 to 77 years, at the examination in 2026


def test_inputs_are_printed_in_the_words_of_the_chart(make_model, make_facts):
    reference = reference_for(make_facts(), model=make_model(), held=[], now=NOW)

    assert [step.value for step in reference.steps] == ["60 years", "150 mmHg", "yes", "No chest pain"]


@pytest.mark.parametrize(
    ("probability", "text"), [(0.0001, "<1"), (0.0099, "<1"), (0.014, "1"), (0.5, "50"), (0.99, "99"), (0.9951, ">99")]
)
def test_a_percentage_is_never_0_or_100(probability, text):
    assert printed_percent(probability) == text


def test_weak_contributions_share_a_bar_so_that_the_bars_still_add_up():
    steps = [Step(title=f"Input {n}", value="1", amount=1 / (n + 1), so_far=0) for n in range(12)]

    drawn = bars(steps)

    assert len(drawn) == MOST_BARS + 1
    assert drawn[-1].title == "4 weaker inputs together"
    assert sum(bar.amount for bar in drawn) == pytest.approx(sum(step.amount for step in steps))


def test_the_strongest_contribution_fills_its_side_and_sides_meet_in_the_middle():
    raises, lowers = bars([_step(2.0), _step(-1.0)])

    assert (raises.x, raises.width) == (80, 80)
    assert (lowers.x, lowers.width) == (40, 40)


def test_patients_with_a_similar_estimate_are_told_as_counts():
    rows = [CalibrationRow(low=0.6, high=0.7, patients=20, predicted=0.65, observed=0.55)]

    assert nearby(0.62, rows=rows) == (
        "11 of 20 patients here whose estimate was 60–70% did have it (95% interval 34–74%)."  # Wilson: 0.342 to 0.742
    )


def test_too_few_patients_with_a_similar_estimate_are_not_counted_and_that_is_said():
    rows = [CalibrationRow(low=0.6, high=0.7, patients=0, predicted=None, observed=None)]

    assert nearby(0.62, rows=rows) == (
        "Fewer than 5 patients here had an estimate of 60–70%: too few to say how it fits."
    )
    assert nearby(0.62, rows=[]) == ""  # nothing was measured here; the line on AUROC says so


def test_stale_inputs_are_named_by_the_day_they_were_taken(make_model, make_facts):
    began = datetime(2026, 3, 3, 9, tzinfo=UTC)  # the stay began after day 0

    reference = reference_for(make_facts(), model=make_model(), held=[], now=NOW, began=began)

    assert [(f"{day:%d-%m}", titles) for day, titles in reference.stale_by_day] == [
        ("02-03", "Resting systolic blood pressure, Type of chest pain")
    ]


def _step(amount: float) -> Step:
    return Step(title="Input", value="1", amount=amount, so_far=0)


def _held(measurement: str) -> Value:
    return Value(
        id=1,
        resource_type="Observation",
        resource_id="o1",
        version=1,
        path="Observation.valueQuantity",
        measurement=measurement,
        time=ANGIOGRAPHY,
        value=15.0,
        unit="mm[Hg]",
        rule="as received",
        not_standard="",
        is_held=True,
        finding="decimal_slip",
        finding_sentence="",
        suggestion=150.0,
        suggestion_unit="mm[Hg]",
        decision="",
        decided_by="",
        decided=None,
        decision_reason="",
    )
