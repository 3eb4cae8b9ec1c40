"""When an estimate is made: whatever form the study's trigger has, at the moment at which es-aces cuts the cohort."""

import pytest
from made_up_patients import always, at, born, event
from test_cohort import ANGIOGRAPHY, CLEAR, NARROWED, TASK, write

from wardround.learning.cohort import extract_cohort
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
