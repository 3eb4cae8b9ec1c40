"""A MEDS dataset becomes one draft per subject; what is no MEDS dataset is refused."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.json import dumps, number_text
from wardround.interchange.fhir.structure import check
from wardround.interchange.meds import Event, write_meds
from wardround.interchange.meds_in import read, read_again

LOINC = "http://loinc.org"
WHEN = datetime.fromisoformat("2026-02-03 08:30")
EVENTS = [
    Event(7, None, "GENDER//F"),
    Event(7, datetime.fromisoformat("1950-03-04"), "MEDS_BIRTH"),
    Event(7, WHEN, "LOINC//2093-3", 6.1),
    Event(7, WHEN, "ICD10CM//I25.10"),
    Event(7, WHEN, "LAB//50912//mg/dL", 1.1),
    Event(7, WHEN, "NOTE", None, "lies down"),
    Event(7, datetime.fromisoformat("2026-05-01 04:00"), "MEDS_DEATH"),
    Event(9, WHEN, "LOINC//2093-3", 210),
    Event(9, WHEN, "LOINC//2093-3", 215),
]


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("meds", codes={"LAB//50912//mg/dL": {"measurement": "creatinine", "unit": "mg/dL"}})


@pytest.fixture
def dataset(tmp_path):
    """A dataset of another's making."""
    folder = tmp_path / "dataset"
    write_meds(folder, EVENTS, descriptions={"LOINC//2093-3": "Cholesterol"})
    about = folder / "metadata" / "dataset.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"etl_name": "another"}))
    return folder


def by_code(draft):
    return {r["code"]["coding"][0]["code"]: r for r in draft.resources if "code" in r}


@pytest.fixture
def misdated(dataset):
    """The dataset with times of subject 9 far behind the year 9999: 2 to the power of 60 microseconds."""
    shard = dataset / "data" / "0.parquet"
    table = pq.read_table(shard)
    times = [2**60 if row["subject_id"] == 9 else _microseconds(row["time"]) for row in table.to_pylist()]
    column = pa.array(times, pa.int64()).cast(pa.timestamp("us"))
    pq.write_table(table.set_column(table.column_names.index("time"), "time", column), shard)
    return dataset


def _microseconds(time):
    return None if time is None else int(time.replace(tzinfo=UTC).timestamp() * 1_000_000)


def test_a_time_that_no_calendar_has_refuses_its_subject_and_no_other(misdated, dataset, mapping):
    # Found by the ten thousand mutants of the intake benchmark: an import ended in a traceback.
    first, refused = read(misdated, mapping=mapping)

    assert len(first.resources) == 5
    assert first.resources[0]["birthDate"] == "1950-03-04"
    assert isinstance(refused, Reject)
    assert refused.source.position == "subject 9"
    assert "outside the years 1 to 9999" in refused.reason


def test_its_lines_are_kept_with_the_number_and_read_when_it_is_mended(misdated, mapping):
    _first, refused = read(misdated, mapping=mapping)
    assert refused.source.raw.count(str(2**60).encode()) == 2

    (again,) = read_again(refused.source, mapping=mapping)
    mended = refused.source.raw.replace(str(2**60).encode(), b'"2026-02-03T08:30:00"')
    (draft,) = read_again(Source("meds", "subject 9", mended), mapping=mapping)

    assert isinstance(again, Reject)
    assert [number_text(one["valueQuantity"]["value"]) for one in draft.resources[1:]] == ["210", "215"]


@pytest.mark.parametrize(("first", "last"), [("0001-01-01 00:00", "9999-12-31 23:59:59.999999")])
def test_every_time_of_the_calendar_is_read(tmp_path, mapping, first, last):
    times = [datetime.fromisoformat(one) for one in (first, last)]
    write_meds(tmp_path / "d", [Event(7, time, "LOINC//2093-3", 210) for time in times])

    (draft,) = read(tmp_path / "d", mapping=mapping)

    assert [one["effectiveDateTime"][:10] for one in draft.resources[1:]] == ["0001-01-01", "9999-12-31"]


def test_a_subject_becomes_a_patient_and_what_happened(dataset, mapping):
    first, second = read(dataset, mapping=mapping)

    assert not [p.sentence for draft in (first, second) for r in draft.resources for p in check(r)]
    patient = first.resources[0]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1950-03-04")
    assert patient["deceasedDateTime"] == "2026-05-01T04:00:00+02:00"  # MEDS has no zone: it is the mapping's
    found = by_code(first)
    cholesterol = found["2093-3"]
    assert cholesterol["code"]["coding"] == [{"system": LOINC, "code": "2093-3", "display": "Cholesterol"}]
    assert number_text(cholesterol["valueQuantity"]["value"]) == "6.1"
    assert "unit" not in cholesterol["valueQuantity"]  # nobody said which
    assert found["I25.10"]["resourceType"] == "Condition"
    assert found["LAB//50912//mg/dL"]["code"]["coding"][0]["system"] == "urn:wardround:local:small"
    assert found["NOTE"]["valueString"] == "lies down"


def test_equal_events_at_one_time_stay_two(dataset, mapping):
    _, second = read(dataset, mapping=mapping)

    values = [r for r in second.resources if r["resourceType"] == "Observation"]
    assert len({r["identifier"][0]["value"] for r in values}) == len(values) == 2


def test_wardrounds_own_datasets_say_their_units_and_years(tmp_path, mapping):
    events = [
        Event(7, datetime.fromisoformat("1950-01-01"), "MEDS_BIRTH"),
        Event(7, WHEN, "LOINC//2093-3", 210),
        Event(7, WHEN, "WARDROUND//exercise_angina//true"),
        Event(7, WHEN, "WARDROUND//chest_pain_type//asymptomatic"),
        Event(7, WHEN, "WARDROUND//coronary_angiography"),
    ]
    write_meds(tmp_path / "d", events)

    (draft,) = read(tmp_path / "d", mapping=mapping)

    found = by_code(draft)
    assert draft.resources[0]["birthDate"] == "1950"
    assert found["2093-3"]["valueQuantity"]["unit"] == "mg/dL"
    assert found["2093-3"]["effectiveDateTime"] == "2026-02-03T08:30:00+00:00"
    assert found["exercise_angina"]["valueBoolean"] is True
    assert found["chest_pain_type"]["valueCodeableConcept"]["coding"][0]["code"] == "asymptomatic"
    assert found["coronary_angiography"]["resourceType"] == "Procedure"


def test_a_subject_is_read_again_from_its_bytes(dataset, mapping):
    first, _ = read(dataset, mapping=mapping)

    (again,) = read_again(first.source, mapping=mapping)

    facts = [[r for r in draft.resources if "code" in r] for draft in (first, again)]
    for resource in facts[0]:
        resource["code"]["coding"][0].pop("display", None)  # the table of codes is not in a subject's bytes
    assert [dumps(r) for r in facts[0]] == [dumps(r) for r in facts[1]]


def test_a_column_of_ones_own_is_named(dataset, mapping):
    shard = dataset / "data" / "0.parquet"
    table = pq.read_table(shard)
    pq.write_table(table.append_column("ward", pa.array(["B2"] * len(table))), shard)

    *_, note = read(dataset, mapping=mapping)

    assert note.unmapped == ("column ward",)


def test_a_gender_that_nobody_knows_is_asked_for(tmp_path, mapping):
    write_meds(tmp_path / "d", [Event(7, None, "GENDER//X"), *EVENTS[2:3]])

    (reject,) = read(tmp_path / "d", mapping=mapping)

    assert "[answers.sex]" in reject.reason


def test_what_is_no_dataset_is_refused(tmp_path, mapping):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "some.parquet")

    (reject,) = read(tmp_path, mapping=mapping)

    assert "no MEDS dataset" in reject.reason


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("metadata/dataset.json", b"[]"),
        ("metadata/dataset.json", b"{"),
        ("metadata/codes.parquet", b"PAR1"),
        ("data/0.parquet", b"PAR1"),
        ("data/0.parquet", None),
    ],
)
def test_a_broken_dataset_is_refused_with_a_sentence(dataset, mapping, file, content):
    if content is None:
        pq.write_table(pa.table({"subject_id": ["a"], "time": [None], "code": ["x"]}), dataset / file)
    else:
        (dataset / file).write_bytes(content)

    readings = list(read(dataset, mapping=mapping))

    assert isinstance(readings[-1], Reject)
    assert "MEDS" in readings[-1].reason


@pytest.mark.parametrize(
    "raw", [b"", b"x", b"[]", b'{"etl_name": "a"}\n[1]\n', b'{"etl_name": "a"}\n[1, "x", "c", 1, null]\n']
)
def test_bytes_that_are_no_subject_are_refused(mapping, raw):
    readings = list(read_again(Source("meds", "subject 7", raw), mapping=mapping))

    assert not [reading for reading in readings if isinstance(reading, Draft)]
