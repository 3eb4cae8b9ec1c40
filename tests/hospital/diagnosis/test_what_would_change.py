"""What would change an estimate: setting the value and predicting again gives exactly the number shown."""

from datetime import UTC, datetime

import pytest

from wardround.hospital.diagnosis.queries import reference_for
from wardround.hospital.records.queries import FactValue, Value
from wardround.hospital.training.events import events_of
from wardround.learning.calibrate import Calibration
from wardround.learning.features import raw_features, used_events
from wardround.learning.predict import predict

NOW = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - as in MEDS: UTC without a zone
DAY_0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
ANGIOGRAPHY = datetime(2026, 3, 4, 13)  # noqa: DTZ001


def test_each_number_is_what_predicting_with_the_value_gives(make_model, make_facts):
    model = make_model(calibration=Calibration(intercept=0.2, slope=1.1, calibrated=True, note="x"))
    facts = make_facts(without=("exercise_angina", "systolic_pressure"))

    reference = reference_for(facts, model=model, held=[], now=NOW)

    assert {move.title for move in reference.would_move} == {
        "Angina under exercise",
        "Resting systolic blood pressure",
    }
    for move in reference.would_move:
        for one in move.each:
            events = [*events_of(facts, subject=1), one.event]
            again = predict(model.artifact, events=events, index_time=ANGIOGRAPHY, site=model.site)
            assert one.probability == again.probability


def test_the_value_measured_one_day_gives_the_very_number_that_was_shown(make_model, make_facts):
    model, facts = make_model(), make_facts(without=("systolic_pressure",))
    shown = reference_for(facts, model=model, held=[], now=NOW).would_move[0]

    measured = FactValue("measurement", "systolic_pressure", "", "", DAY_0, 170.0, "mm[Hg]")
    then = reference_for(make_facts(without=("systolic_pressure",), extra=(measured,)), model=model, held=[], now=NOW)

    assert shown.highest.value == "170 mmHg"  # mean 130 and twice 20
    assert then.probability == shown.highest.probability


def test_what_could_move_it_furthest_stands_first(make_model, make_facts):
    facts = make_facts(without=("exercise_angina", "systolic_pressure"))

    moves = reference_for(facts, model=make_model(), held=[], now=NOW).would_move

    # pressure: 0.4 log-odds for each 20 mmHg, twice up and down; angina 0.3 for each half
    assert [move.title for move in moves] == ["Resting systolic blood pressure", "Angina under exercise"]


def test_a_held_value_is_tried_as_it_stands_and_as_it_was_probably_meant(make_model, make_facts):
    held = _held(15.0, suggestion=150.0)

    (move,) = reference_for(
        make_facts(without=("systolic_pressure",)), model=make_model(), held=[held], now=NOW
    ).would_move

    whole = reference_for(make_facts(), model=make_model(), held=[], now=NOW)
    assert move.why == "held"
    assert [one.value for one in move.each] == ["15 mmHg", "150 mmHg"]
    assert move.each[1].probability == whole.probability


def test_a_whole_fresh_set_of_inputs_leaves_nothing_to_look_at(make_model, make_facts):
    assert reference_for(make_facts(), model=make_model(), held=[], now=NOW).would_move == ()


def test_without_an_estimate_there_is_nothing_that_would_change_it(make_model, make_facts):
    facts = make_facts(without=("systolic_pressure", "exercise_angina", "chest_pain_type"))

    assert reference_for(facts, model=make_model(), held=[], now=NOW).would_move == ()


def test_what_lies_before_the_visit_is_stale_and_is_named_with_its_day(make_model, make_facts):
    reference = reference_for(make_facts(without=("coronary_angiography",)), model=make_model(), held=[], now=NOW)

    assert {one.title for one in reference.stale} == {
        "Resting systolic blood pressure",
        "Angina under exercise",
        "Type of chest pain",
    }
    assert all(one.taken.month == 3 for one in reference.stale)
    assert {move.why for move in reference.would_move} == {"stale"}


def test_what_was_measured_in_this_visit_is_not_stale(make_model, make_facts):
    assert reference_for(make_facts(), model=make_model(), held=[], now=NOW).stale == ()


def test_a_stay_that_is_known_says_when_the_visit_began(make_model, make_facts):
    began = datetime(2026, 3, 3, tzinfo=UTC)

    reference = reference_for(make_facts(), model=make_model(), held=[], now=NOW, began=began)

    assert {one.title for one in reference.stale} == {"Resting systolic blood pressure", "Type of chest pain"}


def test_the_events_used_alone_give_the_same_row(make_model, make_facts):
    older = FactValue("measurement", "systolic_pressure", "", "", DAY_0.replace(hour=1), 190.0, "mm[Hg]")
    events = list(events_of(make_facts(extra=(older,)), subject=1))
    features = make_model().artifact.encoder.features

    used = used_events(events, subject=1, index_time=ANGIOGRAPHY, features=features)
    alone = raw_features([e for own in used.values() for e in own], index_times={1: ANGIOGRAPHY}, features=features)

    whole = raw_features(events, index_times={1: ANGIOGRAPHY}, features=features)
    assert all((alone.columns[f.name] == whole.columns[f.name]).all() for f in features)
    assert len(used["pressure"]) == 1


def test_an_older_value_leaves_the_inputs_hash_as_it_is_and_a_newer_one_does_not(make_model, make_facts):
    older = FactValue("measurement", "systolic_pressure", "", "", DAY_0.replace(hour=1), 190.0, "mm[Hg]")
    newer = FactValue("measurement", "systolic_pressure", "", "", DAY_0.replace(hour=9), 190.0, "mm[Hg]")

    def hash_with(*extra: FactValue) -> str:
        return reference_for(make_facts(extra=extra), model=make_model(), held=[], now=NOW).inputs_sha256

    assert hash_with() == hash_with(older)
    assert hash_with() != hash_with(newer)


def test_another_local_calibration_is_another_inputs_hash(make_model, make_facts):
    other = make_model(calibration=Calibration(intercept=0.2, slope=1.1, calibrated=True, note="x"))

    one, two = (reference_for(make_facts(), model=m, held=[], now=NOW).inputs_sha256 for m in (make_model(), other))

    assert one != two


def test_the_contributions_of_a_calibrated_site_part_add_up_to_the_last_bit(make_model, make_facts):
    model = make_model(calibration=Calibration(intercept=-0.3, slope=0.87, calibrated=True, note="x"))

    reference = reference_for(make_facts(), model=model, held=[], now=NOW)

    assert reference.steps[-1].so_far == reference.logit
    assert reference.logit == pytest.approx(-0.3 + 0.87 * 0.5)


def _held(value: float, *, suggestion: float) -> Value:
    return Value(
        id=1,
        resource_type="Observation",
        resource_id="o1",
        version=1,
        path="Observation.valueQuantity",
        measurement="systolic_pressure",
        time=DAY_0,
        value=value,
        unit="mm[Hg]",
        rule="as received",
        not_standard="",
        is_held=True,
        finding="decimal_slip",
        finding_sentence="",
        suggestion=suggestion,
        suggestion_unit="mm[Hg]",
        decision="",
        decided_by="",
        decided=None,
        decision_reason="",
    )
