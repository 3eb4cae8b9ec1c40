"""The shipped 920 patients are UCI's, cell by cell, with their real oddities."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from wardround.demo.source import PLACES, all_rows, rows_of
from wardround.demo.truth import FEATURES, HELD_FOR_GOOD, LABEL, study_rows

ORIGINALS = Path(__file__).resolve().parents[3] / "shared" / "data" / "heart_disease_uci"
ORIGINAL_FILE = {
    "cleveland": "processed.cleveland.data",
    "budapest": "processed.hungarian.data",
    "zurich-basel": "processed.switzerland.data",
    "long-beach": "processed.va.data",
}
CODES = {
    "sex": {"female": 0, "male": 1},
    "chest_pain_type": {"typical_angina": 1, "atypical_angina": 2, "non_anginal_pain": 3, "asymptomatic": 4},
    "resting_ecg": {"normal": 0, "st_t_abnormality": 1, "left_ventricular_hypertrophy": 2},
    "st_slope": {"upsloping": 1, "flat": 2, "downsloping": 3},
    "thallium_scan": {"normal": 3, "fixed_defect": 6, "reversible_defect": 7},
}
COLUMNS = (
    "age",
    "sex",
    "chest_pain_type",
    "systolic_pressure",
    "total_cholesterol",
    "fasting_glucose_over_120",
    "resting_ecg",
    "exercise_heart_rate",
    "exercise_angina",
    "st_depression",
    "st_slope",
    "fluoroscopy_vessels",
    "thallium_scan",
    "narrowing",
)


def as_uci_wrote_it(row, column):
    value = getattr(row, column)
    return None if value is None else Decimal(CODES[column][value] if column in CODES else value)


@pytest.mark.parametrize("hospital", list(PLACES))
def test_every_cell_equals_the_original_file(hospital):
    if not ORIGINALS.is_dir():
        pytest.skip("UCI's original files are not beside this checkout (../shared/data/heart_disease_uci).")
    lines = (ORIGINALS / ORIGINAL_FILE[hospital]).read_text("ascii").split()
    original = [[None if cell == "?" else Decimal(cell) for cell in line.split(",")] for line in lines]

    ours = [[as_uci_wrote_it(row, column) for column in COLUMNS] for row in rows_of(hospital)]

    assert ours == original


def test_the_hospitals_have_303_294_123_and_200_patients():
    assert [len(rows_of(hospital)) for hospital in PLACES] == [303, 294, 123, 200]


def test_172_cholesterol_values_are_0_and_missing_in_the_study():
    zeros = Counter(row.hospital for row in all_rows() if row.total_cholesterol == 0)

    assert zeros == {"zurich-basel": 123, "long-beach": 49}
    assert all(row["total_cholesterol"] != 0 for hospital in PLACES for row in study_rows(hospital))


def test_12_st_values_are_negative():
    assert sum(row.st_depression is not None and row.st_depression < 0 for row in all_rows()) == 12


def test_one_pair_of_patients_each_in_budapest_and_long_beach_is_identical():
    counted = Counter(row.measured() for row in all_rows())

    assert [(measured[0], n) for measured, n in counted.items() if n > 1] == [("budapest", 2), ("long-beach", 2)]


def test_the_only_impossible_blood_pressure_is_a_0_of_long_beach():
    impossible = [
        (r.hospital, r.row) for r in all_rows() if r.systolic_pressure is not None and r.systolic_pressure < 80
    ]

    assert impossible == [("long-beach", row) for _, row, _ in HELD_FOR_GOOD]


def test_the_study_matrix_has_thirteen_features_and_the_known_prevalences():
    assert all(set(row) == {"row", LABEL, *FEATURES} for hospital in PLACES for row in study_rows(hospital))
    prevalence = {h: sum(row[LABEL] for row in study_rows(h)) / len(study_rows(h)) for h in PLACES}
    assert prevalence == pytest.approx(
        {"cleveland": 0.459, "budapest": 0.361, "zurich-basel": 0.935, "long-beach": 0.745}, abs=5e-4
    )
