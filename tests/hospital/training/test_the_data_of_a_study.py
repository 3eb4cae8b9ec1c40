"""A study's data stay what they were when it began here."""

from dataclasses import replace

import numpy as np
import pytest

from wardround.hospital.training.steadfast import DataChangedError, refuse_if_changed
from wardround.learning.features import Feature, RawTable
from wardround.learning.site import SiteData

FEATURES = (
    Feature(name="age", title="Age", kind="numeric", code="MEDS_BIRTH", unit="a"),
    Feature(name="sex", title="Sex", kind="category", code="GENDER", answers=("female", "male")),
)


@pytest.fixture
def site() -> SiteData:
    rows = [{"age": 50 + number, "sex": "female" if number % 3 else "male"} for number in range(8)]
    return SiteData(
        raw=RawTable.of_rows(rows, features=FEATURES),
        labels=np.array([0.0, 1.0] * 4),
        training=np.arange(6),
        held_out=np.array([6, 7]),
        folds=np.array([0, 1] * 3),
        fold_count=2,
    )


def changed_age(site: SiteData) -> SiteData:
    columns = dict(site.raw.columns)
    columns["age"] = columns["age"].copy()
    columns["age"][3] += 1
    return replace(site, raw=replace(site.raw, columns=columns))


def changed_answer(site: SiteData) -> SiteData:
    columns = dict(site.raw.columns)
    columns["sex"] = columns["sex"].copy()
    columns["sex"][1] = None
    return replace(site, raw=replace(site.raw, columns=columns))


def test_the_same_data_go_on(site, settings, tmp_path):
    refuse_if_changed(site, home=settings.HOME, folder=tmp_path)
    refuse_if_changed(site, home=settings.HOME, folder=tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        changed_age,
        changed_answer,
        lambda site: replace(site, labels=1 - site.labels),
        lambda site: replace(site, training=np.array([0, 1, 2, 3, 4, 7]), held_out=np.array([5, 6])),
        lambda site: replace(site, folds=1 - site.folds),
    ],
)
def test_one_changed_value_label_split_or_fold_is_refused(site, settings, tmp_path, change):
    refuse_if_changed(site, home=settings.HOME, folder=tmp_path)

    with pytest.raises(DataChangedError, match="new version of the study"):
        refuse_if_changed(change(site), home=settings.HOME, folder=tmp_path)
