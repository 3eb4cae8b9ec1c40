"""The study documents of the benchmark: one per set of features, every default written out."""

from collections.abc import Sequence
from typing import Any

from wardround.federation.study import Study
from wardround.learning.features import Feature

MINIMUM_PATIENTS = 30
FOLDS = 5
RIDGE = 1.0


def study_for(features: Sequence[Feature], *, seed: int) -> Study:
    """Exact fit with all candidates. ``minimum_patients`` is 30: FLamby leaves Switzerland 46 patients."""
    document: dict[str, Any] = {
        "name": "benchmark",
        "version": 1,
        "title": "Coronary heart disease, benchmark",
        "question": "How likely is coronary heart disease?",
        "purpose": "Measuring the federation against all records in one place.",
        "contact": "none",
        "cohort": {
            "task": {"predicates": {"any": {"code": "X"}}, "trigger": "any", "windows": {}},
            "label_name": "coronary_disease",
            "statement": "All rows of the table; the label is a narrowing of 50 % or more.",
        },
        "features": [
            {
                "name": feature.name,
                "title": feature.title,
                "kind": feature.kind,
                "code": feature.code,
                "unit": feature.unit,
                "answers": list(feature.answers),
            }
            for feature in features
        ],
        "model": {
            "family": "logistic",
            "ridge": RIDGE,
            "site": {"intercept": True, "intercept_strength": 0.1, "deviation_strengths": [50.0, 20.0, 5.0]},
        },
        "training": {
            "method": "exact",
            "rounds": 15,
            "tolerance": 1e-6,
            "seed": seed,
            "test_fraction": 0.34,
            "folds": FOLDS,
        },
        "privacy": {"minimum_patients": MINIMUM_PATIENTS, "minimum_category_count": 5, "differential_privacy": "off"},
        "publish_site_metrics": False,
        "not_for": ["Anything but this benchmark."],
    }
    return Study.from_document(document)
