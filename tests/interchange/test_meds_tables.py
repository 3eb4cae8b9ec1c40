"""Standard facts become MEDS events, and events a MEDS 0.4.1 dataset that reads back the same."""

# ruff: noqa: DTZ001  (MEDS times have no zone)

from datetime import UTC, datetime, timedelta, timezone

import meds.schema
import pyarrow.parquet as pq
import pytest

from wardround.clinical.catalogue import ICD_10_CM, WARDROUND, Coding, load_catalogue
from wardround.interchange.errors import NotMeds
from wardround.interchange.meds import Event, StandardFact, events_from, read_meds, write_meds

NOON = datetime(2026, 2, 3, 12, 0)
CHOLESTEROL = load_catalogue().by_key("total_cholesterol").coding
ANGINA = load_catalogue().by_key("exercise_angina").coding
CHEST_PAIN = load_catalogue().by_key("chest_pain_type").coding


def test_facts_are_named_as_the_contract_says():
    zone = timezone(timedelta(hours=1))
    facts = [
        StandardFact(NOON.replace(tzinfo=zone), CHOLESTEROL, value=233.0),
        StandardFact(NOON, ANGINA, value=True),
        StandardFact(NOON, CHEST_PAIN, value="asymptomatic"),
        StandardFact(NOON, Coding(ICD_10_CM, "I25.10"), kind="condition"),
        StandardFact(NOON, Coding(WARDROUND, "coronary_angiography"), kind="procedure"),
    ]

    assert list(events_from(facts, subject_id=7, birth_year=1963, gender="female")) == [
        Event(7, None, "GENDER//female"),
        Event(7, datetime(1963, 1, 1), "MEDS_BIRTH"),
        Event(7, datetime(2026, 2, 3, 11, 0), "LOINC//2093-3", 233.0),
        Event(7, NOON, "WARDROUND//exercise_angina//true"),
        Event(7, NOON, "WARDROUND//chest_pain_type//asymptomatic"),
        Event(7, NOON, "ICD10CM//I25.10"),
        Event(7, NOON, "WARDROUND//coronary_angiography"),
    ]


def test_a_zero_is_a_value_and_a_missing_value_or_time_is_no_event():
    facts = [
        StandardFact(NOON, Coding(WARDROUND, "st_depression"), value=0.0),
        StandardFact(NOON, CHOLESTEROL, value=None),
        StandardFact(None, CHOLESTEROL, value=200.0),
    ]

    assert list(events_from(facts, subject_id=1)) == [Event(1, NOON, "WARDROUND//st_depression", 0.0)]


def test_a_local_code_has_no_place_in_meds():
    with pytest.raises(NotMeds, match="standardise"):
        list(events_from([StandardFact(NOON, Coding("urn:wardround:local:x", "KOL"), value=1.0)], subject_id=1))


def test_events_are_read_back_sorted_by_subject_and_time(tmp_path):
    events = [
        Event(2, NOON, "LOINC//2093-3", 233.0),
        Event(1, NOON + timedelta(days=1), "LOINC//8480-6", 130.0),
        Event(1, NOON, "WARDROUND//exercise_angina//true"),
        Event(1, None, "GENDER//female"),
        Event(2, NOON, "NOTE", None, "free text"),
    ]

    write_meds(tmp_path, events)

    assert list(read_meds(tmp_path)) == [events[3], events[2], events[1], events[0], events[4]]


def test_the_files_have_the_standards_schemas(tmp_path):
    write_meds(tmp_path, [Event(2**62, NOON, "LOINC//2093-3", 233.0)], descriptions={"LOINC//2093-3": "Cholesterol"})

    meds.schema.DataSchema.validate(pq.read_table(tmp_path / "data" / "0.parquet"))
    codes = pq.read_table(tmp_path / "metadata" / "codes.parquet")
    meds.schema.CodeMetadataSchema.validate(codes)
    assert codes["description"].to_pylist() == ["Cholesterol"]
    assert '"meds_version": "0.4.1"' in (tmp_path / "metadata" / "dataset.json").read_text()


def test_the_same_events_in_another_order_give_the_same_bytes(tmp_path):
    events = [Event(i % 3, NOON + timedelta(hours=i % 5), f"C{i % 2}", float(i)) for i in range(50)]

    write_meds(tmp_path / "a", events)
    write_meds(tmp_path / "b", reversed(events))

    assert (tmp_path / "a/data/0.parquet").read_bytes() == (tmp_path / "b/data/0.parquet").read_bytes()


def test_an_aware_time_is_written_in_utc(tmp_path):
    write_meds(tmp_path, [Event(1, datetime(2026, 2, 3, 12, tzinfo=timezone(timedelta(hours=2))), "X")])

    assert next(read_meds(tmp_path)).time == datetime(2026, 2, 3, 10, tzinfo=UTC).replace(tzinfo=None)


def test_no_events_make_an_empty_dataset(tmp_path):
    write_meds(tmp_path, [])

    assert list(read_meds(tmp_path)) == []


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused(tmp_path, number):
    with pytest.raises(NotMeds, match="not finite"):
        write_meds(tmp_path, [Event(1, NOON, "X", number)])


def test_what_is_no_meds_folder_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(NotMeds, match=r"no data/\*\.parquet"):
        list(read_meds(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.parquet").write_bytes(b"not parquet")
    with pytest.raises(NotMeds, match=r"x\.parquet is no MEDS data table"):
        list(read_meds(tmp_path))
