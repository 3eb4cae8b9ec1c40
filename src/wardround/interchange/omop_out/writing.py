"""The folder of an export: a CSV file for each table, written as the resources come, so that memory stays flat."""

import csv
import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import Any, TextIO

from wardround.clinical.catalogue import OMOP, Concept, load_catalogue
from wardround.interchange.omop_columns import COLUMNS
from wardround.interchange.omop_out.cells import Row, fitting, hospital_number, place_of, when
from wardround.interchange.omop_out.concepts import NONE, Concepts
from wardround.interchange.omop_out.events import Event, Events, LeftOut

_YEAR, _MONTH, _DAY = 4, 7, 10
_DATES = ("_date", "_start_date", "_end_date")


@dataclass(frozen=True)
class About:
    """What cdm_source says of the export."""

    name: str
    slug: str
    day: date
    version: str


class OmopWriter:
    """Writes tables. Patients come first, then encounters, then everything else; `finish` closes the files."""

    def __init__(self, folder: Path, *, zone: tzinfo, about: About) -> None:
        self.rows = Counter[str]()
        self.left_out = Counter[tuple[str, str]]()  # (resource type, reason)
        self._zone = zone
        self._about = about
        self._genders = {sex.key: concept_id for sex in load_catalogue().sexes for concept_id in _omop_codes(sex)}
        self._concepts = Concepts()
        self._events = Events(self._concepts, zone)
        self._spans: dict[int, tuple[str, str]] = {}
        self._visits: set[int] = set()
        self._files = ExitStack()
        self._writers = {table: self._open(folder, table) for table in COLUMNS}

    def person(self, number: int, patient: dict[str, Any]) -> bool:
        """Write a patient; False, and counted, where the CDM cannot hold one: it wants a year of birth."""
        birth = patient.get("birthDate", "")
        if len(birth) < _YEAR:
            self._leave_out("Patient", "the year of birth is not known")
            return False
        gender = patient.get("gender", "")
        row: Row = {
            "person_id": number,
            "gender_concept_id": self._genders.get(gender, NONE),
            "year_of_birth": birth[:_YEAR],
            "month_of_birth": str(int(birth[5:_MONTH])) if len(birth) >= _MONTH else "",
            "day_of_birth": str(int(birth[8:_DAY])) if len(birth) >= _DAY else "",
            "race_concept_id": NONE,
            "ethnicity_concept_id": NONE,
            "person_source_value": hospital_number(patient),
            "gender_source_value": gender,
        }
        place = place_of(patient)
        if place:
            self._write("location", {"location_id": number} | place)
            row["location_id"] = number
        self._write("person", row)
        self._spans[number] = ("", "")
        self._death(number, patient)
        return True

    def encounter(self, event: Event) -> None:
        """Write a visit; what happened in it refers to it from now on."""
        found = self._events.visit(event)
        if isinstance(found, LeftOut):
            self._leave_out("Encounter", str(found))
            return
        self._visits.add(event.number)
        self._keep(event.person, *found)

    def has_visit(self, number: int | None) -> bool:
        """Whether this visit was written."""
        return number in self._visits

    def add(self, event: Event) -> None:
        """Write what else there is of a patient."""
        for found in self._events.rows(event):
            if isinstance(found, LeftOut):
                self._leave_out(event.resource["resourceType"], str(found))
            else:
                self._keep(event.person, *found)

    def leave_out(self, kind: str, reason: str, many: int) -> None:
        """Count what the caller did not even hand in."""
        self.left_out[kind, reason] += many

    def finish(self) -> None:
        """Write what is known at the end: periods, concepts, and what the export is."""
        for number, (first, last) in sorted(self._spans.items()):
            if first:
                period: Row = {
                    "observation_period_id": number,
                    "person_id": number,
                    "observation_period_start_date": first,
                    "observation_period_end_date": last,
                    "period_type_concept_id": NONE,
                }
                self._write("observation_period", period)
        for row in self._concepts.rows():
            self._write("concept", row)
        for row in self._concepts.vocabularies():
            self._write("vocabulary", row)
        day = self._about.day.isoformat()
        source: Row = {
            "cdm_source_name": fitting(self._about.name, 255),
            "cdm_source_abbreviation": self._about.slug[:25],
            "cdm_holder": fitting(self._about.name, 255),
            "source_description": f"Written by Wardround {self._about.version}; values that wait for a decision are left out.",
            "source_release_date": day,
            "cdm_release_date": day,
            "cdm_version": "5.4",
            "cdm_version_concept_id": NONE,
            "vocabulary_version": "none loaded",
        }
        self._write("cdm_source", source)
        self.close()

    def close(self) -> None:
        """Close the files, finished or not."""
        self._files.close()

    def _death(self, number: int, patient: dict[str, Any]) -> None:
        moment = when(patient.get("deceasedDateTime"), zone=self._zone)
        if moment is not None:
            row: Row = {"person_id": number, "death_date": moment[0], "death_datetime": moment[1]}
            self._keep(number, "death", row | {"death_type_concept_id": NONE})
        elif patient.get("deceasedDateTime") or patient.get("deceasedBoolean"):
            self._leave_out("Patient.deceased", "the day is not known")

    def _keep(self, person: int, table: str, row: Row) -> None:
        self._write(table, row)
        days = [str(value) for name, value in row.items() if name.endswith(_DATES) and value]
        first, last = self._spans[person]
        if days:
            self._spans[person] = (min([*days, first] if first else days), max([*days, last]))

    def _leave_out(self, kind: str, reason: str) -> None:
        self.left_out[kind, reason] += 1

    def _write(self, table: str, row: Row) -> None:
        self._writers[table].writerow(row)
        self.rows[table] += 1

    def _open(self, folder: Path, table: str) -> "csv.DictWriter[str]":
        path = folder / f"{table}.csv"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file: TextIO = self._files.enter_context(os.fdopen(handle, "w", encoding="utf-8", newline=""))
        writer = csv.DictWriter(file, COLUMNS[table], restval="", lineterminator="\n")
        writer.writeheader()
        return writer


def _omop_codes(sex: Concept) -> list[str]:
    return [coding.code for coding in sex.other_codings if coding.system == OMOP]
