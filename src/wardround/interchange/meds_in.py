"""MEDS 0.4.1 datasets to FHIR: one Draft per subject; codes are codings where their vocabulary is known, else the source's own."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from meds.schema import birth_code, code_metadata_filepath, data_subdirectory, dataset_metadata_filepath

from wardround.clinical.catalogue import ICD_10_CM, LOINC, OMOP, WARDROUND, Coding, load_catalogue
from wardround.interchange.draft import Draft, Readings, Reject, Source, partial_patients
from wardround.interchange.errors import NotMeds, Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.fhir.json import Number
from wardround.interchange.files import Paths, empty_folders
from wardround.interchange.mapping import Mapping
from wardround.interchange.meds import DEATH_CODE, MEDS_COLUMNS, Event, Misdated, read_rows

ENDINGS = (".parquet", ".json")  # data, and what the dataset says of itself
_FILE = "meds"  # the Source of a subject, whose events may come from several files
_OURS = "wardround"
_SYSTEMS = {
    "LOINC": LOINC,
    "ICD10CM": ICD_10_CM,
    "WARDROUND": WARDROUND,
    "OMOP": OMOP,
    "UCUM": "http://unitsofmeasure.org",
}
_ICDS = {ICD_10_CM, "http://hl7.org/fhir/sid/icd-9-cm"}
_SYSTEMS |= {"SNOMED": "http://snomed.info/sct", "ICD9CM": "http://hl7.org/fhir/sid/icd-9-cm"}
_SYSTEMS |= {"RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm"}
_GENDER = "GENDER"
_MISDATED = (
    "The subject has a time outside the years 1 to 9999: the number in the second place of a line. Write the right time"
    ' there, for example "2026-02-03T08:30:00", or null where none is known.'
)
_MAX_METADATA_BYTES = 16 * 1024 * 1024


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """Every subject of the datasets that the folders are or hold; a Reject for what is no MEDS dataset."""
    yield from empty_folders(paths, endings=ENDINGS)
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    for path in map(Path, given):
        roots = sorted(found.parent.parent for found in path.rglob(dataset_metadata_filepath)) if path.is_dir() else []
        if not roots:
            reason = (
                f"It is no MEDS dataset: a folder with {dataset_metadata_filepath} and {data_subdirectory}/*.parquet."
            )
            yield Reject(Source(path.name, "file", path.name.encode()), reason)
        for root in roots:
            yield from _read_dataset(root, mapping)


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read one subject from a quarantined, perhaps corrected Source; it keeps its place."""
    try:
        first, *rest = [json.loads(line) for line in source.raw.splitlines() if line.strip()]
        events = [_event(values) for values in rest]
        reader = _Reader(str(first["etl_name"]), {}, mapping)
        by_subject = [list(of) for _, of in groupby(events, key=lambda event: event.subject_id)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        reason = (
            'It is not one JSON line {"etl_name": ...} and a line [subject, time, code, number, text] for each event.'
        )
        yield Reject(source, reason)
        return
    for of_subject in by_subject:
        yield replace(reader.reading(of_subject), source=source)


def _written(row: Event | Misdated) -> str | int | None:
    """Its time as JSON has it: a text, or the number that is none."""
    if isinstance(row, Misdated):
        return row.microseconds
    return row.time.isoformat() if row.time else None


def _event(values: list[Any]) -> Event | Misdated:
    subject, time, code, number, text = values
    if not isinstance(subject, int) or not isinstance(code, str):
        raise TypeError
    said = None if number is None else float(number), None if text is None else str(text)
    if isinstance(time, int):
        return Misdated(subject, time, code, *said)
    return Event(subject, datetime.fromisoformat(time) if time else None, code, *said)


def _read_dataset(root: Path, mapping: Mapping) -> Iterator[Draft | Reject]:
    try:
        reader = _Reader(_etl_name(root), _descriptions(root), mapping)
        events = read_rows(root)
        for _, of_subject in groupby(events, key=lambda event: event.subject_id):
            yield reader.reading(list(of_subject))
        others = _other_columns(root)
    except NotMeds as error:
        yield Reject(Source(root.name, "dataset", root.name.encode()), str(error))
        return
    if others:
        source = Source(_FILE, "other columns", "\n".join(others).encode())
        yield Draft((), source, unmapped=tuple(f"column {name[:60]}" for name in others))


def _etl_name(root: Path) -> str:
    path = root / dataset_metadata_filepath
    try:
        about = json.loads(path.read_bytes()) if path.stat().st_size <= _MAX_METADATA_BYTES else None
    except (OSError, ValueError, RecursionError):
        about = None
    if not isinstance(about, dict):
        raise NotMeds(f"{dataset_metadata_filepath} is no JSON object, so this is no MEDS dataset.")
    return str(about.get("etl_name", ""))


def _descriptions(root: Path) -> dict[str, str]:
    path = root / code_metadata_filepath
    if not path.is_file():
        return {}
    try:
        table = pq.read_table(path, columns=["code", "description"])
        found = zip(table["code"].to_pylist(), table["description"].to_pylist(), strict=True)
        return {code: text for code, text in found if isinstance(code, str) and isinstance(text, str)}
    except (pa.ArrowException, OSError, ValueError, KeyError):
        raise NotMeds(f"{code_metadata_filepath} is no MEDS table of codes.") from None


def _other_columns(root: Path) -> list[str]:
    """Columns beyond MEDS's own, which its datasets may have."""
    names: set[str] = set()
    for shard in sorted((root / data_subdirectory).rglob("*.parquet")):
        names.update(pq.ParquetFile(shard).schema_arrow.names)
    return sorted(names - set(MEDS_COLUMNS))


class _Reader:
    """From a subject's events to resources."""

    def __init__(self, etl_name: str, descriptions: dict[str, str], mapping: Mapping) -> None:
        self._is_ours = etl_name == _OURS
        self._etl_name = etl_name
        self._descriptions = descriptions
        self._mapping = mapping
        # Wardround writes UTC and whole years of birth; elsewhere a time is local, and a birth what it says.
        self._zone: tzinfo = UTC if self._is_ours or mapping.zone is None else mapping.zone
        self._seen: set[int] = set()

    def reading(self, rows: list[Event | Misdated]) -> Draft | Reject:
        subject = rows[0].subject_id
        source = Source(_FILE, f"subject {subject}", self._raw(rows))
        events = [row for row in rows if isinstance(row, Event)]
        if len(events) < len(rows):
            return Reject(source, _MISDATED)
        key = Key(self._mapping.record_system, f"subject:{subject}")
        try:
            resources = list(self._resources(events, key))
        except Unreadable as error:
            return Reject(source, f"The subject cannot be read: {error}.")
        if subject in self._seen:  # its patient was read: a second one might say less
            resources = resources[1:]
        self._seen.add(subject)
        return Draft(tuple(resources), source, amendments=partial_patients(resources))

    def _resources(self, events: Iterable[Event], key: Key) -> Iterator[Resource]:
        person: Resource = {"gender": None, "birth_date": None, "deceased": None}
        facts: list[Resource] = []
        times = Counter[tuple[datetime | None, str]]()
        for event in events:
            if event.code == birth_code and event.time is not None:
                day = event.time.date().isoformat()
                person["birth_date"] = day[:4] if self._is_ours else day
            elif event.code == DEATH_CODE and event.time is not None:
                person["deceased"] = {"deceasedDateTime": self._when(event.time)}
            elif event.code.startswith(f"{_GENDER}//"):
                person["gender"] = self._gender(event.code.partition("//")[2])
            else:
                times[event.time, event.code] += 1
                moment = event.time.isoformat() if event.time else "always"
                number = f"{key.value}:{moment}:{event.code}:{times[event.time, event.code]}"
                facts.append(self._fact(event, Key(key.system, number), key.reference("Patient")))
        yield building.patient(identifiers=[key.identifier()], **person)
        yield from facts

    def _fact(self, event: Event, key: Key, subject: Resource) -> Resource:
        coding, answer = self._coding(event.code)
        time = self._when(event.time) if event.time is not None else None
        display = self._descriptions.get(event.code, "")
        concept = building.concept([building.coding(coding.system, coding.code, display)])
        known = load_catalogue().concept(coding)
        if coding.system in _ICDS:
            return building.condition(key, code=concept, subject=subject, onset=time)
        if known is not None and known in load_catalogue().procedures:
            return building.procedure(key, code=concept, subject=subject, performed=time)
        value = self._value(event, coding, answer)
        return building.observation(key, code=concept, subject=subject, value=value, time=time)

    def _value(self, event: Event, coding: Coding, answer: str) -> Resource:
        if event.numeric_value is not None:
            if not np.isfinite(event.numeric_value):
                raise Unreadable("it has a number that is not finite")
            measurement = load_catalogue().by_coding(coding)
            # Only Wardround's own datasets are known to be in the catalogue's units; MEDS says none.
            unit = measurement.unit if measurement is not None and self._is_ours else None
            text = np.format_float_positional(np.float32(event.numeric_value), trim="-")
            return building.quantity(Number(text), unit)
        if answer in ("true", "false"):
            return {"valueBoolean": answer == "true"}
        if answer:
            return {"valueCodeableConcept": building.concept([building.coding(coding.system, answer)])}
        return building.text_value(event.text_value, None) if event.text_value else {}

    def _coding(self, code: str) -> tuple[Coding, str]:
        """(what was asked or found, the answer in the code): "LOINC//2093-3"; codes that the mapping knows stay whole."""
        vocabulary, _, rest = code.partition("//")
        system = _SYSTEMS.get(vocabulary)
        if code in self._mapping.clinical.get("codes", {}) or system is None or not rest:
            return Coding(self._mapping.system, code), ""
        name, _, answer = rest.partition("//")
        if answer and not self._is_ours:
            return Coding(system, rest), ""
        return Coding(system, name), answer

    def _gender(self, text: str) -> str:
        gender = self._mapping.sex(text)
        if gender is None:
            raise Unreadable("its gender is none that the mapping knows; add it to [answers.sex]")
        return gender

    def _when(self, time: datetime) -> str:
        return time.replace(tzinfo=self._zone).isoformat()

    def _raw(self, rows: Iterable[Event | Misdated]) -> bytes:
        """The events as JSON lines, behind one that says who made the dataset."""
        lines = [json.dumps({"etl_name": self._etl_name})]
        lines += [
            json.dumps([row.subject_id, _written(row), row.code, row.numeric_value, row.text_value]) for row in rows
        ]
        return ("\n".join(lines) + "\n").encode()
