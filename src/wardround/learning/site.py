"""One hospital's data for one study: its patients' inputs, and who is held out, in which fold."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wardround.learning.cohort import extract_cohort, read_events
from wardround.learning.features import Feature, RawTable, raw_features

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SiteData:
    """All labelled patients of one hospital, split once for the whole study.

    ``training`` and ``held_out`` are row numbers; ``folds`` gives each training patient's fold, 0 to ``fold_count`` - 1.
    A held-out patient takes no part in statistics, training, selection, calibration or adoption.
    """

    raw: RawTable
    labels: Floats
    training: NDArray[np.int64]
    held_out: NDArray[np.int64]
    folds: NDArray[np.int64]
    fold_count: int
    subject_ids: NDArray[np.int64] | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        both = np.concatenate([self.training, self.held_out])
        if len(np.unique(both)) != len(both) or len(both) != self.raw.patients or len(self.labels) != self.raw.patients:
            raise ValueError("Each labelled patient must be either trained on or held out, once.")
        if len(self.folds) != len(self.training):
            raise ValueError("Each training patient needs a fold.")

    @property
    def patients(self) -> int:
        """Labelled patients before splitting: what ``minimum_patients`` is compared with."""
        return self.raw.patients

    @property
    def training_raw(self) -> RawTable:
        return self.raw.rows(self.training)

    @property
    def training_labels(self) -> Floats:
        return self.labels[self.training]

    @property
    def held_out_raw(self) -> RawTable:
        return self.raw.rows(self.held_out)

    @property
    def held_out_labels(self) -> Floats:
        return self.labels[self.held_out]


def site_data(
    meds_folder: Path,
    *,
    task: Mapping[str, Any],
    features: Sequence[Feature],
    test_fraction: float,
    folds: int,
    seed: str,
) -> SiteData:
    """A hospital's cohort from its MEDS folder. ``seed`` is ``split_seed(study_hash, hospital)``.

    Raises CohortError when the task does not run.
    """
    cohort = extract_cohort(meds_folder, task=task)
    found = raw_features(read_events(meds_folder), index_times=cohort.times, features=features)
    order = order_by_content(found, labels=cohort.labels)
    raw, labels = found.rows(order), cohort.labels[order]
    held_out, fold_of = stratified_split(labels, test_fraction=test_fraction, folds=folds, seed=seed)
    return SiteData(
        raw=raw,
        labels=labels,
        training=np.flatnonzero(~held_out),
        held_out=np.flatnonzero(held_out),
        folds=fold_of[~held_out],
        fold_count=folds,
        subject_ids=cohort.subject_ids[order],
        dropped=cohort.dropped,
    )


def order_by_content(raw: RawTable, *, labels: Floats) -> NDArray[np.int64]:
    """Row numbers in an order that depends on what is recorded, and on nothing else.

    Subject ids are keyed with a secret of the home. Were the split made in their order, the same patients of the same
    study would be split otherwise after every installation, and no run could be repeated. Patients that are alike in
    every input and in the outcome may change places: no figure can tell.
    """
    columns = [raw.columns[feature.name] for feature in raw.features]
    content = ["|".join([str(labels[row]), *(str(column[row]) for column in columns)]) for row in range(raw.patients)]
    digests = [hashlib.sha256(text.encode()).digest() for text in content]
    return np.array(sorted(range(raw.patients), key=digests.__getitem__), dtype=np.int64)


def split_seed(study_hash: str, hospital: str) -> str:
    """The seed of a hospital's split: no other hospital's, no other study's."""
    return f"{study_hash}|{hospital}|split"


def generator(seed: str) -> np.random.Generator:
    """A random generator whose stream depends on nothing but the text."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")))


def stratified_split(
    labels: Floats, *, test_fraction: float, folds: int, seed: str
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Who is held out (bool [patients]) and the fold of everybody else (-1 for held out), equal shares per outcome."""
    if not 0 <= test_fraction < 1 or folds < 2:
        raise ValueError("The held-out share must be in [0, 1) and there must be at least two folds.")
    random = generator(seed)
    held_out = np.zeros(len(labels), dtype=bool)
    fold_of = np.full(len(labels), -1, dtype=np.int64)
    start = 0
    for outcome in (0.0, 1.0):
        members = random.permutation(np.flatnonzero(labels == outcome))
        out = int(np.ceil(len(members) * test_fraction)) if test_fraction else 0
        held_out[members[:out]] = True
        kept = members[out:]
        # The next outcome goes on where this one ended, so that folds stay equal in size.
        fold_of[kept] = (start + np.arange(len(kept))) % folds
        start += len(kept)
    return held_out, fold_of
