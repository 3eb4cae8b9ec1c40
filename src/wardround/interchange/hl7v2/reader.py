"""HL7 v2 messages to FHIR: ADT registers and describes a patient and a visit, ORU brings results."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from wardround.interchange.draft import Draft, Readings, Reject, Source
from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.hl7v2 import parts
from wardround.interchange.hl7v2.messages import Message, Repetition, Segment, parse, pieces
from wardround.interchange.mapping import Mapping

ENDINGS = (".hl7", ".hl7v2", ".txt", ".msg")
_EVENTS = {"ADT": ("A01", "A04", "A08", "A28", "A31"), "ORU": ("R01",)}
_ADMISSIONS = ("A01", "A04")
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASS = {"I": "IMP", "O": "AMB", "E": "EMER", "P": "PRENC"}
_PATIENT_CLASS = "http://terminology.hl7.org/CodeSystem/v2-0004"
# Table 0085.
_FINAL = dict.fromkeys(("F", "U"), "final")
_NOT_YET = {"P": "preliminary", "S": "preliminary", "R": "registered", "I": "registered"}
_CHANGED = {"C": "corrected", "D": "entered-in-error", "W": "entered-in-error", "X": "cancelled"}
_STATUS = _FINAL | _NOT_YET | _CHANGED
_NO_RESULT = ("N", "O", "B", "V")  # ordered, not asked for, not done
_GENDER = {"M": "male", "F": "female", "O": "other", "A": "other", "N": "other", "U": "unknown"}
_VERIFICATION = {"F": "confirmed", "W": "provisional"}


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """One Draft or Reject per message, in the order of files (by name) and messages."""
    yield from empty_folders(paths, endings=ENDINGS)
    for path in named_files(paths, endings=ENDINGS):
        try:
            with path.open("rb") as file:
                yield from _read_file(file, path.name, mapping)
        except OSError:
            yield Reject(Source(path.name, "file", path.name.encode()), "The file cannot be opened.")


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read one message from a quarantined, perhaps corrected Source; it keeps its place."""
    for reading in _read_file(io.BytesIO(source.raw), source.file, mapping):
        yield replace(reading, source=Source(source.file, source.position, reading.source.raw))


def _read_file(file: BinaryIO, name: str, mapping: Mapping) -> Iterator[Draft | Reject]:
    for number, piece in enumerate(pieces(file), 1):
        source = Source(name, f"message {number}", piece.raw)
        if piece.fault:
            yield Reject(source, f"The message cannot be read: {piece.fault}.")
            continue
        try:
            message = parse(piece.raw, encoding=mapping.encoding)
            yield Draft(tuple(_Translation(message, mapping).resources()), source)
        except Unreadable as error:
            yield Reject(source, f"The message cannot be read: {error}.")


class _Translation:
    """One message on its way to FHIR."""

    def __init__(self, message: Message, mapping: Mapping) -> None:
        self.message = message
        self.mapping = mapping
        kind, event = message.kind
        if event not in _EVENTS.get(kind, ()):
            known = ", ".join(f"{k}^{e}" for k, events in _EVENTS.items() for e in events)
            raise Unreadable(f"its type in MSH-9 is not one of {known}")
        self.event = event
        self.person = self._one("PID")
        self.number = self._hospital_number()
        self.key = Key(mapping.mrn_system, self.number.text(1))
        self.subject = self.key.reference("Patient")
        self.visit = next((s for s in message.segments if s.name == "PV1"), None)
        self.visit_key = self._visit_key()
        self.encounter = self.visit_key.reference("Encounter") if self.visit_key else None

    def resources(self) -> Iterator[Resource]:
        yield self._patient()
        if self.visit is not None and self.visit_key is not None:
            yield self._encounter(self.visit, self.visit_key)
        if self.message.kind[0] == "ORU":
            yield from self._results()
        for segment in self.message.segments:
            if segment.name == "DG1":
                yield self._condition(segment)
            elif segment.name == "PR1":
                yield self._procedure(segment)

    def _one(self, name: str) -> Segment:
        found = [segment for segment in self.message.segments if segment.name == name]
        if len(found) != 1:
            what = "no" if not found else f"{len(found)}"
            raise Unreadable(
                f"it has {what} {name} segment; it needs one" if not found else f"it has {what} {name} segments"
            )
        return found[0]

    def _hospital_number(self) -> Repetition:
        """The PID-3 of the mapping's authority, else the one of type MR, else the first."""
        found = [value for value in self.person.repetitions(3) if value.text(1)]
        authority = self.mapping.assigning_authority
        if authority is not None:
            found = [value for value in found if value.text(4) == authority]
            if not found:
                raise Unreadable(f"PID-3 has no number of the assigning authority {authority}")
        if not found:
            raise Unreadable("PID-3 holds no hospital number")
        return next((value for value in found if value.text(5) == "MR"), found[0])

    def _patient(self) -> Resource:
        person = self.person
        others = [value for value in person.repetitions(3) if value.text(1) and value.raw != self.number.raw]
        birth = parts.time(person.text(7), zone=self.mapping.zone, field="PID-7")
        telecom = [parts.telecom(value, use="home") for value in person.repetitions(13)]
        telecom += [parts.telecom(value, use="work") for value in person.repetitions(14)]
        return building.patient(
            identifiers=[
                building.hospital_number(self.key),
                *(parts.identifier(value, mapping=self.mapping) for value in others),
            ],
            names=[parts.name(value) for value in person.repetitions(5)],
            telecom=telecom,
            gender=self._gender(),
            birth_date=birth[:10] if birth else None,
            addresses=[parts.address(value) for value in person.repetitions(11)],
            deceased=self._deceased(),
        )

    def _gender(self) -> str | None:
        text = self.person.text(8)
        if not text:
            return None
        gender = _GENDER.get(text) or self.mapping.sex(text)
        if gender is None:
            raise Unreadable(
                "PID-8 is no sex of HL7's table 0001 (M, F, O, U, A, N) and not in the mapping's [answers.sex]"
            )
        return gender

    def _deceased(self) -> Resource | None:
        time = parts.time(self.person.text(29), zone=self.mapping.zone, field="PID-29")
        if time:
            return {"deceasedDateTime": time}
        return {"deceasedBoolean": True} if self.person.text(30) == "Y" else None

    def _visit_key(self) -> Key | None:
        """A visit is known by its number (PV1-19), else by the patient and the time of admission."""
        if self.visit is None:
            return None
        name = self.visit.text(19)
        if not name:
            admitted = self._admitted()
            name = f"{self.key.value}:{admitted}" if admitted else ""
        return Key(self.mapping.record_system, f"visit:{name}") if name else None

    def _admitted(self) -> str:
        """PV1-44, else the time of the event that admits; another message does not say when the visit began."""
        admitted = self.visit.text(44) if self.visit else ""
        if admitted or self.event not in _ADMISSIONS:
            return admitted
        event = next((segment for segment in self.message.segments if segment.name == "EVN"), None)
        return (event and (event.text(6) or event.text(2))) or self.message.header.text(7)

    def _encounter(self, visit: Segment, key: Key) -> Resource:
        kind = visit.text(2)
        known = _CLASS.get(kind)
        if known:
            class_coding = building.coding(_ACT_CODE, known)
        else:
            class_coding = building.coding(_PATIENT_CLASS, kind) if kind else building.UNKNOWN_CLASS
        end = parts.time(visit.text(45), zone=self.mapping.zone, field="PV1-45")
        place = " ".join(part for part in (visit.text(3, number) for number in (1, 2, 3, 4)) if part)
        return building.encounter(
            key,
            subject=self.subject,
            status="finished" if end else "in-progress",
            class_coding=class_coding,
            start=parts.time(self._admitted(), zone=self.mapping.zone, field="the time of admission"),
            end=end,
            place=place,
        )

    def _condition(self, segment: Segment) -> Resource:
        code = parts.code(segment, 3, mapping=self.mapping, what="DG1-3")
        record = ":".join(("DG1", self._visit_or_patient(), _first_code(code), segment.text(5)))
        return building.condition(
            Key(self.mapping.record_system, record),
            code=code,
            subject=self.subject,
            recorded=parts.time(segment.text(5), zone=self.mapping.zone, field="DG1-5"),
            verification=_VERIFICATION.get(segment.text(6)),
            encounter=self.encounter,
        )

    def _procedure(self, segment: Segment) -> Resource:
        code = parts.code(segment, 3, mapping=self.mapping, what="PR1-3")
        record = ":".join(("PR1", self._visit_or_patient(), _first_code(code), segment.text(5)))
        return building.procedure(
            Key(self.mapping.record_system, record),
            code=code,
            subject=self.subject,
            performed=parts.time(segment.text(5), zone=self.mapping.zone, field="PR1-5"),
            encounter=self.encounter,
        )

    def _visit_or_patient(self) -> str:
        return (self.visit.text(19) if self.visit else "") or self.key.value

    def _results(self) -> Iterator[Resource]:
        order: Segment | None = None
        record, counted = "", Counter[str]()
        number = 0
        for segment in self.message.segments:
            if segment.name == "OBR":
                order, number = segment, number + 1
                record = order.text(3) or order.text(2) or f"{self.message.header.text(10)}:{number}"
                yield from self._ordered(order, record)
            elif segment.name == "OBX":
                if order is None:
                    raise Unreadable("an OBX stands before the first OBR")
                yield from self._observations(segment, order, record, counted)

    def _ordered(self, order: Segment, record: str) -> Iterator[Resource]:
        """The procedure that an order's result stands for, where the mapping says that orders are procedures."""
        performed = parts.time(order.text(7), zone=self.mapping.zone, field="OBR-7")
        code = parts.code(order, 4, mapping=self.mapping, what="the ordered service (OBR-4)")
        if self.mapping.procedures_from == "OBR" and _first_code(code) in self.mapping.clinical["procedures"]:
            key = Key(self.mapping.record_system, f"{record}:procedure")
            yield building.procedure(
                key, code=code, subject=self.subject, performed=performed, encounter=self.encounter
            )

    def _observations(self, segment: Segment, order: Segment, record: str, counted: Counter[str]) -> Iterator[Resource]:
        place = f"OBX {segment.text(1)}".strip()
        values, status = segment.repetitions(5), segment.text(11)
        if not values and not status:
            raise Unreadable(f"{place} has neither a value nor a result status; the message seems to break off there")
        if status and status not in _STATUS:
            if status in _NO_RESULT:
                return
            raise Unreadable(f"{place} has a result status (OBX-11) that is not in HL7's table 0085")
        code = parts.code(segment, 3, mapping=self.mapping, what=f"{place}'s code (OBX-3)")
        time = segment.text(14) or order.text(7)
        effective = parts.time(time, zone=self.mapping.zone, field=f"{place}'s time (OBX-14)")
        for value in values:
            result = parts.result_value(segment, value, mapping=self.mapping)
            if not result:
                continue
            name = ":".join(part for part in (record, _first_code(code), segment.text(4)) if part)
            counted[name] += 1
            name += f":{counted[name]}" if counted[name] > 1 else ""
            yield building.observation(
                Key(self.mapping.record_system, name),
                code=code,
                subject=self.subject,
                value=result,
                time=effective,
                status=_STATUS.get(status, "unknown"),
                encounter=self.encounter,
            )


def _first_code(concept: Resource) -> str:
    codings = concept.get("coding")
    return str(codings[0]["code"]) if codings else str(concept.get("text", ""))
