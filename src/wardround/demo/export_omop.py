"""Long Beach's export: OMOP CDM 5.4 tables as CSV, standard concept ids where they were checked, local ones above 2,000,000,000."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from wardround.demo.paper import PaperChart
from wardround.demo.planter import EXAM_DATE, RECORD

FEMALE, MALE = 8532, 8507
CORONARY_ATHEROSCLEROSIS = 317576
LOCAL = 2_000_000_000
CORONARY_ANGIOGRAPHY = LOCAL + 1
CONCEPTS = {
    "systolic_pressure": 3004249,
    "diastolic_pressure": 3012888,
    "total_cholesterol": 3027114,
    "chest_pain_type": LOCAL + 101,
    "fasting_glucose_over_120": LOCAL + 102,
    "resting_ecg": LOCAL + 103,
    "exercise_heart_rate": LOCAL + 104,
    "exercise_angina": LOCAL + 105,
    "st_depression": LOCAL + 106,
    "st_slope": LOCAL + 107,
    "fluoroscopy_vessels": LOCAL + 108,
    "thallium_scan": LOCAL + 109,
    "coronary_narrowing": LOCAL + 110,
}
ANSWERS = {
    "typical_angina": LOCAL + 201,
    "atypical_angina": LOCAL + 202,
    "non_anginal_pain": LOCAL + 203,
    "asymptomatic": LOCAL + 204,
    "normal": LOCAL + 211,
    "st_t_abnormality": LOCAL + 212,
    "left_ventricular_hypertrophy": LOCAL + 213,
    "upsloping": LOCAL + 221,
    "flat": LOCAL + 222,
    "downsloping": LOCAL + 223,
    "fixed_defect": LOCAL + 231,
    "reversible_defect": LOCAL + 232,
    True: LOCAL + 241,
    False: LOCAL + 242,
}
SOURCE_VALUES = {
    "systolic_pressure": "BP SYSTOLIC",
    "diastolic_pressure": "BP DIASTOLIC",
    "total_cholesterol": "CHOLESTEROL",
    "chest_pain_type": "CHEST PAIN TYPE",
    "fasting_glucose_over_120": "FASTING GLUCOSE >120",
    "resting_ecg": "ECG REST",
    "exercise_heart_rate": "ETT MAX HR",
    "exercise_angina": "ETT ANGINA",
    "st_depression": "ETT ST DEPRESSION",
    "st_slope": "ETT ST SLOPE",
    "fluoroscopy_vessels": "FLUORO VESSELS",
    "thallium_scan": "THALLIUM",
    "coronary_narrowing": "CATH >=50% STENOSIS",
}
_UNITS = {
    "systolic_pressure": "mmHg",
    "diastolic_pressure": "mmHg",
    "total_cholesterol": "mg/dL",
    "exercise_heart_rate": "/min",
    "st_depression": "mm",
    "fluoroscopy_vessels": "",
}
_HISTORY = ("chest_pain_type", "fasting_glucose_over_120", "exercise_angina")

_COLUMNS = {
    "person": (
        "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime,race_concept_id,"
        "ethnicity_concept_id,location_id,provider_id,care_site_id,person_source_value,gender_source_value"
    ),
    "location": "location_id,address_1,address_2,city,state,zip,county,location_source_value",
    "visit_occurrence": (
        "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_start_datetime,visit_end_date,"
        "visit_end_datetime,visit_type_concept_id,visit_source_value"
    ),
    "measurement": (
        "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,measurement_type_concept_id,"
        "operator_concept_id,value_as_number,value_as_concept_id,unit_concept_id,visit_occurrence_id,"
        "measurement_source_value,unit_source_value,value_source_value"
    ),
    "observation": (
        "observation_id,person_id,observation_concept_id,observation_date,observation_datetime,observation_type_concept_id,"
        "value_as_number,value_as_string,value_as_concept_id,visit_occurrence_id,observation_source_value,value_source_value"
    ),
    "condition_occurrence": (
        "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_start_datetime,"
        "condition_type_concept_id,visit_occurrence_id,condition_source_value"
    ),
    "procedure_occurrence": (
        "procedure_occurrence_id,person_id,procedure_concept_id,procedure_date,procedure_datetime,procedure_type_concept_id,"
        "visit_occurrence_id,procedure_source_value"
    ),
}


class _Tables:
    """The CDM tables as lines of CSV; a row gets the next number as its id."""

    def __init__(self) -> None:
        self.lines = {table: [columns + "\n"] for table, columns in _COLUMNS.items()}

    def add(self, table: str, *, broken_off: bool = False, **cells: Any) -> None:
        columns = _COLUMNS[table].split(",")
        number = len(self.lines[table])
        unknown = set(cells) - set(columns)
        if unknown:
            raise ValueError(f"The table {table} has no column {sorted(unknown)}.")
        line = _line([cells.get(column, number if column == f"{table}_id" else "") for column in columns])
        self.lines[table].append(line[: len(line) // 2] + "\n" if broken_off else line)


def write_omop(folder: Path, charts: Iterable[PaperChart], *, written: Mapping[tuple[str, str], str]) -> None:
    """Write the seven tables; ``written`` is what stands there instead of the truth."""
    tables = _Tables()
    for number, chart in enumerate(charts, 1):
        _write_patient(tables, number, chart, written)
    folder.mkdir(parents=True, exist_ok=True)
    for table, lines in tables.lines.items():
        (folder / f"{table}.csv").write_bytes("".join(lines).encode("utf-8"))


def _write_patient(tables: _Tables, number: int, chart: PaperChart, written: Mapping[tuple[str, str], str]) -> None:
    row, person = chart.row, chart.person
    tables.add("location", address_1=person.street, city=person.town, state=person.region, zip=person.postcode)
    tables.add(
        "person",
        gender_concept_id=FEMALE if row.sex == "female" else MALE,
        year_of_birth=chart.birth_year,
        race_concept_id=0,
        ethnicity_concept_id=0,
        location_id=number,
        person_source_value=chart.mrn,
        gender_source_value="F" if row.sex == "female" else "M",
    )
    tables.add(
        "visit_occurrence",
        person_id=number,
        visit_concept_id=0,
        visit_start_date=chart.day,
        visit_start_datetime=_stamp(chart.seen_at),
        visit_end_date=chart.result_at.date(),
        visit_end_datetime=_stamp(chart.result_at),
        visit_type_concept_id=0,
        visit_source_value="CARDIOLOGY",
    )
    moments = dict.fromkeys(SOURCE_VALUES, chart.seen_at)
    moments |= dict.fromkeys(("exercise_heart_rate", "exercise_angina", "st_depression", "st_slope"), chart.exercise_at)
    moments |= dict.fromkeys(("fluoroscopy_vessels", "thallium_scan"), chart.scan_at)
    moments["coronary_narrowing"] = chart.result_at
    for field, moment in moments.items():
        _write_value(tables, number, chart, field, moment, written)
    tables.add(
        "procedure_occurrence",
        person_id=number,
        procedure_concept_id=CORONARY_ANGIOGRAPHY,
        procedure_date=chart.angiography_at.date(),
        procedure_datetime=_stamp(chart.angiography_at),
        procedure_type_concept_id=0,
        visit_occurrence_id=number,
        procedure_source_value="CORONARY ANGIO",
    )
    if row.has_coronary_disease:
        tables.add(
            "condition_occurrence",
            person_id=number,
            condition_concept_id=CORONARY_ATHEROSCLEROSIS,
            condition_start_date=chart.result_at.date(),
            condition_start_datetime=_stamp(chart.result_at),
            condition_type_concept_id=0,
            visit_occurrence_id=number,
            condition_source_value="CAD",
        )


def _write_value(
    tables: _Tables,
    number: int,
    chart: PaperChart,
    field: str,
    moment: datetime,
    written: Mapping[tuple[str, str], str],
) -> None:
    date, stamp = moment.date().isoformat(), _stamp(moment)
    if field == "systolic_pressure" and (chart.mrn, EXAM_DATE) in written:
        date = written[chart.mrn, EXAM_DATE]
        stamp = f"{date} {moment:%H:%M:%S}"
    if field in _UNITS:
        text = written.get((chart.mrn, field), chart.value_text(field))
        if text is None:
            return
        values: dict[str, Any] = {"value_as_number": text, "value_source_value": text}
    else:
        value = row_value(chart, field)
        if value is None:
            return
        values = {"value_as_concept_id": ANSWERS[value], "value_source_value": _answer_text(value)}
    table = "observation" if field in _HISTORY else "measurement"
    cells = {
        "person_id": number,
        f"{table}_concept_id": CONCEPTS[field],
        f"{table}_date": date,
        f"{table}_datetime": stamp,
        f"{table}_type_concept_id": 0,
        "visit_occurrence_id": number,
        f"{table}_source_value": SOURCE_VALUES[field],
        **values,
    }
    if table == "measurement":
        cells |= {"unit_concept_id": 0, "unit_source_value": _UNITS.get(field, "")}
    broken_off = field == "exercise_heart_rate" and (chart.mrn, RECORD) in written
    tables.add(table, broken_off=broken_off, **cells)


def row_value(chart: PaperChart, field: str) -> Any:
    """A yes/no finding or an answer of the chart, None where there is none."""
    return chart.row.has_coronary_disease if field == "coronary_narrowing" else getattr(chart.row, field)


def _answer_text(value: Any) -> str:
    if isinstance(value, bool):
        return "YES" if value else "NO"
    return str(value).replace("_", " ").upper()


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _line(cells: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
