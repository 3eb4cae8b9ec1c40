"""Whom the figures of a model are told apart by: sex and age band, and which groups are too small to be shown."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wardround.learning.features import BIRTH, RawTable

FEWEST_PATIENTS = 10
FEWEST_OF_OUTCOME = 5
SEX = "GENDER"
# From, below: in whole years.
AGE_BANDS: tuple[tuple[int, int | None], ...] = ((0, 45), (45, 55), (55, 65), (65, None))


@dataclass(frozen=True, kw_only=True)
class Subgroup:
    """``members`` bool [patients]; ``kind`` is sex or age; ``name`` an answer, or a band as ``45-54``."""

    kind: str
    name: str
    members: NDArray[np.bool_]


def subgroups_of(raw: RawTable) -> tuple[Subgroup, ...]:
    """The groups of a cohort by those of its inputs that say sex and age; nobody without the answer is in one."""
    found: list[Subgroup] = []
    for feature in raw.features:
        column: NDArray[Any] = raw.columns[feature.name]
        if feature.code == SEX:
            found += [Subgroup(kind="sex", name=answer, members=column == answer) for answer in feature.choices]
        elif feature.code == BIRTH:
            years = column.astype(np.float64)
            found += [Subgroup(kind="age", name=_name(*band), members=_in_band(years, *band)) for band in AGE_BANDS]
    return tuple(group for group in found if group.members.any())


def is_small(labels: NDArray[np.float64]) -> bool:
    """Fewer than ten patients, or fewer than five with or without the outcome."""
    positives = int(labels.sum())
    return len(labels) < FEWEST_PATIENTS or min(positives, len(labels) - positives) < FEWEST_OF_OUTCOME


def _name(low: int, high: int | None) -> str:
    if high is None:
        return f"{low}+"
    return f"<{high}" if low == 0 else f"{low}-{high - 1}"


def _in_band(years: NDArray[np.float64], low: int, high: int | None) -> NDArray[np.bool_]:
    above = np.nan_to_num(years, nan=-1.0) >= low
    return above if high is None else above & (years < high)
