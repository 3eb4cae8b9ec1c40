"""MEDS 0.4.1: standard facts as events, and events as Parquet tables (github.com/Medical-Event-Data-Standard/meds)."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from flexible_schema.exceptions import (  # type: ignore[import-untyped]
    SchemaValidationError,
    TableValidationError,
)
from meds.schema import (
    CodeMetadataSchema,
    DataSchema,
    DatasetMetadataSchema,
    birth_code,
    code_metadata_filepath,
    data_subdirectory,
    dataset_metadata_filepath,
    death_code,
)

from wardround.clinical.catalogue import ICD_10_CM, LOINC, OMOP, WARDROUND, Coding
from wardround.interchange.errors import NotMeds

MEDS_VERSION = "0.4.1"
DEATH_CODE: str = death_code
_VOCABULARY = {LOINC: "LOINC", ICD_10_CM: "ICD10CM", WARDROUND: "WARDROUND", OMOP: "OMOP"}
MEDS_COLUMNS = ["subject_id", "time", "code", "numeric_value", "text_value"]

# What a calendar has, in the microseconds since 1970 that MEDS keeps: the years 1 to 9999.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
_NO_TABLE = (pa.ArrowException, OSError, ValueError, TypeError, SchemaValidationError, TableValidationError)


class Event(NamedTuple):
    """One thing that was true of a patient: `time` is UTC without a zone, None for what is always true."""

    subject_id: int
    time: datetime | None
    code: str
    numeric_value: float | None = None
    text_value: str | None = None


class Misdated(NamedTuple):
    """An event whose time no calendar has, in microseconds since 1970."""

    subject_id: int
    microseconds: int
    code: str
    numeric_value: float | None = None
    text_value: str | None = None


class EventLike(Protocol):
    """What write_meds takes: an Event, or any with these four (a `text_value` is written where there is one)."""

    @property
    def subject_id(self) -> int: ...
    @property
    def time(self) -> datetime | None: ...
    @property
    def code(self) -> str: ...
    @property
    def numeric_value(self) -> float | None: ...


class StandardFact(NamedTuple):
    """One standard value of a patient, as learning may see it.

    `value`: a number in the catalogue's standard unit, a bool or an answer's code for a measurement; None for a condition
    or procedure, which are facts by their coding alone.
    """

    time: datetime | None
    coding: Coding  # a measurement's own coding, a condition's ICD-10-CM, a procedure's
    kind: Literal["measurement", "condition", "procedure"] = "measurement"
    value: float | bool | str | None = None


def code_name(coding: Coding, answer: bool | str | None = None) -> str:  # noqa: FBT001 - an answer, not a switch
    """The MEDS code: "LOINC//2093-3", with an answer "WARDROUND//exercise_angina//true". Raises NotMeds."""
    vocabulary = _VOCABULARY.get(coding.system)
    if vocabulary is None:
        raise NotMeds(
            f"The code system {coding.system!r} has no MEDS vocabulary; standardise to LOINC or ICD-10-CM first."
        )
    name = f"{vocabulary}//{coding.code}"
    if answer is None:
        return name
    return f"{name}//{str(answer).lower() if isinstance(answer, bool) else answer}"


def events_from(
    facts: Iterable[StandardFact], *, subject_id: int, birth_year: int | None = None, gender: str | None = None
) -> Iterator[Event]:
    """The events of one patient. A birth year is 1 January of that year; a fact without a time is left out, since it
    cannot be put before or after an index time."""
    if gender:
        yield Event(subject_id, None, f"GENDER//{gender}")
    if birth_year is not None:
        yield Event(subject_id, datetime(birth_year, 1, 1), birth_code)  # noqa: DTZ001 - MEDS has no zones
    for fact in facts:
        if fact.time is None or (fact.kind == "measurement" and fact.value is None):
            continue
        time = _utc(fact.time)
        if isinstance(fact.value, bool | str):
            yield Event(subject_id, time, code_name(fact.coding, fact.value))
        elif fact.kind == "measurement" and fact.value is not None:
            yield Event(subject_id, time, code_name(fact.coding), float(fact.value))
        else:
            yield Event(subject_id, time, code_name(fact.coding))


def write_meds(
    folder: Path,
    events: Iterable[EventLike],
    *,
    dataset_name: str = "wardround",
    descriptions: Mapping[str, str] | None = None,
) -> None:
    """Write data/0.parquet, metadata/codes.parquet and metadata/dataset.json.

    Events are sorted by subject, time (none first) and code, so the same events in any order give the same table.
    Raises NotMeds for a number that is not finite.
    """
    write_meds_in_parts(folder, [events], dataset_name=dataset_name, descriptions=descriptions)


def write_meds_in_parts(
    folder: Path,
    parts: Iterable[Iterable[EventLike]],
    *,
    dataset_name: str = "wardround",
    descriptions: Mapping[str, str] | None = None,
    created_at: datetime | None = None,
) -> int:
    """The same with one data/N.parquet for each part, so that memory holds one part; no subject may be in two.

    `descriptions` may still grow while the parts are read. Gives how many events there are. Raises NotMeds.
    """
    codes: set[str] = set()
    many = 0
    (folder / data_subdirectory).mkdir(parents=True, exist_ok=True)
    (folder / "metadata").mkdir(parents=True, exist_ok=True)
    for number, events in enumerate(parts):
        table = _table(events)
        many += len(table)
        codes.update(pc.unique(table["code"]).to_pylist())
        pq.write_table(DataSchema.align(table), folder / data_subdirectory / f"{number}.parquet")
    described = descriptions or {}
    ordered = sorted(codes)
    code_table = pa.table(
        {
            "code": pa.array(ordered, pa.string()),
            "description": pa.array([described.get(code) for code in ordered], pa.string()),
            "parent_codes": pa.array([None] * len(ordered), pa.list_(pa.string())),
        }
    )
    about: dict[str, Any] = {
        "dataset_name": dataset_name,
        "etl_name": "wardround",
        "etl_version": version("wardround"),
        "meds_version": MEDS_VERSION,
    }
    if created_at is not None:
        about["created_at"] = created_at.isoformat()
    DatasetMetadataSchema.validate(about)
    pq.write_table(CodeMetadataSchema.align(code_table), folder / code_metadata_filepath)
    (folder / dataset_metadata_filepath).write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    return many


def read_meds(folder: Path) -> Iterator[Event]:
    """Every event of a MEDS folder in the order of its files (data/**/*.parquet by name). Raises NotMeds."""
    for event in read_rows(folder):
        if isinstance(event, Misdated):
            raise NotMeds("An event has a time outside the years 1 to 9999.")
        yield event


def read_rows(folder: Path) -> Iterator[Event | Misdated]:
    """The same, and what has a time that no calendar has as what it is. Raises NotMeds."""
    shards = sorted((folder / data_subdirectory).rglob("*.parquet"))
    if not shards:
        raise NotMeds(f"The folder {folder.name} has no data/*.parquet, so it is no MEDS dataset.")
    for shard in shards:
        try:
            file = pq.ParquetFile(shard)
            present = [name for name in MEDS_COLUMNS if name in file.schema_arrow.names]
            for batch in file.iter_batches(columns=present):
                yield from _rows(DataSchema.align(pa.Table.from_batches([batch])))
        except _NO_TABLE as error:
            raise NotMeds(f"The file {shard.name} is no MEDS data table: {type(error).__name__}.") from None


def _rows(table: pa.Table) -> Iterator[Event | Misdated]:
    microseconds = table["time"].cast(pa.int64())
    is_dated = pc.and_(pc.greater_equal(microseconds, _FIRST), pc.less_equal(microseconds, _LAST))
    times = pc.if_else(is_dated, table["time"], None)
    columns = [
        table[name].to_pylist() if name in table.column_names else [None] * len(table) for name in MEDS_COLUMNS[2:]
    ]
    subjects = table["subject_id"].to_pylist()
    for subject, time, stated, *rest in zip(
        subjects, times.to_pylist(), microseconds.to_pylist(), *columns, strict=True
    ):
        if time is None and stated is not None:
            yield Misdated(subject, stated, *rest)
        else:
            yield Event(subject, time, *rest)


def _table(events: Iterable[EventLike]) -> pa.Table:
    subjects, times, codes = [], [], []
    numbers: list[float | None] = []
    texts: list[str | None] = []
    for event in events:
        if event.numeric_value is not None and not math.isfinite(event.numeric_value):
            raise NotMeds(f"An event {event.code} has a number that is not finite.")
        subjects.append(event.subject_id)
        times.append(None if event.time is None else _utc(event.time))
        codes.append(event.code)
        numbers.append(event.numeric_value)
        texts.append(getattr(event, "text_value", None))
    table = pa.table(
        {
            "subject_id": pa.array(subjects, pa.int64()),
            "time": pa.array(times, pa.timestamp("us")),
            "code": pa.array(codes, pa.string()),
            "numeric_value": pa.array(numbers, pa.float32()),
            "text_value": pa.array(texts, pa.large_string()),
        }
    )
    order = pc.sort_indices(table, sort_keys=[(name, "ascending", "at_start") for name in MEDS_COLUMNS])
    return table.take(order)


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        return time
    return (time if time.tzinfo is UTC else time.astimezone(UTC)).replace(tzinfo=None)
