"""The 920 real patients of UCI Heart Disease, as the four hospitals recorded them (data/ATTRIBUTION.md)."""

import csv
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

Slug = Literal["cleveland", "budapest", "zurich-basel", "long-beach"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One of the four hospitals: what it is called here, how it is named in the file, in what shape it exports."""

    slug: Slug
    name: str
    in_file: str
    format: Literal["csv", "hl7v2", "fhir", "omop"]
    locale: str
    patients: int


PLACES: dict[Slug, Place] = {
    place.slug: place
    for place in (
        Place(slug="cleveland", name="Cleveland", in_file="Cleveland", format="csv", locale="en", patients=303),
        Place(slug="budapest", name="Budapest", in_file="Hungary", format="hl7v2", locale="hu", patients=294),
        Place(
            slug="zurich-basel",
            name="Zurich and Basel",
            in_file="Switzerland",
            format="fhir",
            locale="de",
            patients=123,
        ),
        Place(slug="long-beach", name="Long Beach", in_file="VA Long Beach", format="omop", locale="en", patients=200),
    )
}

_CHEST_PAIN = {
    "typical angina": "typical_angina",
    "atypical angina": "atypical_angina",
    "non-anginal": "non_anginal_pain",
    "asymptomatic": "asymptomatic",
}
_RESTING_ECG = {
    "normal": "normal",
    "st-t abnormality": "st_t_abnormality",
    "lv hypertrophy": "left_ventricular_hypertrophy",
}
_ST_SLOPE = {"upsloping": "upsloping", "flat": "flat", "downsloping": "downsloping"}
_THALLIUM = {"normal": "normal", "fixed defect": "fixed_defect", "reversable defect": "reversible_defect"}
_YES_NO = {"TRUE": True, "FALSE": False}


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """One patient as recorded: ``None`` is an empty cell, a cholesterol of 0 stays 0, numbers keep their text.

    Units: pressure mm[Hg], cholesterol mg/dL, heart rate /min, ST depression mm. ``narrowing`` is UCI's ``num``, 0 to 4.
    """

    row: int
    hospital: Slug
    age: int
    sex: Literal["female", "male"]
    chest_pain_type: str
    systolic_pressure: int | None
    total_cholesterol: int | None
    fasting_glucose_over_120: bool | None
    resting_ecg: str | None
    exercise_heart_rate: int | None
    exercise_angina: bool | None
    st_depression: Decimal | None
    st_slope: str | None
    fluoroscopy_vessels: int | None
    thallium_scan: str | None
    narrowing: int

    @property
    def has_coronary_disease(self) -> bool:
        return self.narrowing > 0

    def measured(self) -> tuple[object, ...]:
        """Everything but the row number: two patients may share it (one pair each in Budapest and Long Beach)."""
        return tuple(value for name, value in vars(self).items() if name != "row")


def _number(text: str) -> int | None:
    return int(text) if text else None


def _row(cells: dict[str, str]) -> SourceRow:
    (hospital,) = (place.slug for place in PLACES.values() if place.in_file == cells["dataset"])
    return SourceRow(
        row=int(cells["id"]),
        hospital=hospital,
        age=int(cells["age"]),
        sex="male" if cells["sex"] == "Male" else "female",
        chest_pain_type=_CHEST_PAIN[cells["cp"]],
        systolic_pressure=_number(cells["trestbps"]),
        total_cholesterol=_number(cells["chol"]),
        fasting_glucose_over_120=_YES_NO[cells["fbs"]] if cells["fbs"] else None,
        resting_ecg=_RESTING_ECG[cells["restecg"]] if cells["restecg"] else None,
        exercise_heart_rate=_number(cells["thalch"]),
        exercise_angina=_YES_NO[cells["exang"]] if cells["exang"] else None,
        st_depression=Decimal(cells["oldpeak"]) if cells["oldpeak"] else None,
        st_slope=_ST_SLOPE[cells["slope"]] if cells["slope"] else None,
        fluoroscopy_vessels=_number(cells["ca"]),
        thallium_scan=_THALLIUM[cells["thal"]] if cells["thal"] else None,
        narrowing=int(cells["num"]),
    )


@cache
def all_rows() -> tuple[SourceRow, ...]:
    """The 920 rows in the file's order, which is the order of UCI's four files one after the other."""
    text = files("wardround.demo").joinpath("data", "heart_disease_uci.csv").read_text("utf-8")
    rows = tuple(_row(cells) for cells in csv.DictReader(text.splitlines()))
    counted = Counter(row.hospital for row in rows)
    if counted != {place.slug: place.patients for place in PLACES.values()}:
        raise ValueError(
            "The heart disease file is not the one that was shipped: a hospital's number of patients differs."
        )
    return rows


def rows_of(hospital: Slug) -> tuple[SourceRow, ...]:
    return tuple(row for row in all_rows() if row.hospital == hospital)
