"""One row of a table as FHIR: one visit of one patient, or, where a column holds codes, one measurement."""

from typing import Any

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir import building
from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.mapping import Column, Mapping
from wardround.interchange.tables.layout import Layout
from wardround.interchange.texts import local_time, number_of

_ISO_TIME_LENGTH = 10


class Row:
    """One row and what it says. Cells that are empty say nothing."""

    def __init__(self, layout: Layout, values: list[str], mapping: Mapping) -> None:
        self.mapping = mapping
        self.layout = layout
        named = [(column, value) for column, value in zip(layout.columns, values, strict=True) if column is not None]
        self.cell = {column.name: "" if value in mapping.missing else value for column, value in named}
        self.by_role: dict[str, list[Column]] = {}
        for column, _ in named:
            self.by_role.setdefault(column.role, []).append(column)

    def resources(self) -> list[Resource]:
        number = self._first("mrn")
        if not number:
            raise Unreadable("the hospital number is empty")
        times = {name: self._time(name) for name in self.layout.times}
        patient_key = Key(self.mapping.mrn_system, number)
        subject = patient_key.reference("Patient")
        start = self._time_of("visit_start", times)
        visit_number = self._first("visit" if self.mapping.is_long else "record")
        record = visit_number or (f"{number}:{start}" if start else number)
        visit_key = Key(self.mapping.record_system, f"{record}:visit")
        is_visit = bool(start or (visit_number and self.mapping.is_long))
        visit = visit_key.reference("Encounter") if is_visit else None

        found = [self._patient(patient_key)]
        if is_visit:
            end = self._time_of("visit_end", times)
            found.append(
                building.encounter(
                    visit_key,
                    subject=subject,
                    status="finished" if end else "unknown",
                    class_coding=building.UNKNOWN_CLASS,
                    start=start,
                    end=end,
                )
            )
        if self.mapping.is_long:
            found += self._measurement(number, subject=subject, visit=visit, start=start, times=times)
        for column in self.layout.columns:
            if column and self.cell[column.name] and column.role in ("observation", "procedure", "condition"):
                key = Key(self.mapping.record_system, f"{record}:{column.code}")
                found.append(self._event(column, key, subject=subject, visit=visit, start=start, times=times))
        return found

    def _measurement(
        self, number: str, *, subject: Resource, visit: Resource | None, start: str | None, times: dict[str, str | None]
    ) -> list[Resource]:
        """The one measurement of a long table's row. Its key is the record's number, else patient, time and code."""
        code, text = self._first("code"), self._first("value")
        if not text:
            return []
        if not code:
            raise Unreadable("it has a value, but the code, which says of what, is empty")
        time = self._measured_at(times) or start
        if time is None:
            raise Unreadable("it has a value, but no time at which it was measured")
        record = self._first("record") or f"{number}:{time}:{code}"
        system = self._code_system(self.by_role["code"][0])
        local = code if system == self.mapping.system else f"{system}|{code}"
        return [
            building.observation(
                Key(self.mapping.record_system, record),
                code=building.concept([building.coding(system, code, self._first("display"))]),
                subject=subject,
                value=self._measured(local, text, system=system),
                time=time,
                encounter=visit,
            )
        ]

    def _measured_at(self, times: dict[str, str | None]) -> str | None:
        column = self.by_role["value"][0].time
        return times[column] if column else self._time_of("time", times)

    def _code_system(self, column: Column) -> str:
        if column.system is None:
            return self.mapping.system
        return self.mapping.systems.get(column.system, column.system)

    def _measured(self, local: str, text: str, *, system: str) -> Resource:
        entry = self.mapping.clinical["codes"].get(local)
        measurement = entry.get("measurement") if isinstance(entry, dict) else entry
        if measurement is not None and measurement in self.mapping.clinical["answers"]:
            return {"valueCodeableConcept": building.concept([building.coding(system, text)])}
        return self._quantity(text, self._first("unit") or None)

    def _event(
        self,
        column: Column,
        key: Key,
        *,
        subject: Resource,
        visit: Resource | None,
        start: str | None,
        times: dict[str, str | None],
    ) -> Resource:
        text, system = self.cell[column.name], self.mapping.system
        if column.role == "procedure":
            code = building.concept([building.coding(system, column.code)])
            return building.procedure(key, code=code, subject=subject, performed=times[column.name], encounter=visit)
        time = times[column.time] if column.time else start
        if time is None:
            raise Unreadable(f"{column.name} has a value, but {column.time or 'the visit'}, which dates it, is empty")
        if column.role == "condition":
            code = building.concept([building.coding(self._code_system(column), text)])
            return building.condition(key, code=code, subject=subject, recorded=time, encounter=visit)
        code = building.concept([building.coding(system, column.code)])
        value = self._value(column, text)
        return building.observation(key, code=code, subject=subject, value=value, time=time, encounter=visit)

    def _value(self, column: Column, text: str) -> dict[str, Any]:
        if column.measurement is not None and column.measurement in self.mapping.clinical["answers"]:
            return {"valueCodeableConcept": building.concept([building.coding(self.mapping.system, text)])}
        return self._quantity(text, column.unit)

    def _quantity(self, text: str, unit: str | None) -> Resource:
        # "6.5%" in a column of percents says its unit twice.
        bare = text.removesuffix("%").rstrip() if unit == "%" else text
        number = number_of(bare, decimal=self.mapping.decimal)
        return building.text_value(text, unit) if number is None else building.quantity(number, unit)

    def _patient(self, key: Key) -> Resource:
        given = [self.cell[column.name] for column in self.by_role.get("given", ()) if self.cell[column.name]]
        name = {"family": self._first("family"), "given": given}
        address = {
            "line": [line for line in (self._first("street"),) if line],
            "city": self._first("city"),
            "state": self._first("state"),
            "postalCode": self._first("postcode"),
            "country": self._first("country"),
        }
        contacts = [{"system": kind, "value": self._first(kind)} for kind in ("phone", "email") if self._first(kind)]
        return building.patient(
            identifiers=[building.hospital_number(key)],
            names=[{part: value for part, value in name.items() if value}],
            telecom=contacts,
            gender=self._gender(),
            birth_date=self._birth_date(),
            addresses=[{part: value for part, value in address.items() if value}],
        )

    def _gender(self) -> str | None:
        text = self._first("sex")
        if not text:
            return None
        gender = self.mapping.sex(text)
        if gender is None:
            raise Unreadable("its sex is none that the mapping knows; add it to [answers.sex]")
        return gender

    def _birth_date(self) -> str | None:
        year, date = self._first("birth_year"), self._first("birth_date")
        if date:
            return self._local_time(self.by_role["birth_date"][0].name, date)[:10]
        if year and not (len(year) == 4 and year.isascii() and year.isdigit()):
            raise Unreadable("its year of birth is not a year of four digits")
        return year or None

    def _first(self, role: str) -> str:
        return next((self.cell[column.name] for column in self.by_role.get(role, ()) if self.cell[column.name]), "")

    def _time(self, name: str) -> str | None:
        text = self.cell[name]
        return self._local_time(name, text) if text else None

    def _time_of(self, role: str, times: dict[str, str | None]) -> str | None:
        return next((times[column.name] for column in self.by_role.get(role, ()) if times[column.name]), None)

    def _local_time(self, name: str, text: str) -> str:
        if self.mapping.zone is None:
            raise Unreadable("the mapping names no time zone")
        column = self.mapping.columns.get(name)
        written = (column.date_format if column else None) or self.mapping.date_format
        if self.layout.is_typed and written is not None and not written.startswith("%Y-%d") and _is_iso(text):
            written = None
        try:
            return local_time(text, zone=self.mapping.zone, date_format=written)
        except Unreadable as error:
            raise Unreadable(f"in {name} {error}") from None


def _is_iso(text: str) -> bool:
    day = text[:_ISO_TIME_LENGTH]
    return len(day) == _ISO_TIME_LENGTH and day[4] == day[7] == "-" and day.replace("-", "").isdigit()
