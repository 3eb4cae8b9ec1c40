"""A study's task over MEDS events: who counts, from which moment, with which label."""

import numpy as np
import polars as pl
import pytest
from made_up_patients import FEATURES, always, at, born, event

from wardround.learning.cohort import NO_EVENT, NO_RESULT, TWICE, CohortError, extract_cohort, read_events
from wardround.learning.site import site_data, split_seed

ANGIOGRAPHY = "WARDROUND//coronary_angiography"
NARROWED = "WARDROUND//coronary_narrowing//true"
CLEAR = "WARDROUND//coronary_narrowing//false"

TASK = {
    "predicates": {
        "angiography": {"code": ANGIOGRAPHY},
        "narrowed": {"code": NARROWED},
        "clear": {"code": CLEAR},
        "result": {"expr": "or(narrowed, clear)"},
    },
    "trigger": "angiography",
    "windows": {
        "input": {
            "start": None,
            "end": "trigger",
            "start_inclusive": True,
            "end_inclusive": False,
            "index_timestamp": "end",
        },
        "outcome": {
            "start": "trigger",
            "end": "start + 1d",
            "start_inclusive": True,
            "end_inclusive": True,
            "has": {"result": "(1, None)"},
            "label": "narrowed",
        },
    },
}


def visit(subject, *, result=None, angiography=True, pressure=130.0):
    events = [
        always("GENDER//male", subject=subject),
        born(1960, subject=subject),
        event("LOINC//8480-6", day=1, value=pressure, subject=subject),
        event("LOINC//8480-6", day=5, value=999.0, subject=subject),
    ]
    if angiography:
        events.append(event(ANGIOGRAPHY, day=3, hour=12, subject=subject))
    if result:
        events.append(event(result, day=3, hour=13, subject=subject))
    return events


def write(folder, events, shard="0"):
    schema = {"subject_id": pl.Int64, "time": pl.Datetime("us"), "code": pl.String, "numeric_value": pl.Float32}
    (folder / "data" / "train").mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame([tuple(e) for e in events], schema=schema, orient="row")
    frame.sort("subject_id", "time").write_parquet(folder / "data" / "train" / f"{shard}.parquet")


def test_a_patient_has_a_label_from_the_angiography_and_an_index_time_at_it(tmp_path):
    write(tmp_path, visit(2, result=NARROWED) + visit(1, result=CLEAR))

    cohort = extract_cohort(tmp_path, task=TASK)

    assert list(cohort.subject_ids) == [1, 2]
    assert list(cohort.labels) == [0.0, 1.0]
    assert cohort.index_times[0] == at(day=3, hour=12)


def test_a_patient_without_a_recorded_angiography_is_dropped_and_counted(tmp_path):
    write(tmp_path, visit(1, result=CLEAR) + visit(2, angiography=False))

    cohort = extract_cohort(tmp_path, task=TASK)

    assert list(cohort.subject_ids) == [1]
    assert cohort.dropped == {NO_EVENT: 1}


def test_an_angiography_without_a_result_is_not_a_negative(tmp_path):
    write(tmp_path, visit(1, result=CLEAR) + visit(2))

    cohort = extract_cohort(tmp_path, task=TASK)

    assert list(cohort.subject_ids) == [1]
    assert cohort.dropped == {NO_RESULT: 1}


def test_a_second_angiography_does_not_make_a_second_patient(tmp_path):
    again = [event(ANGIOGRAPHY, day=20), event(NARROWED, day=20, hour=9)]
    write(tmp_path, visit(1, result=CLEAR) + again)

    cohort = extract_cohort(tmp_path, task=TASK)

    assert list(cohort.labels) == [0.0]
    assert cohort.dropped == {TWICE: 1}


def test_all_shards_of_a_folder_are_read(tmp_path):
    write(tmp_path, visit(1, result=CLEAR), shard="0")
    write(tmp_path, visit(2, result=NARROWED), shard="1")

    assert list(extract_cohort(tmp_path, task=TASK).subject_ids) == [1, 2]
    assert len(list(read_events(tmp_path))) == 12


def test_a_hospital_without_any_angiography_has_an_empty_cohort(tmp_path):
    write(tmp_path, visit(1, angiography=False))

    assert len(extract_cohort(tmp_path, task=TASK).labels) == 0


def test_a_folder_without_tables_is_named_in_one_sentence(tmp_path):
    with pytest.raises(CohortError, match="no event tables"):
        extract_cohort(tmp_path, task=TASK)


def test_a_task_that_is_none_is_refused(tmp_path):
    write(tmp_path, visit(1, result=CLEAR))

    with pytest.raises(CohortError, match="not a usable ACES task"):
        extract_cohort(tmp_path, task={"predicates": {}, "trigger": "nothing", "windows": {}})


def test_a_hospitals_data_holds_what_came_before_and_splits_the_same_way_again(tmp_path):
    events = [e for s in range(1, 41) for e in visit(s, result=NARROWED if s % 2 else CLEAR, pressure=100.0 + s)]
    write(tmp_path, events)
    given = {"task": TASK, "features": FEATURES, "test_fraction": 0.34, "folds": 5}

    first = site_data(tmp_path, seed=split_seed("abc", "Cleveland"), **given)
    again = site_data(tmp_path, seed=split_seed("abc", "Cleveland"), **given)
    other = site_data(tmp_path, seed=split_seed("abc", "Budapest"), **given)

    assert sorted(first.raw.columns["pressure"]) == [100.0 + s for s in range(1, 41)]
    assert [100.0 + subject for subject in first.subject_ids] == list(first.raw.columns["pressure"])
    assert np.array_equal(first.held_out, again.held_out)
    assert not np.array_equal(first.held_out, other.held_out)
    assert first.held_out_labels.sum() == 7
    assert len(first.held_out) == 14


def test_the_split_does_not_depend_on_the_secret_that_subject_ids_are_keyed_with(tmp_path):
    given = {"task": TASK, "features": FEATURES, "test_fraction": 0.34, "folds": 5, "seed": split_seed("abc", "Here")}
    split = []
    for home, keyed in (("one", lambda s: s), ("other", lambda s: 1000 - 7 * s)):
        events = [visit(keyed(s), result=NARROWED if s % 2 else CLEAR, pressure=100.0 + s) for s in range(1, 41)]
        write(tmp_path / home, [event for patient in sorted(events) for event in patient])
        data = site_data(tmp_path / home, **given)
        split.append((list(data.held_out_raw.columns["pressure"]), list(data.training_raw.columns["pressure"])))

    assert split[0] == split[1]
