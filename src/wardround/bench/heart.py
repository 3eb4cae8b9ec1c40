"""The benchmark's tables: UCI Heart Disease as FLamby takes it and with all 920 rows, split as each protocol says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from wardround.demo.source import PLACES, SourceRow, rows_of
from wardround.learning.features import BIRTH, Feature, RawTable
from wardround.learning.site import SiteData, stratified_split

Floats = NDArray[np.float64]
Protocol = Literal["flamby_fixed", "flamby_resplits", "all_rows"]

TRAINING_SHARE = 0.66
FLAMBY_SPLIT = 43

ALL_FEATURES = (
    Feature(name="age", kind="numeric", code=BIRTH, title="Age", unit="a"),
    Feature(name="sex", kind="category", code="GENDER", title="Sex", answers=("female", "male")),
    Feature(
        name="chest_pain_type",
        kind="category",
        code="WARDROUND//chest_pain_type",
        title="Chest pain",
        answers=("typical_angina", "atypical_angina", "non_anginal_pain", "asymptomatic"),
    ),
    Feature(name="systolic_pressure", kind="numeric", code="LOINC//8480-6", title="Systolic pressure", unit="mm[Hg]"),
    Feature(name="total_cholesterol", kind="numeric", code="LOINC//2093-3", title="Total cholesterol", unit="mg/dL"),
    Feature(
        name="fasting_glucose_over_120",
        kind="boolean",
        code="WARDROUND//fasting_glucose_over_120",
        title="Fasting glucose over 120 mg/dL",
    ),
    Feature(
        name="resting_ecg",
        kind="category",
        code="WARDROUND//resting_ecg",
        title="Resting ECG",
        answers=("normal", "st_t_abnormality", "left_ventricular_hypertrophy"),
    ),
    Feature(
        name="exercise_heart_rate",
        kind="numeric",
        code="WARDROUND//exercise_heart_rate",
        title="Heart rate on exercise",
        unit="/min",
    ),
    Feature(name="exercise_angina", kind="boolean", code="WARDROUND//exercise_angina", title="Angina on exercise"),
    Feature(name="st_depression", kind="numeric", code="WARDROUND//st_depression", title="ST depression", unit="mm"),
    Feature(
        name="st_slope",
        kind="category",
        code="WARDROUND//st_slope",
        title="ST slope",
        answers=("upsloping", "flat", "downsloping"),
    ),
    Feature(
        name="fluoroscopy_vessels",
        kind="numeric",
        code="WARDROUND//fluoroscopy_vessels",
        title="Vessels on fluoroscopy",
        unit="1",
    ),
    Feature(
        name="thallium_scan",
        kind="category",
        code="WARDROUND//thallium_scan",
        title="Thallium scan",
        answers=("normal", "fixed_defect", "reversible_defect"),
    ),
)

# FLamby (owkin/FLamby, fed_heart_disease): drops slope, ca, thal; drops rows with a gap; dummies for cp and restecg.
FLAMBY_NAMES = (
    *("age", "sex", "trestbps", "chol", "fbs", "thalach", "exang", "oldpeak"),
    *("cp_2", "cp_3", "cp_4", "restecg_1", "restecg_2"),
)
FLAMBY_FEATURES = tuple(Feature(name=name, kind="numeric", code=f"FLAMBY//{name}", title=name) for name in FLAMBY_NAMES)
FLAMBY_ROWS = 740
_CHEST_PAIN = ("typical_angina", "atypical_angina", "non_anginal_pain", "asymptomatic")
_RESTING_ECG = ("normal", "st_t_abnormality", "left_ventricular_hypertrophy")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One hospital's patients under a protocol's features."""

    raw: RawTable
    labels: Floats


def tables(protocol: Protocol) -> Mapping[str, Table]:
    """Every hospital's table, by slug, in the file's order of rows."""
    if protocol == "all_rows":
        return {
            str(slug): _table(rows_of(slug), features=ALL_FEATURES, cells=[_all_cells(row) for row in rows_of(slug)])
            for slug in PLACES
        }
    found: dict[str, Table] = {}
    for slug in PLACES:
        complete = [row for row in rows_of(slug) if _is_complete(row)]
        found[slug] = _table(complete, features=FLAMBY_FEATURES, cells=[_flamby_cells(row) for row in complete])
    if sum(table.raw.patients for table in found.values()) != FLAMBY_ROWS:
        raise ValueError(f"FLamby's selection must leave {FLAMBY_ROWS} rows; the source file differs.")
    return found


def split(table: Table, *, hospital: str, seed: int, folds: int) -> SiteData:
    """Stratified 66/34 by ``seed`` (scikit-learn's split, as FLamby's), folds from the training patients only.

    Like FLamby's, a hospital with fewer than three patients of one outcome is split without stratification.
    """
    rarest = min(int(table.labels.sum()), int((1 - table.labels).sum()))
    training, held_out = train_test_split(
        np.arange(table.raw.patients),
        test_size=1.0 - TRAINING_SHARE,
        train_size=TRAINING_SHARE,
        random_state=seed,
        shuffle=True,
        stratify=table.labels if rarest > 2 else None,
    )
    return site_of(
        table, training=np.sort(training), held_out=np.sort(held_out), seed=f"{hospital}|{seed}", folds=folds
    )


def everybody(table: Table, *, hospital: str, folds: int) -> SiteData:
    """A hospital that holds nobody out: for leaving one whole hospital out."""
    training = np.arange(table.raw.patients)
    return site_of(table, training=training, held_out=np.arange(0), seed=f"{hospital}|everybody", folds=folds)


def site_of(
    table: Table, *, training: NDArray[np.int64], held_out: NDArray[np.int64], seed: str, folds: int
) -> SiteData:
    """A hospital's data for given training and held-out rows."""
    _, fold_of = stratified_split(table.labels[training], test_fraction=0.0, folds=folds, seed=seed)
    return SiteData(
        raw=table.raw, labels=table.labels, training=training, held_out=held_out, folds=fold_of, fold_count=folds
    )


def _table(rows: Sequence[SourceRow], *, features: tuple[Feature, ...], cells: Sequence[Mapping[str, object]]) -> Table:
    labels = np.array([float(row.has_coronary_disease) for row in rows], dtype=np.float64)
    return Table(raw=RawTable.of_rows(cells, features=features), labels=labels)


def _all_cells(row: SourceRow) -> dict[str, object]:
    cells: dict[str, object] = {feature.name: getattr(row, feature.name) for feature in ALL_FEATURES}
    cells["st_depression"] = None if row.st_depression is None else float(row.st_depression)
    # A cholesterol or a blood pressure of 0 is a gap in these files, not a measurement.
    for name in ("total_cholesterol", "systolic_pressure"):
        cells[name] = cells[name] or None
    return cells


def _is_complete(row: SourceRow) -> bool:
    needed = (
        row.systolic_pressure,
        row.total_cholesterol,
        row.fasting_glucose_over_120,
        row.resting_ecg,
        row.exercise_heart_rate,
        row.exercise_angina,
        row.st_depression,
    )
    return all(value is not None for value in needed)


def _flamby_cells(row: SourceRow) -> dict[str, object]:
    pain, ecg = _CHEST_PAIN.index(row.chest_pain_type), _RESTING_ECG.index(str(row.resting_ecg))
    values = (
        *(row.age, row.sex == "male", row.systolic_pressure, row.total_cholesterol, row.fasting_glucose_over_120),
        *(row.exercise_heart_rate, row.exercise_angina, row.st_depression),
        *(pain == 1, pain == 2, pain == 3, ecg == 1, ecg == 2),
    )
    return {name: float(value) for name, value in zip(FLAMBY_NAMES, values, strict=True) if value is not None}
