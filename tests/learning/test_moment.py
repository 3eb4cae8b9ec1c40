"""When an estimate is made: whatever form the study's trigger has, at the moment at which es-aces cuts the cohort."""

import pytest
from made_up_patients import always, at, born, event
from test_cohort import ANGIOGRAPHY, CLEAR, NARROWED, TASK, write

from wardround.learning.cohort import extract_cohort
from wardround.learning.index_time import NoFixedMoment, after_trigger
from wardround.learning.moment import Moment, moment_of, trigger_codes

NOW = at(day=30)
CT, PRESSURE = "WARDROUND//coronary_ct", "LOINC//8480-6"
PREDICATES = {
    "plain": {"code": ANGIOGRAPHY},
    "any": {"code": {"any": [ANGIOGRAPHY, CT]}},
    "regex": {"code": {"regex": "^WARDROUND//coronary_(ct|angiography)$"}},
    "high": {"code": PRESSURE, "value_min": 140},
    "at_least": {"code": PRESSURE, "value_min": 140, "value_min_inclusive": True},
    "between": {"code": PRESSURE, "value_min": 100, "value_max": 140, "value_max_inclusive": False},
    "ct": {"code": CT},
    "either": {"expr": "or(plain, ct)"},
    "both": {"expr": "and(plain, at_least)"},
    "nested": {"expr": "or(both, ct)"},
    "man": {"code": "GENDER//male", "static": True},
    "man_examined": {"expr": "and(man, plain)"},
}
EVENTS = [
    # subject 1: a computed tomography first, then an angiography while the pressure is at the limit
    born(1960), always("GENDER//male"),
    event(PRESSURE, day=1, value=120.0), event(CT, day=2), event(PRESSURE, day=3, value=150.0),
    event(ANGIOGRAPHY, day=4), event(PRESSURE, day=4, value=140.0), event(NARROWED, day=4),
    # subject 2: a woman with an angiography alone
    born(1950, subject=2), always("GENDER//female", subject=2),
    event(PRESSURE, day=2, value=139.0, subject=2), event(ANGIOGRAPHY, day=3, subject=2),
    # subject 3: nothing but a visit
    born(1955, subject=3), always("GENDER//male", subject=3), event(PRESSURE, day=5, value=110.0, subject=3),
]  # fmt: skip


def task_of(trigger: str) -> dict:
    predicates = TASK["predicates"] | PREDICATES
    outcome = {**TASK["windows"]["outcome"], "has": {"_ANY_EVENT": "(1, None)"}}
    return {"predicates": predicates, "trigger": trigger, "windows": {**TASK["windows"], "outcome": outcome}}


@pytest.mark.parametrize(
    "trigger", [*(name for name in PREDICATES if name != "man"), "_ANY_EVENT", "_RECORD_START", "_RECORD_END"]
)
def test_a_patient_is_estimated_at_the_moment_at_which_the_cohort_is_cut(tmp_path, trigger):
    write(tmp_path, EVENTS)
    task = task_of(trigger)

    cut = extract_cohort(tmp_path, task=task).times

    assert cut
    for subject in (1, 2, 3):
        own = [one for one in EVENTS if one.subject_id == subject]
        expected = Moment(time=cut[subject], has_happened=True) if subject in cut else Moment(NOW, has_happened=False)
        assert moment_of(own, task=task, now=NOW) == expected
    assert cut


def windows_of(index: dict) -> dict:
    """The windows of a study whose index time is where `index` says."""
    outcome = {**TASK["windows"]["outcome"], "has": {"_ANY_EVENT": "(1, None)"}}
    inclusive = {"start_inclusive": True, "end_inclusive": True}
    return {**{name: inclusive | window for name, window in index.items()}, "outcome": outcome}


MOMENTS = {
    "a day later": {"input": {"start": None, "end": "trigger + 24h", "index_timestamp": "end"}},
    "half a day before": {"input": {"start": None, "end": "trigger - 12 hours", "index_timestamp": "end"}},
    "after a gap": {
        "input": {"start": "trigger", "end": "start + 1d 6h"},
        "gap": {"start": "input.end", "end": "start + 90 minutes", "index_timestamp": "end"},
    },
    "at the start of a window": {
        "target": {"start": "trigger + 2 days", "end": "start + 1d", "index_timestamp": "start"}
    },
}


@pytest.mark.parametrize("index", MOMENTS.values(), ids=MOMENTS)
def test_a_moment_that_lies_a_fixed_time_from_the_trigger_is_the_cohort_s(tmp_path, index):
    write(tmp_path, [*EVENTS, *(event(PRESSURE, day=20, value=120.0, subject=subject) for subject in (1, 2, 3))])
    task = task_of("plain") | {"windows": windows_of(index)}

    cut = extract_cohort(tmp_path, task=task).times

    assert set(cut) == {1, 2}
    for subject, time in cut.items():
        own = [one for one in EVENTS if one.subject_id == subject]
        assert moment_of(own, task=task, now=NOW) == Moment(time=time, has_happened=True)
        assert time != moment_of(own, task=task_of("plain"), now=NOW).time


def test_until_that_moment_has_come_the_estimate_is_of_now():
    task = task_of("plain") | {"windows": windows_of(MOMENTS["a day later"])}
    own = [one for one in EVENTS if one.subject_id == 2]
    soon, later = at(day=3, hour=20), at(day=4, hour=20)  # twelve hours and a day and a half after the angiography

    assert moment_of(own, task=task, now=soon) == Moment(time=soon, has_happened=False)
    assert moment_of(own, task=task, now=later) == Moment(time=at(day=4), has_happened=True)


@pytest.mark.parametrize(
    "index",
    [
        {"input": {"start": None, "end": "trigger -> ct", "index_timestamp": "end"}},
        {"input": {"start": None, "end": "trigger", "index_timestamp": "start"}},
        {"input": {"start": None, "end": "trigger + a while", "index_timestamp": "end"}},
        {"input": {"start": None, "end": "elsewhere.end", "index_timestamp": "end"}},
        {"input": {"start": "end - 1d", "end": "start + 1d", "index_timestamp": "end"}},
    ],
)
def test_a_moment_that_hangs_on_something_else_is_refused_with_what_would_be_right(index):
    with pytest.raises(NoFixedMoment, match="for example trigger \\+ 24h"):
        after_trigger(task_of("plain") | {"windows": windows_of(index)})


def test_without_the_event_the_moment_is_now():
    assert moment_of([born(1960)], task=task_of("plain"), now=NOW) == Moment(time=NOW, has_happened=False)


def test_a_trigger_that_the_task_does_not_define_never_happens():
    assert moment_of(EVENTS, task=task_of("unheard_of"), now=NOW).has_happened is False


def test_the_codes_of_a_trigger_are_those_that_it_names():
    assert trigger_codes(task_of("plain")) == {ANGIOGRAPHY}
    assert trigger_codes(task_of("any")) == trigger_codes(task_of("either")) == {ANGIOGRAPHY, CT}
    assert trigger_codes(task_of("nested")) == {ANGIOGRAPHY, CT, PRESSURE}
    assert trigger_codes(task_of("regex")) == frozenset()
    assert trigger_codes({**TASK, "trigger": "result"}) == {NARROWED, CLEAR}
