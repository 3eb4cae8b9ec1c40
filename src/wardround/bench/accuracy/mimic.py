"""MIMIC-III's demo: 100 patients of an intensive care unit (ODbL 1.0), its laboratory table as FHIR Observations.

LOINC codes are those of d_labitems, units as given. The dates of MIMIC lie between 2100 and 2200, so that nobody is known by
them; each patient's are moved back by whole weeks until the last lies in 2008, in the years the hospital's data come from.
A birth date that MIMIC hides (patients over 89 appear to be 300) is left out.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from random import Random

from wardround.bench.accuracy.charts import Chart, RecordSet, Resource
from wardround.interchange.fhir.json import Number

FOLDER = "mimic3_demo"
_LAST_YEAR = 2008
_HIDDEN_AGE_YEARS = 150
_GENDERS = {"F": "female", "M": "male"}
Row = dict[str, str]


def mimic(data: Path, *, patients: int, seed: int) -> RecordSet | None:
    """So many patients (0: all), chosen by the seed; None where the folder is not there."""
    folder = data / FOLDER
    if not (folder / "labevents.csv.gz").is_file():
        return None
    people = sorted(_rows(folder, "patients"), key=lambda row: int(row["subject_id"]))
    if 0 < patients < len(people):
        people = Random(f"{seed}/mimic").sample(people, patients)  # noqa: S311
    items = {row["itemid"]: row for row in _rows(folder, "d_labitems")}
    titles = {row["icd9_code"]: row["long_title"] for row in _rows(folder, "d_icd_diagnoses")}
    of_patient = {name: _by_patient(_rows(folder, name)) for name in ("labevents", "admissions", "diagnoses_icd")}
    charts = [
        _Person(row, {name: rows[row["subject_id"]] for name, rows in of_patient.items()}).chart(items, titles)
        for row in people
    ]
    return RecordSet(key="mimic", title="MIMIC-III demo", charts=tuple(charts), rate=0.02, note=_NOTE)


_NOTE = "laboratory values with a LOINC code, admissions and ICD-9-CM diagnoses; dates moved back to 2008"


class _Person:
    """One patient's rows and how far their dates are moved."""

    def __init__(self, row: Row, rows: dict[str, list[Row]]) -> None:
        self._row, self._rows = row, rows
        self.id = f"mimic-{row['subject_id']}"
        times = [r["charttime"] for r in rows["labevents"]] + [r["dischtime"] for r in rows["admissions"]]
        last = _day(max(times))
        self._weeks = timedelta(weeks=round((last - date(_LAST_YEAR, 7, 1)).days / 7))
        self._admissions = {r["hadm_id"]: r for r in rows["admissions"]}

    def chart(self, items: dict[str, Row], titles: dict[str, str]) -> Chart:
        records = [*self._encounters(), *self._diagnoses(titles), *self._laboratory(items)]
        return Chart(self._patient(), tuple(records))

    def _patient(self) -> Resource:
        row = self._row
        patient: Resource = {
            "resourceType": "Patient",
            "id": self.id,
            "identifier": [{"system": "urn:mimic:subject", "value": row["subject_id"]}],
            "gender": _GENDERS[row["gender"]],
        }
        first = min(r["admittime"] for r in self._rows["admissions"])
        if (_day(first) - _day(row["dob"])).days < _HIDDEN_AGE_YEARS * 365:
            patient["birthDate"] = (_day(row["dob"]) - self._weeks).isoformat()
        if row["dod"]:
            patient["deceasedDateTime"] = (_day(row["dod"]) - self._weeks).isoformat()
        return patient

    def _encounters(self) -> Iterator[Resource]:
        for row in self._rows["admissions"]:
            start = min(filter(None, (row["admittime"], row["edregtime"])))
            yield self._about(f"mimic-admission-{row['hadm_id']}", "Encounter") | {
                "status": "finished",
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
                "period": {"start": self._time(start), "end": self._time(row["dischtime"])},
            }

    def _diagnoses(self, titles: dict[str, str]) -> Iterator[Resource]:
        for row in self._rows["diagnoses_icd"]:
            if not row["icd9_code"]:
                continue
            coding = {"system": "http://hl7.org/fhir/sid/icd-9-cm", "code": row["icd9_code"]}
            title = titles.get(row["icd9_code"])
            yield self._about(f"mimic-diagnosis-{row['row_id']}", "Condition") | {
                "code": {"coding": [coding | ({"display": title} if title else {})]},
                "encounter": {"reference": f"Encounter/mimic-admission-{row['hadm_id']}"},
                "recordedDate": self._time(self._admissions[row["hadm_id"]]["dischtime"]),
            }

    def _laboratory(self, items: dict[str, Row]) -> Iterator[Resource]:
        for row in self._rows["labevents"]:
            item, number = items[row["itemid"]], _number(row["value"])
            if number is None or not item["loinc_code"]:
                continue
            quantity = {"value": number} | ({"unit": row["valueuom"]} if row["valueuom"] else {})
            visit = {"reference": f"Encounter/mimic-admission-{row['hadm_id']}"}
            yield self._about(f"mimic-lab-{row['row_id']}", "Observation") | {
                "status": "final",
                "code": {
                    "coding": [{"system": "http://loinc.org", "code": item["loinc_code"], "display": item["label"]}]
                },
                **({"encounter": visit} if row["hadm_id"] in self._admissions else {}),
                "effectiveDateTime": self._time(row["charttime"]),
                "valueQuantity": quantity,
            }

    def _about(self, record_id: str, kind: str) -> Resource:
        return {"resourceType": kind, "id": record_id, "subject": {"reference": f"Patient/{self.id}"}}

    def _time(self, text: str) -> str:
        moved = _day(text) - self._weeks
        return f"{moved.isoformat()}T{text[11:19]}Z"


def _rows(folder: Path, name: str) -> list[Row]:
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by_patient(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["subject_id"]].append(row)
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _number(text: str) -> Number | None:
    """The number as it was written; comments ("GREATER THAN 500") and signs ("<0.01") are no single value."""
    try:
        Decimal(text)
    except InvalidOperation:
        return None
    return Number(text) if text.replace(".", "", 1).removeprefix("-").isdigit() and not text.endswith(".") else None
