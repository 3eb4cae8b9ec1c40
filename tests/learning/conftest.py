"""Small made-up hospitals for the learning tests."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from made_up_patients import FEATURES

from wardround.learning.features import Feature, RawTable
from wardround.learning.site import SiteData, stratified_split

torch.set_num_threads(1)


@pytest.fixture
def features() -> tuple[Feature, ...]:
    return FEATURES


@pytest.fixture
def make_table() -> Callable[..., tuple[RawTable, np.ndarray]]:
    """A table of made-up patients and their outcomes; a higher ``shift`` means a sicker hospital."""

    def make(patients: int, *, seed: int, shift: float = 0.0) -> tuple[RawTable, np.ndarray]:
        random = np.random.default_rng(seed)
        rows, labels = [], []
        for _ in range(patients):
            age = int(random.normal(54, 9))
            pressure = float(round(random.normal(130, 17)))
            angina = bool(random.random() < 0.4)
            pain = str(random.choice(["typical_angina", "non_anginal_pain", "asymptomatic"], p=[0.1, 0.3, 0.6]))
            male = bool(random.random() < 0.7)
            logit = shift + 0.05 * (age - 54) + 1.2 * angina + 1.0 * (pain == "asymptomatic") + 0.8 * male - 1.5
            labels.append(float(random.random() < 1 / (1 + np.exp(-logit))))
            rows.append(
                {
                    "age": age,
                    "sex": "male" if male else "female",
                    "pressure": None if random.random() < 0.15 else pressure,
                    "angina": None if random.random() < 0.1 else angina,
                    "pain": pain,
                }
            )
        return RawTable.of_rows(rows, features=FEATURES), np.array(labels)

    return make


@pytest.fixture
def make_site(make_table) -> Callable[..., SiteData]:
    """A hospital of made-up patients, split for a study."""

    def make(patients: int, *, seed: int, shift: float = 0.0, folds: int = 5) -> SiteData:
        raw, labels = make_table(patients, seed=seed, shift=shift)
        held_out, fold_of = stratified_split(labels, test_fraction=0.34, folds=folds, seed=f"site {seed}")
        return SiteData(
            raw=raw,
            labels=labels,
            training=np.flatnonzero(~held_out),
            held_out=np.flatnonzero(held_out),
            folds=fold_of[~held_out],
            fold_count=folds,
        )

    return make
