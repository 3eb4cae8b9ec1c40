"""Invented patients of an invented hospital, as MEDS events of the heart study."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from wardround.interchange.meds import Event

PATIENTS = 110


def invented_events(hospital: str) -> Iterator[Event]:
    """The same hospital always has the same patients."""
    random = np.random.default_rng(sum(hospital.encode()))
    for subject in range(1, PATIENTS + 1):
        age, pressure = int(random.normal(56, 9)), float(np.float32(random.normal(132, 18)))
        cholesterol, slope = float(np.float32(random.normal(245, 45))), random.normal()
        risk = 0.06 * (age - 56) + 0.02 * (pressure - 132) + slope
        ill = random.random() < 1 / (1 + np.exp(-risk))
        day = datetime(2026, 3, 2) + timedelta(days=subject % 90)  # noqa: DTZ001 - MEDS has no zones
        yield Event(subject, None, f"GENDER//{'male' if random.random() < 0.6 else 'female'}")
        yield Event(subject, datetime(2026 - age, 1, 1), "MEDS_BIRTH")  # noqa: DTZ001
        yield Event(subject, day, "LOINC//8480-6", pressure)
        if random.random() < 0.9:
            yield Event(subject, day, "LOINC//2093-3", cholesterol)
        yield Event(subject, day + timedelta(days=1), f"WARDROUND//exercise_angina//{str(slope > 0.5).lower()}")
        seen = day + timedelta(days=2)
        yield Event(subject, seen, "WARDROUND//coronary_angiography")
        yield Event(subject, seen, f"WARDROUND//coronary_narrowing//{str(ill).lower()}")
        if ill:
            yield Event(subject, seen, "ICD10CM//I25.10")
