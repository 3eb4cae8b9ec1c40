"""A small study with made-up hospitals, and federations of it in memory."""

from pathlib import Path

import numpy as np

from wardround.federation.memory import MemoryFederation, no_fault
from wardround.federation.round import HospitalPolicy
from wardround.federation.study import Study
from wardround.learning.features import RawTable
from wardround.learning.site import SiteData, stratified_split

NAMES = ("basel", "cleveland", "debrecen", "reno")
POLICY = HospitalPolicy(minimum_patients=50)


def small_study(**training) -> Study:
    document = {
        "name": "small",
        "version": 1,
        "title": "A small study",
        "question": "Does it add up?",
        "purpose": "Tests.",
        "contact": "nobody",
        "cohort": {
            "task": {"predicates": {"any": {"code": "X"}}, "trigger": "any", "windows": {}},
            "label_name": "ill",
            "statement": "Made-up patients.",
        },
        "features": [
            {"name": "age", "title": "Age", "kind": "numeric", "code": "MEDS_BIRTH"},
            {"name": "pressure", "title": "Pressure", "kind": "numeric", "code": "LOINC//8480-6", "unit": "mm[Hg]"},
            {
                "name": "pain",
                "title": "Pain",
                "kind": "category",
                "code": "W//pain",
                "answers": ["none", "some", "much"],
            },
            {"name": "angina", "title": "Angina", "kind": "boolean", "code": "W//angina"},
        ],
        "model": {
            "family": "logistic",
            "ridge": 1.0,
            "site": {"intercept": True, "intercept_strength": 0.1, "deviation_strengths": [20.0]},
        },
        "training": {
            "method": "exact",
            "rounds": 15,
            "tolerance": 1e-7,
            "seed": 1,
            "test_fraction": 0.3,
            "folds": 3,
            **training,
        },
        "privacy": {"minimum_patients": 50, "minimum_category_count": 5, "differential_privacy": "off"},
        "publish_site_metrics": False,
        "not_for": ["Anything."],
    }
    return Study.from_document(document)


def made_up_site(study: Study, *, patients: int, seed: int, shift: float) -> SiteData:
    random = np.random.default_rng(seed)
    rows, labels = [], []
    for _ in range(patients):
        age, pressure = float(random.integers(35, 75)), float(random.integers(100, 180))
        pain, angina = str(random.choice(["none", "some", "much"])), bool(random.random() < 0.4)
        logit = shift + 0.06 * (age - 55) + 1.0 * angina + 0.8 * (pain == "much") - 0.7
        labels.append(float(random.random() < 1 / (1 + np.exp(-logit))))
        seen = random.random() > 0.2
        rows.append({"age": age, "pressure": pressure if seen else None, "pain": pain, "angina": angina})
    truth = np.array(labels)
    held_out, folds = stratified_split(truth, test_fraction=0.3, folds=study.training.folds, seed=f"{seed}")
    return SiteData(
        raw=RawTable.of_rows(rows, features=study.features),
        labels=truth,
        training=np.flatnonzero(~held_out),
        held_out=np.flatnonzero(held_out),
        folds=folds[~held_out],
        fold_count=study.training.folds,
    )


def four_sites(study: Study) -> dict[str, SiteData]:
    sizes, shifts = (80, 120, 100, 90), (1.2, 0.0, -0.6, 0.3)
    return {
        name: made_up_site(study, patients=size, seed=place, shift=shift)
        for place, (name, size, shift) in enumerate(zip(NAMES, sizes, shifts, strict=True))
    }


def federation(folder: Path, *, study=None, sites=None, policy=POLICY, fault=no_fault) -> MemoryFederation:
    study = study or small_study()
    return MemoryFederation(study, sites=sites or four_sites(study), folder=folder, policy=policy, fault=fault)
