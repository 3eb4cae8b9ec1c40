"""The OHDSI Data Quality Dashboard's rules on the same records, read from its own threshold files at run time.

Concept level: plausibleValueLow and -High for a concept and unit, plausibleGender. Field level: a date's own bounds
(plausibleValueLow, -High), plausibleTemporalAfter, plausibleAfterBirth, plausibleBeforeDeath (60 days are allowed, as in its SQL),
plausibleStartBeforeEnd, withinVisitDates (a week is allowed). DQD counts the rows that break a rule and judges the share; here
a row that breaks one is a row found. Its files hold value limits for two tests only, cholesterol and creatinine in serum;
those concepts are matched to the LOINC codes below, and diagnoses and procedures by the words that name them.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from wardround.bench.accuracy.charts import Chart, RecordSet, Resource, birth_of, death_of, key_of, values_of

CONCEPTS = "inst/csv/OMOP_CDMv5.4_Concept_Level.csv"
FIELDS = "inst/csv/OMOP_CDMv5.4_Field_Level.csv"
_UNITS = {
    "milligram per deciliter": "mg/dL",
    "millimole per liter": "mmol/L",
    "micromole per liter": "umol/L",
    "milligram per liter": "mg/L",
}
_TESTS = {
    "http://loinc.org|2093-3": "serum total cholesterol level",
    "http://loinc.org|2160-0": "serum creatinine level",
    "http://loinc.org|38483-4": "serum creatinine level",
}
# Where a FHIR resource lies in the CDM: table, start and end of it in FHIR and in the CDM.
_TABLES = {
    "Observation": ("MEASUREMENT", "measurement_date", ""),
    "Condition": ("CONDITION_OCCURRENCE", "condition_start_date", "condition_end_date"),
    "Procedure": ("PROCEDURE_OCCURRENCE", "procedure_date", "procedure_end_date"),
    "Encounter": ("VISIT_OCCURRENCE", "visit_start_date", "visit_end_date"),
    "Immunization": ("DRUG_EXPOSURE", "drug_exposure_start_date", ""),
    "MedicationRequest": ("DRUG_EXPOSURE", "drug_exposure_start_date", ""),
}
_AFTER_DEATH_DAYS = 60
_AROUND_VISIT_DAYS = 7
Row = Mapping[str, str]


@dataclass(frozen=True)
class Dashboard:
    """DQD's thresholds: `ranges` by (concept name, unit), `sexes` by concept name, `fields` by (table, field)."""

    ranges: Mapping[tuple[str, str], tuple[float, float]]
    sexes: Mapping[str, str]
    fields: Mapping[tuple[str, str], Row]

    @classmethod
    def read(cls, folder: Path) -> "Dashboard | None":
        """From DQD's folder; None where its files are not there."""
        if not (folder / CONCEPTS).is_file() or not (folder / FIELDS).is_file():
            return None
        ranges, sexes = {}, {}
        for row in _rows(folder / CONCEPTS):
            name = row["conceptName"].casefold()
            if row["plausibleGender"]:
                sexes[name] = row["plausibleGender"].lower()
            if row["plausibleValueLow"] or row["plausibleValueHigh"]:
                unit = _UNITS.get(row["unitConceptName"], row["unitConceptName"])
                ranges[name, unit] = (
                    float(row["plausibleValueLow"] or "-inf"),
                    float(row["plausibleValueHigh"] or "inf"),
                )
        fields = {(row["cdmTableName"], row["cdmFieldName"].lower()): row for row in _rows(folder / FIELDS)}
        return cls(ranges, sexes, fields)

    def flagged(self, records: RecordSet, *, today: str) -> set[str]:
        """The places (values) and keys (records) that break a rule."""
        return {place for chart in records.charts for place in self._of_chart(chart, today=today)}

    def _of_chart(self, chart: Chart, *, today: str) -> Iterator[str]:
        visits = {key_of(r): r.get("period", {}) for r in chart.records if r["resourceType"] == "Encounter"}
        birth = self.fields.get(("PERSON", "birth_datetime"))
        if birth is not None and birth_of(chart.patient) and not _inside(birth, birth_of(chart.patient), today=today):
            yield f"{key_of(chart.patient)}#Patient.birthDate"
        for resource in chart.records:
            if self._is_misdated(resource, chart, visits=visits, today=today) or self._is_other_sex(resource, chart):
                yield key_of(resource)
            for value in values_of(resource, patient_id=chart.id):
                low, high = self.ranges.get((_TESTS.get(value.code, ""), value.unit), (float("-inf"), float("inf")))
                if not low <= float(value.number) <= high:
                    yield value.place

    def _is_misdated(self, resource: Resource, chart: Chart, *, visits: Mapping[str, Resource], today: str) -> bool:
        table, start_field, end_field = _TABLES.get(resource["resourceType"], ("", "", ""))
        row = self.fields.get((table, start_field))
        start, end = _dates(resource)
        if row is None or not start:
            return False
        visit = visits.get(str(resource.get("encounter", {}).get("reference", "")), {})
        end_row = self.fields.get((table, end_field))
        return (
            not _inside(row, start, today=today)
            or (row["plausibleAfterBirth"] == "Yes" and _is_before(start, birth_of(chart.patient)))
            or (row["plausibleBeforeDeath"] == "Yes" and _is_long_after(start, death_of(chart.patient)))
            or (end_row is not None and bool(end) and end[:10] < start[:10])
            or (row["withinVisitDates"] == "Yes" and _is_away_from(start, visit))
        )

    def _is_other_sex(self, resource: Resource, chart: Chart) -> bool:
        if resource["resourceType"] not in ("Condition", "Procedure"):
            return False
        names = {str(coding.get("display", "")).casefold() for coding in resource["code"].get("coding", ())}
        names |= {name.removesuffix(" (disorder)") for name in names}
        sexes = {self.sexes[name] for name in names if name in self.sexes}
        return bool(sexes) and chart.patient.get("gender") not in sexes


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _dates(resource: Resource) -> tuple[str, str]:
    period = resource.get("period") or resource.get("performedPeriod") or {}
    names = (
        "effectiveDateTime",
        "onsetDateTime",
        "recordedDate",
        "occurrenceDateTime",
        "authoredOn",
        "performedDateTime",
    )
    start = next((str(resource[name]) for name in names if name in resource), str(period.get("start", "")))
    return start, str(resource.get("abatementDateTime") or period.get("end") or "")


def _inside(row: Row, text: str, *, today: str) -> bool:
    """DQD writes bounds as SQL: '19500101', and the day after today."""
    low = row["plausibleValueLow"].strip("'")
    earliest = f"{low[:4]}-{low[4:6]}-{low[6:]}" if low.isdigit() and len(low) == 8 else ""
    latest = (date.fromisoformat(today) + timedelta(days=1)).isoformat() if row["plausibleValueHigh"] else "9999"
    return earliest <= text[:10] <= latest


def _is_before(text: str, birth: str) -> bool:
    return bool(birth) and text[: len(birth)] < birth


def _is_long_after(text: str, death: str) -> bool:
    return bool(death) and _days(text, since=death) > _AFTER_DEATH_DAYS


def _is_away_from(text: str, visit: Resource) -> bool:
    start, end = visit.get("start"), visit.get("end")
    if not start or not end:
        return False
    return _days(start, since=text) > _AROUND_VISIT_DAYS or _days(text, since=end) > _AROUND_VISIT_DAYS


def _days(text: str, *, since: str) -> int:
    try:
        return (date.fromisoformat(text[:10]) - date.fromisoformat(since[:10])).days
    except ValueError:
        return 0
