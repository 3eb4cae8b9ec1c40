"""The features and events of the learning tests' made-up patients."""

from datetime import datetime

from wardround.learning.cohort import MedsEvent
from wardround.learning.features import BIRTH, Feature

FEATURES = (
    Feature(name="age", kind="numeric", code=BIRTH, title="Age", unit="a"),
    Feature(name="sex", kind="category", code="GENDER", title="Sex", answers=("female", "male")),
    Feature(name="pressure", kind="numeric", code="LOINC//8480-6", title="Systolic pressure", unit="mm[Hg]"),
    Feature(name="angina", kind="boolean", code="WARDROUND//exercise_angina", title="Angina on exercise"),
    Feature(
        name="pain",
        kind="category",
        code="WARDROUND//chest_pain_type",
        title="Chest pain",
        answers=("typical_angina", "non_anginal_pain", "asymptomatic"),
    ),
)


def at(*, day: int, hour: int = 8, year: int = 2026, month: int = 3) -> datetime:
    """A time as MEDS has it: without a zone."""
    return datetime(year, month, day, hour)  # noqa: DTZ001


def event(code: str, *, day: int, value: float | None = None, subject: int = 1, hour: int = 8) -> MedsEvent:
    return MedsEvent(subject, at(day=day, hour=hour), code, value)


def always(code: str, *, subject: int = 1) -> MedsEvent:
    return MedsEvent(subject, None, code, None)


def born(year: int, *, subject: int = 1) -> MedsEvent:
    return MedsEvent(subject, at(year=year, month=1, day=1, hour=0), BIRTH, None)
