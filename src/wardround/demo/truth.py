"""The true study matrix of each hospital, straight from the source: what the records must give back cell by cell."""

from typing import Any

from wardround.demo.source import Slug, SourceRow, rows_of

LABEL = "coronary_disease"

FEATURES = (
    "age",
    "sex",
    "chest_pain_type",
    "resting_systolic_pressure",
    "total_cholesterol",
    "fasting_glucose_over_120",
    "resting_ecg",
    "exercise_heart_rate",
    "exercise_angina",
    "st_depression",
    "st_slope",
    "fluoroscopy_vessels",
    "thallium_scan",
)

# A blood pressure of 0 in a patient who walked in: the paper says so too, so nobody can correct it and it stays held.
HELD_FOR_GOOD: frozenset[tuple[Slug, int, str]] = frozenset({("long-beach", 754, "resting_systolic_pressure")})


def _as_float(value: Any) -> float | None:
    return None if value is None else float(value)


def study_row(row: SourceRow) -> dict[str, Any]:
    """The study's features and label of one patient, and ``row``, the patient's number in the source.

    Numbers are floats in the catalogue's units, yes/no findings are bools, answers are the catalogue's words, what is not
    known is None: also a cholesterol of 0 and the one cell of ``HELD_FOR_GOOD``. The label is a bool.
    """
    cells: dict[str, Any] = {
        "row": row.row,
        "age": float(row.age),
        "sex": row.sex,
        "chest_pain_type": row.chest_pain_type,
        "resting_systolic_pressure": _as_float(row.systolic_pressure),
        "total_cholesterol": _as_float(row.total_cholesterol or None),
        "fasting_glucose_over_120": row.fasting_glucose_over_120,
        "resting_ecg": row.resting_ecg,
        "exercise_heart_rate": _as_float(row.exercise_heart_rate),
        "exercise_angina": row.exercise_angina,
        "st_depression": _as_float(row.st_depression),
        "st_slope": row.st_slope,
        "fluoroscopy_vessels": _as_float(row.fluoroscopy_vessels),
        "thallium_scan": row.thallium_scan,
        LABEL: row.has_coronary_disease,
    }
    for hospital, number, feature in HELD_FOR_GOOD:
        if (row.hospital, row.row) == (hospital, number):
            cells[feature] = None
    return cells


def study_rows(hospital: Slug) -> list[dict[str, Any]]:
    """``study_row`` of every patient of one hospital, in the source's order."""
    return [study_row(row) for row in rows_of(hospital)]
