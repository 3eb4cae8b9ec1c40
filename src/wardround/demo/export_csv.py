"""Cleveland's export: one CSV file, one row per patient, the hospital's own columns and codes, mg/dL."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from wardround.demo.paper import PaperChart
from wardround.demo.planter import EXAM_DATE, RECORD

FILE = "cath_lab_registry.csv"
COLUMNS = (
    "PAT_NO",
    "LAST_NAME",
    "FIRST_NAME",
    "SEX",
    "BIRTH_YR",
    "PHONE",
    "STREET",
    "CITY",
    "STATE",
    "ZIP",
    "VISIT_NO",
    "VISIT_DT",
    "CP",
    "SBP",
    "DBP",
    "CHOL_MGDL",
    "FBS_GT120",
    "REST_ECG",
    "STRESS_DT",
    "MAX_HR",
    "EX_ANG",
    "ST_DEP_MM",
    "ST_SLOPE",
    "SCAN_DT",
    "FLUORO_VES",
    "THAL",
    "CATH_DT",
    "CATH_GE50",
    "DX",
)
_CHEST_PAIN = {"typical_angina": "1", "atypical_angina": "2", "non_anginal_pain": "3", "asymptomatic": "4"}
_RESTING_ECG = {"normal": "0", "st_t_abnormality": "1", "left_ventricular_hypertrophy": "2"}
_ST_SLOPE = {"upsloping": "U", "flat": "F", "downsloping": "D"}
_THALLIUM = {"normal": "3", "fixed_defect": "6", "reversible_defect": "7"}


def write_csv(folder: Path, charts: Iterable[PaperChart], *, written: Mapping[tuple[str, str], str]) -> None:
    """Write the registry; ``written`` is what stands there instead of the truth (see ``planter.written_values``)."""
    lines = [_line(COLUMNS)]
    for chart in charts:
        line = _line([_row(chart, written)[column] for column in COLUMNS])
        if (chart.mrn, RECORD) in written:
            line = line[: len(line) * 3 // 5] + "\n"
        lines.append(line)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes("".join(lines).encode("utf-8"))


def _row(chart: PaperChart, written: Mapping[tuple[str, str], str]) -> dict[str, str]:
    row = chart.row

    def number(field: str) -> str:
        return written.get((chart.mrn, field), chart.value_text(field) or "")

    visit_day = written.get((chart.mrn, EXAM_DATE), chart.day.isoformat())
    return {
        "PAT_NO": chart.mrn,
        "LAST_NAME": chart.person.family,
        "FIRST_NAME": chart.person.given,
        "SEX": "F" if row.sex == "female" else "M",
        "BIRTH_YR": str(chart.birth_year),
        "PHONE": chart.person.phone,
        "STREET": chart.person.street,
        "CITY": chart.person.town,
        "STATE": chart.person.region,
        "ZIP": chart.person.postcode,
        "VISIT_NO": f"V{chart.mrn[1:]}",
        "VISIT_DT": f"{visit_day} {chart.seen_at:%H:%M}",
        "CP": _CHEST_PAIN[row.chest_pain_type],
        "SBP": number("systolic_pressure"),
        "DBP": number("diastolic_pressure"),
        "CHOL_MGDL": number("total_cholesterol"),
        "FBS_GT120": _yes_no(row.fasting_glucose_over_120),
        "REST_ECG": _RESTING_ECG[row.resting_ecg] if row.resting_ecg else "",
        "STRESS_DT": _minute(chart.exercise_at),
        "MAX_HR": number("exercise_heart_rate"),
        "EX_ANG": _yes_no(row.exercise_angina),
        "ST_DEP_MM": number("st_depression"),
        "ST_SLOPE": _ST_SLOPE[row.st_slope] if row.st_slope else "",
        "SCAN_DT": _minute(chart.scan_at),
        "FLUORO_VES": number("fluoroscopy_vessels"),
        "THAL": _THALLIUM[row.thallium_scan] if row.thallium_scan else "",
        "CATH_DT": _minute(chart.angiography_at),
        "CATH_GE50": _yes_no(row.has_coronary_disease),
        "DX": "CAD" if row.has_coronary_disease else "",
    }


def _yes_no(value: bool | None) -> str:  # noqa: FBT001 - a finding, not a switch
    return "" if value is None else "Y" if value else "N"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
