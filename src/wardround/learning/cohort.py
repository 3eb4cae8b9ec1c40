"""The study's task over a MEDS folder: one row per patient, its index time and its label.

The task is written in the ACES language (Xu et al. 2024, arXiv:2406.19653) and run by es-aces. The heart study's:

    predicates: {angiography: {code: WARDROUND//coronary_angiography},
                 narrowed: {code: WARDROUND//coronary_narrowing//true},
                 clear: {code: WARDROUND//coronary_narrowing//false}, result: {expr: "or(narrowed, clear)"}}
    trigger: angiography
    windows: input:   {start: null, end: trigger, start_inclusive: true, end_inclusive: false, index_timestamp: end}
             outcome: {start: trigger, end: start + 1d, start_inclusive: true, end_inclusive: true,
                       has: {result: "(1, None)"}, label: narrowed}

`has` matters: without it an angiography whose result was never recorded would count as a negative.
"""

import logging
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import yaml
from aces.config import TaskExtractorConfig
from aces.predicates import get_predicates_df
from aces.query import query
from numpy.typing import NDArray
from omegaconf import DictConfig

NO_EVENT = "the event that the study asks for is not recorded"
NO_RESULT = "the event is recorded, but the record does not meet the study's conditions or has no result"
TWICE = "the patient meets the study more than once; the first time is used and the others are dropped"


class CohortError(Exception):
    """The task cannot be run on this folder; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """One row per patient, sorted by subject id. ``dropped`` counts patients without a row, by reason.

    ``labels`` is float64 [patients], 0 or 1; ``index_times[i]`` is when the prediction is made for patient i.
    """

    subject_ids: NDArray[np.int64]
    index_times: tuple[datetime, ...]
    labels: NDArray[np.float64]
    dropped: Mapping[str, int]

    @property
    def times(self) -> dict[int, datetime]:
        """Index time by subject id, in row order."""
        return dict(zip((int(subject) for subject in self.subject_ids), self.index_times, strict=True))


class MedsEvent(NamedTuple):
    """One row of a MEDS table."""

    subject_id: int
    time: datetime | None
    code: str
    numeric_value: float | None


def read_events(meds_folder: Path) -> Iterator[MedsEvent]:
    """Every event of a MEDS folder (data/**/*.parquet)."""
    wanted = ["subject_id", "time", "code", "numeric_value"]
    for shard in _shards(meds_folder):
        for row in pl.read_parquet(shard, columns=wanted).select(wanted).iter_rows():
            yield MedsEvent(*row)


def extract_cohort(meds_folder: Path, *, task: Mapping[str, Any]) -> Cohort:
    """Runs the task; raises CohortError when the folder is empty or the task is not a usable ACES task."""
    shards = _shards(meds_folder)
    config = _task(task)
    rows: dict[int, tuple[datetime, float]] = {}
    dropped = {NO_EVENT: 0, NO_RESULT: 0}
    repeated = 0
    with _quiet_aces():
        for shard in shards:
            predicates = get_predicates_df(config, DictConfig({"path": str(shard), "standard": "meds"}))
            result = query(config, predicates)
            subjects = set(predicates["subject_id"].to_list())
            trigger = config.trigger.predicate
            triggered = set(predicates.filter(pl.col(trigger) > 0)["subject_id"].to_list())
            found: set[int] = set()
            if not result.is_empty():
                if "label" not in result.columns or "index_timestamp" not in result.columns:
                    raise CohortError("The study's task names no label or no index_timestamp; it needs one of each.")
                chosen = result.select("subject_id", "index_timestamp", "label").sort("subject_id", "index_timestamp")
                for subject, time, label in chosen.iter_rows():
                    if subject in found:
                        repeated += 1
                        continue
                    found.add(subject)
                    rows[subject] = (time, float(label > 0))
            dropped[NO_EVENT] += len(subjects - triggered)
            dropped[NO_RESULT] += len(triggered - found)
    if repeated:
        dropped[TWICE] = repeated
    ordered = sorted(rows)
    return Cohort(
        subject_ids=np.array(ordered, dtype=np.int64),
        index_times=tuple(rows[subject][0] for subject in ordered),
        labels=np.array([rows[subject][1] for subject in ordered], dtype=np.float64),
        dropped={reason: count for reason, count in dropped.items() if count},
    )


def _shards(meds_folder: Path) -> list[Path]:
    shards = sorted((meds_folder / "data").glob("**/*.parquet"))
    if not shards:
        raise CohortError("The cohort folder has no event tables; it needs MEDS tables at data/**/*.parquet.")
    return shards


def _task(task: Mapping[str, Any]) -> TaskExtractorConfig:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "task.yaml"
        file.write_text(yaml.safe_dump(dict(task), sort_keys=False), encoding="utf-8")
        try:
            return TaskExtractorConfig.load(file)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CohortError(f"The study's task is not a usable ACES task: {error}") from error


class _quiet_aces:  # noqa: N801 - reads as a phrase where it is used
    """es-aces logs counts of patients at every step; they do not belong in a node's log."""

    def __enter__(self) -> None:
        self._level = logging.getLogger("aces").level
        logging.getLogger("aces").setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        logging.getLogger("aces").setLevel(self._level)
