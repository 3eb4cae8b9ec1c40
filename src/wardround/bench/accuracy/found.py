"""What a site made of the records: its values, its findings and its quarantine, by place."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wardround.bench.accuracy.plants import Family, Plant

Row = dict[str, Any]
QUARANTINED, NOT_STANDARD = "quarantined", "not standardised"
_OF_DATES = frozenset({"date", "before_birth", "after_death", "future", "end_before_start"})
# A record that is wrong as a whole is found by a finding of its sort; a wrong value by any that holds it.
_SORTS: dict[Family, frozenset[str]] = {
    "date": _OF_DATES,
    "sex": frozenset({"wrong_sex"}),
    "duplicate": frozenset({"duplicate_entry"}),
    "status": frozenset({"contradictory_status"}),
    "missing": frozenset({"missing_required"}),
}


@dataclass(frozen=True)
class Catch:
    """One finding that keeps the wrong thing back: as what, and what it says was meant."""

    kind: str
    suggestion: float | None = None
    unit: str = ""
    place: str = ""


class Found:
    """One import's outcome."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.resources: int = answer["resources"]
        self.seconds: float = answer["seconds"]
        self.values: dict[str, Row] = {f"{row['resource']}#{row['path']}": row for row in answer["values"]}
        self.records: list[Row] = answer["records"]
        self.quarantined: dict[str, Row] = {row["resource"]: row for row in answer["quarantined"]}
        self._of_resource: dict[str, list[Row]] = defaultdict(list)
        self._of_chart: dict[str, list[Row]] = defaultdict(list)
        for row in (*self.values.values(), *self.records):
            if row["is_held"]:
                self._of_resource[row["resource"]].append(row)
                self._of_chart[row["patient_id"]].append(row)

    def held(self) -> Iterator[Row]:
        """Everything that is held."""
        for rows in self._of_resource.values():
            yield from rows

    def measured(self) -> Iterator[tuple[str, Row]]:
        """Every number that has a standard value."""
        for place, row in self.values.items():
            if row["fact"] == "measurement" and row["value_number"] is not None:
                yield place, row

    def is_held_at(self, place: str, *, kind: str = "") -> bool:
        row = self.values.get(place)
        return row is not None and row["is_held"] and (not kind or row["finding"] == kind)

    def catches(self, plant: Plant, *, clean: "Found") -> list[Catch]:
        """What holds the planted error back and did not hold the clean record back."""
        if plant.resource in self.quarantined and plant.resource not in clean.quarantined:
            return [Catch(QUARANTINED)]
        found = list(self._at_value(plant, clean=clean)) if plant.path.startswith("Observation") else []
        return found or list(self._at_record(plant, clean=clean))

    def _at_value(self, plant: Plant, *, clean: "Found") -> Iterator[Catch]:
        for place in (plant.place, *sorted(plant.also)):
            row, before = self.values.get(place), clean.values.get(place) or clean.values.get(plant.place)
            if row is None:
                continue
            if row["is_held"]:
                yield Catch(row["finding"], row["suggestion"], row["suggestion_unit"], place)
            elif row["not_standard"] and before is not None and not before["not_standard"]:
                yield Catch(NOT_STANDARD, place=place)

    def _at_record(self, plant: Plant, *, clean: "Found") -> Iterator[Catch]:
        sort = _SORTS.get(plant.family, frozenset())
        for where in (plant.resource, *sorted(plant.also)):
            rows, others = self._rows(where), clean._rows(where)  # noqa: SLF001 - of the same class
            before = {(row["resource"], row["finding"]) for row in others}
            for row in rows:
                if row["finding"] in sort and (row["resource"], row["finding"]) not in before:
                    yield Catch(row["finding"], place=row["resource"])

    def _rows(self, where: str) -> list[Row]:
        kind, _colon, patient = where.partition(":")
        return self._of_chart.get(patient, []) if kind == "chart" else self._of_resource.get(where, [])
