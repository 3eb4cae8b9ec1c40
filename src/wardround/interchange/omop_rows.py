"""One row of an OMOP CDM 5.4 table as a FHIR resource (column meanings: the CDM 5.4 specification)."""

from dataclasses import dataclass
from typing import Any

from wardround.clinical.catalogue import OMOP, Coding, load_catalogue
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.fhir.json import Number
from wardround.interchange.mapping import Mapping
from wardround.interchange.texts import local_time, number_of

REQUIRED = {
    "person": ("person_id", "gender_concept_id", "year_of_birth"),
    "location": ("location_id",),
    "visit_occurrence": ("visit_occurrence_id", "person_id", "visit_start_date"),
    "measurement": ("measurement_id", "person_id", "measurement_concept_id", "measurement_date"),
    "observation": ("observation_id", "person_id", "observation_concept_id", "observation_date"),
    "procedure_occurrence": ("procedure_occurrence_id", "person_id", "procedure_concept_id", "procedure_date"),
    "condition_occurrence": ("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"),
}
_NO_CONCEPT = ("", "0")
_EQUAL = "4172703"  # the CDM: the same as no operator


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column name; a column that the file does not have is empty."""

    columns: dict[str, int]
    values: list[str]

    def text(self, column: str) -> str:
        number = self.columns.get(column)
        return "" if number is None else self.values[number]

    def whole_number(self, column: str) -> int:
        """Raises Unreadable unless the cell is a whole number of at most 18 digits."""
        text = self.text(column)
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 19):
            raise Unreadable(f"its {column} is not a whole number")
        return int(text)


def person_key(person: int, *, mapping: Mapping) -> Key:
    return Key(mapping.record_system, f"person:{person}")


def patient_of(row: Row, *, location: Resource | None, mapping: Mapping) -> Resource:
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
    parts: dict[str, Any] = {
        "line": [line for line in (row.text("address_1"), row.text("address_2")) if line],
        "city": row.text("city"),
        "state": row.text("state"),
        "postalCode": row.text("zip"),
        "country": row.text("country_source_value"),
    }
    return {name: part for name, part in parts.items() if part}


def resource_of(table: str, row: Row, *, person: int, mapping: Mapping) -> Resource:
    """The resource of a row of one of the event tables. Raises Unreadable with a part of a sentence."""
    key = Key(mapping.record_system, f"{table}:{row.whole_number(f'{table}_id')}")
    subject = person_key(person, mapping=mapping).reference("Patient")
    if table == "visit_occurrence":
        return _encounter(row, key, subject, mapping)
    encounter = _visit(row, mapping)
    if table == "procedure_occurrence":
        time = _time(row, "procedure", mapping)
        code = _code(row, "procedure")
        return building.procedure(key, code=code, subject=subject, performed=time, encounter=encounter)
    if table == "condition_occurrence":
        time = _time(row, "condition_start", mapping)
        code = _code(row, "condition")
        return building.condition(key, code=code, subject=subject, onset=time, encounter=encounter)
    return building.observation(
        key,
        code=_code(row, table),
        subject=subject,
        value=_value(row, mapping),
        time=_time(row, table, mapping),
        encounter=encounter,
    )


def _encounter(row: Row, key: Key, subject: Resource, mapping: Mapping) -> Resource:
    concept = row.text("visit_concept_id")
    end = _time(row, "visit_end", mapping)
    return building.encounter(
        key,
        subject=subject,
        status="finished" if end else "unknown",
        class_coding=building.UNKNOWN_CLASS if concept in _NO_CONCEPT else building.coding(OMOP, concept),
        start=_time(row, "visit_start", mapping),
        end=end,
    )


def _visit(row: Row, mapping: Mapping) -> Resource | None:
    if not row.text("visit_occurrence_id"):
        return None
    number = row.whole_number("visit_occurrence_id")
    return Key(mapping.record_system, f"visit_occurrence:{number}").reference("Encounter")


def _gender(row: Row, mapping: Mapping) -> str | None:
    concept, written = row.text("gender_concept_id"), row.text("gender_source_value")
    if concept not in _NO_CONCEPT:
        known = load_catalogue().concept(Coding(OMOP, concept))
        if known is not None:
            return known.key
    if written:
        gender = mapping.sex(written)
        if gender is None:
            raise Unreadable("its gender is no concept that is known; add its gender_source_value to [answers.sex]")
        return gender
    return None if concept in _NO_CONCEPT else "unknown"


def _birth_date(row: Row) -> str | None:
    year, month, day = (row.text(f"{part}_of_birth") for part in ("year", "month", "day"))
    if not year:
        return None
    if not (len(year) == 4 and all(part.isascii() and (part.isdigit() or not part) for part in (year, month, day))):
        raise Unreadable("its date of birth is not in whole numbers")
    return "-".join([year, *(f"{int(part):02}" for part in ((month, day) if day and month else (month,)) if part)])


def _code(row: Row, prefix: str) -> Resource:
    """The standard concept, the source's concept where it differs, and the source's own words."""
    concept, source = row.text(f"{prefix}_concept_id"), row.text(f"{prefix}_source_concept_id")
    codings = [building.coding(OMOP, concept)] if concept not in _NO_CONCEPT else []
    if source not in (*_NO_CONCEPT, concept):
        codings.append(building.coding(OMOP, source))
    found = building.concept(codings, text=row.text(f"{prefix}_source_value"))
    if not found:
        raise Unreadable(f"it has neither a {prefix}_concept_id nor a {prefix}_source_value")
    return found


def _value(row: Row, mapping: Mapping) -> Resource:
    number, concept = row.text("value_as_number"), row.text("value_as_concept_id")
    text = row.text("value_as_string") or row.text("value_source_value")
    unit = row.text("unit_source_value")
    if row.text("operator_concept_id") not in (*_NO_CONCEPT, _EQUAL):
        # Less or more than the number: only the source's words ("< 5") say which without a vocabulary.
        if not text:
            raise Unreadable("it is a limit (operator_concept_id) without a value_source_value that says which")
        return building.text_value(text, unit)
    if number:
        digits = number_of(number, decimal="point")
        if digits is None:
            raise Unreadable("its value_as_number is not a number with a decimal point")
        return _quantity(row, digits, unit)
    if concept not in _NO_CONCEPT:
        return {"valueCodeableConcept": building.concept([building.coding(OMOP, concept)], text=text)}
    if text:
        written = number_of(text, decimal=mapping.decimal)
        return _quantity(row, written, unit) if written is not None and unit else building.text_value(text, unit)
    raise Unreadable("it has no value")


def _quantity(row: Row, digits: Number, unit: str) -> Resource:
    concept = row.text("unit_concept_id")
    coded = building.coding(OMOP, concept) if concept not in _NO_CONCEPT else None
    return building.quantity(digits, unit, unit_coding=coded)


def _time(row: Row, prefix: str, mapping: Mapping) -> str | None:
    """The datetime where there is one, else the date, as local time."""
    column = f"{prefix}_datetime" if row.text(f"{prefix}_datetime") else f"{prefix}_date"
    text = row.text(column)
    if not text:
        return None
    if mapping.zone is None:
        raise Unreadable("the mapping names no time zone")
    try:
        return local_time(text, zone=mapping.zone)
    except Unreadable as error:
        raise Unreadable(f"in {column} {error}") from None
