"""Rows of OMOP CDM 5.4 tables, and the tables that make a Patient (column meanings: the CDM 5.4 specification)."""

from dataclasses import dataclass, field
from typing import Any

from wardround.clinical.catalogue import OMOP, Coding, load_catalogue
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.mapping import Mapping
from wardround.interchange.omop.vocabulary import Vocabulary
from wardround.interchange.texts import local_time

REQUIRED = {
    "person": ("person_id", "gender_concept_id", "year_of_birth"),
    "location": ("location_id",),
    "death": ("person_id", "death_date"),
    "visit_occurrence": ("visit_occurrence_id", "person_id", "visit_start_date"),
    "visit_detail": ("visit_detail_id", "person_id", "visit_detail_start_date", "visit_occurrence_id"),
    "measurement": ("measurement_id", "person_id", "measurement_concept_id", "measurement_date"),
    "observation": ("observation_id", "person_id", "observation_concept_id", "observation_date"),
    "procedure_occurrence": ("procedure_occurrence_id", "person_id", "procedure_concept_id", "procedure_date"),
    "condition_occurrence": ("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"),
    "drug_exposure": ("drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date"),
    "device_exposure": ("device_exposure_id", "person_id", "device_concept_id", "device_exposure_start_date"),
    "specimen": ("specimen_id", "person_id", "specimen_concept_id", "specimen_date"),
    "note": ("note_id", "person_id", "note_date", "note_text"),
}
NO_CONCEPT = ("", "0")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column name; a column that the file does not have is empty. It notes what was asked for."""

    columns: dict[str, int]
    values: list[str]
    asked: set[str] = field(default_factory=set)

    def text(self, column: str) -> str:
        self.asked.add(column)
        number = self.columns.get(column)
        return "" if number is None else self.values[number]

    def whole_number(self, column: str) -> int:
        """Raises Unreadable unless the cell is a whole number of at most 18 digits."""
        text = self.text(column)
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 19):
            raise Unreadable(f"its {column} is not a whole number")
        return int(text)

    def concepts(self) -> set[str]:
        """The concepts that the row names."""
        found = {self.values[n] for column, n in self.columns.items() if column.endswith("concept_id")}
        return found - set(NO_CONCEPT)

    def left(self) -> list[str]:
        """The columns that carry something and that nobody asked for."""
        filled = (c for c, n in self.columns.items() if self.values[n] not in NO_CONCEPT)
        return [column for column in filled if column not in self.asked]


@dataclass(frozen=True)
class Words:
    """What is needed to say what a row's cells mean."""

    mapping: Mapping
    vocabulary: Vocabulary

    def codings(self, concept: str) -> list[Resource]:
        """A concept as codings; none for "no concept"."""
        if concept in NO_CONCEPT:
            return []
        return [building.coding(c.system, c.code, c.display) for c in self.vocabulary.codings(concept)]

    def concept(self, row: Row, prefix: str, *, source: bool = True) -> Resource:
        """The standard concept, the source's concept where it differs, and the source's own words."""
        standard = row.text(f"{prefix}_concept_id")
        codings = self.codings(standard)
        if source and (own := row.text(f"{prefix}_source_concept_id")) != standard:
            codings += [coding for coding in self.codings(own) if coding not in codings]
        return building.concept(codings, text=row.text(f"{prefix}_source_value"))

    def code(self, row: Row, prefix: str) -> Resource:
        """The same where something has to be said. Raises Unreadable."""
        found = self.concept(row, prefix)
        if not found:
            raise Unreadable(f"it has neither a {prefix}_concept_id nor a {prefix}_source_value")
        return found

    def time(self, row: Row, prefix: str) -> str | None:
        """The datetime where there is one, else the date, as local time."""
        written, day = row.text(f"{prefix}_datetime"), row.text(f"{prefix}_date")
        column = f"{prefix}_datetime" if written else f"{prefix}_date"
        text = written or day
        if not text:
            return None
        if self.mapping.zone is None:
            raise Unreadable("the mapping names no time zone")
        try:
            return local_time(text, zone=self.mapping.zone)
        except Unreadable as error:
            raise Unreadable(f"in {column} {error}") from None


def person_key(person: int, *, mapping: Mapping) -> Key:
    return Key(mapping.record_system, f"person:{person}")


def patient_of(row: Row, *, location: Resource | None, words: Words) -> Resource:
    mapping = words.mapping
    person = row.whole_number("person_id")
    number = row.text("person_source_value")
    identifiers = [building.hospital_number(Key(mapping.mrn_system, number))] if number else []
    return building.patient(
        identifiers=[*identifiers, person_key(person, mapping=mapping).identifier()],
        gender=_gender(row, mapping),
        birth_date=_birth_date(row),
        addresses=[location] if location else [],
    )


def location_of(row: Row) -> Resource:
    """An Address."""
    row.asked.add("location_id")
    parts: dict[str, Any] = {
        "line": [line for line in (row.text("address_1"), row.text("address_2")) if line],
        "city": row.text("city"),
        "state": row.text("state"),
        "postalCode": row.text("zip"),
        "country": row.text("country_source_value"),
    }
    return {name: part for name, part in parts.items() if part}


def _gender(row: Row, mapping: Mapping) -> str | None:
    concept, written = row.text("gender_concept_id"), row.text("gender_source_value")
    if concept not in NO_CONCEPT:
        known = load_catalogue().concept(Coding(OMOP, concept))
        if known is not None:
            return known.key
    if written:
        gender = mapping.sex(written)
        if gender is None:
            raise Unreadable("its gender is no concept that is known; add its gender_source_value to [answers.sex]")
        return gender
    return None if concept in NO_CONCEPT else "unknown"


def _birth_date(row: Row) -> str | None:
    year, month, day = (row.text(f"{part}_of_birth") for part in ("year", "month", "day"))
    whole = row.text("birth_datetime")[:10]
    if not year:
        return None
    if not day and len(whole) == 10 and whole.startswith(f"{year}-"):
        month, day = whole[5:7], whole[8:10]
    if not (len(year) == 4 and all(part.isascii() and (part.isdigit() or not part) for part in (year, month, day))):
        raise Unreadable("its date of birth is not in whole numbers")
    return "-".join([year, *(f"{int(part):02}" for part in ((month, day) if day and month else (month,)) if part)])
