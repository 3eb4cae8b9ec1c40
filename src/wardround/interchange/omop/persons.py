"""All rows of one person as one Draft, with the bytes from which the person can be read again."""

from collections.abc import Iterator, Mapping

from wardround.interchange.delimited import Record
from wardround.interchange.draft import Draft, Reject, Source, partial_patients
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.building import Resource
from wardround.interchange.omop.events import EVENTS, resource_of
from wardround.interchange.omop.rows import Row, Words, location_of, patient_of
from wardround.interchange.omop.table import Table, ended

PERSON_FILE = "omop"  # the Source of a person, whose rows come from several files
_ALONE = "The row cannot be read: a death is read together with its person's row, which is not there."


class PersonRows:
    """One person's rows of all tables."""

    def __init__(self, person: int, tables: Mapping[str, Table], words: Words) -> None:
        self.resources: list[Resource] = []
        self._person = person
        self._tables = tables
        self._words = words
        self._raw: list[bytes] = []
        self._unmapped: dict[str, None] = {}
        self._concepts: set[str] = set()

    def read(self) -> Iterator[Reject]:
        """Read the rows; what cannot be read comes out."""
        deaths = self._tables.get("death")
        for name in ("person", *EVENTS):
            table = self._tables.get(name)
            if table is None:
                continue
            rows: list[bytes] = []
            for record in table.records_of(self._person):
                try:
                    self._read_one(name, table, record)
                    rows.append(ended(record.raw))
                except Unreadable as error:
                    yield Reject(table.source(record), f"The row cannot be read: {error}.")
            if rows:
                self._raw += [table.marked_header(), *rows]
        has_patient = any(resource["resourceType"] == "Patient" for resource in self.resources)
        for number, record in enumerate(deaths.records_of(self._person) if deaths else ()):
            if deaths and not has_patient:
                yield Reject(deaths.source(record), _ALONE)
            elif deaths and number:
                yield Reject(deaths.source(record), "The row cannot be read: the person has a death already.")
            elif deaths and (fault := self._die(deaths, record)):
                yield Reject(deaths.source(record), fault)

    def draft(self) -> Draft:
        """Everything that could be read."""
        vocabulary = [
            part
            for name, rows in self._words.vocabulary.sections(self._concepts)
            for part in (f"==> {name} <==\n".encode(), rows)
        ]
        source = Source(PERSON_FILE, f"person {self._person}", b"".join([*self._raw, *vocabulary]))
        amendments = partial_patients(self.resources)
        return Draft(tuple(self.resources), source, unmapped=tuple(self._unmapped), amendments=amendments)

    def _read_one(self, name: str, table: Table, record: Record) -> None:
        row = table.row(record)
        if name == "person":
            place = self._place(row)
            self.resources.append(patient_of(row, location=place, words=self._words))
        else:
            self.resources.append(resource_of(name, row, person=self._person, words=self._words))
        self._note(name, row)

    def _die(self, deaths: Table, record: Record) -> str:
        """Put the death on the patient; a sentence where it cannot be read."""
        try:
            row = deaths.row(record)
            died = self._words.time(row, "death")
        except Unreadable as error:
            return f"The row cannot be read: {error}."
        row.asked.add("person_id")
        if died is None:
            return "The row cannot be read: its death_date is empty."
        patient = self.resources[0]
        address = patient.pop("address", None)
        patient["deceasedDateTime"] = died
        if address:
            patient["address"] = address
        self._note("death", row)
        self._raw += [deaths.marked_header(), ended(record.raw)]
        return ""

    def _place(self, person: Row) -> Resource | None:
        number = person.text("location_id")
        locations = self._tables.get("location")
        if locations is None or not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        record = next(locations.records_of(int(number)), None)
        if record is None:
            return None
        row = locations.row(record)
        found = location_of(row)
        self._note("location", row)
        self._raw += [locations.marked_header(), ended(record.raw)]
        return found

    def _note(self, table: str, row: Row) -> None:
        self._concepts |= row.concepts()
        self._unmapped.update(dict.fromkeys(f"{table}.{column}" for column in row.left()))
