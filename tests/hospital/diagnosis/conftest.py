"""A small model whose numbers can be worked by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest

from wardround.hospital.records.queries import Facts, FactValue
from wardround.hospital.training.queries import AdoptedModel
from wardround.learning.artifact import Artifact
from wardround.learning.calibrate import Calibration
from wardround.learning.features import Column, Encoder, Feature
from wardround.learning.predict import SitePart

NOW = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - as in MEDS: UTC without a zone
DAY_0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY_1 = datetime(2026, 3, 3, 10, tzinfo=UTC)
DAY_2 = datetime(2026, 3, 4, 13, tzinfo=UTC)
WARDROUND = "urn:wardround:code"

FEATURES = (
    Feature(name="age", kind="numeric", code="MEDS_BIRTH", title="Age", unit="a"),
    Feature(
        name="pressure", kind="numeric", code="LOINC//8480-6", title="Resting systolic blood pressure", unit="mm[Hg]"
    ),
    Feature(name="angina", kind="boolean", code="WARDROUND//exercise_angina", title="Angina under exercise"),
    Feature(
        name="pain",
        kind="category",
        code="WARDROUND//chest_pain_type",
        title="Type of chest pain",
        answers=("typical_angina", "asymptomatic"),
    ),
)
COLUMNS = (
    Column(feature="age", part="value", mean=50, sd=10),
    Column(feature="pressure", part="value", mean=130, sd=20),
    Column(feature="angina", part="true", mean=0.5, sd=0.5),
    Column(feature="pain", part="asymptomatic", mean=0.5, sd=0.5),
)
TASK = {
    "predicates": {"angiography": {"code": "WARDROUND//coronary_angiography"}},
    "trigger": "angiography",
}


@pytest.fixture
def make_model():
    """A model with intercept 0.1 and weights 0.2 (age), 0.4 (pressure), 0.3 (angina), -0.5 (asymptomatic)."""

    def make(*, calibration: Calibration | None = None, **figures: object) -> AdoptedModel:
        size = 1 + len(COLUMNS)
        artifact = Artifact(
            kind="global",
            study="heart",
            study_hash="d" * 64,
            outcome="coronary_disease",
            encoder=Encoder(features=FEATURES, columns=COLUMNS),
            weights=np.array([0.1, 0.2, 0.4, 0.3, -0.5]),
            covariance=np.eye(size) * 0.01,
            fold_weights=np.zeros((5, size)),
            ranges=(("age", 28.0, 77.0),),
            training={"hospitals": 4, "patients": 607},
        )
        site = SitePart(
            weights=np.zeros(size), covariance=artifact.covariance, calibration=calibration or Calibration()
        )
        return AdoptedModel(
            study_name="heart",
            study_title="Coronary heart disease before angiography",
            study_hash="d" * 64,
            study={"version": "1", "cohort": {"task": TASK}, "not_for": ["Patients under 18."]},
            kind="federated",
            artifact=artifact,
            site=site,
            decision={"sentence": "It is no worse here."},
            figures=figures,
            run_id="heart-1",
            made=DAY_2,
        )

    return make


@pytest.fixture
def make_facts():
    """What is known of a patient born in 1966: pressure 150, angina, no chest pain, angiography on day 2."""

    def make(
        *, without: tuple[str, ...] = (), birth_year: int | None = 1966, extra: tuple[FactValue, ...] = ()
    ) -> Facts:
        values = (
            FactValue("measurement", "chest_pain_type", "", "", DAY_0, "asymptomatic", ""),
            FactValue("measurement", "systolic_pressure", "", "", DAY_0, 150.0, "mm[Hg]"),
            FactValue("measurement", "exercise_angina", "", "", DAY_1, True, ""),
            FactValue("procedure", "", WARDROUND, "coronary_angiography", DAY_2, None, ""),
        )
        kept = tuple(value for value in values if value.measurement not in without and value.code not in without)
        return Facts(patient_id="p1", gender="female", birth_year=birth_year, values=(*kept, *extra), held=0)

    return make
