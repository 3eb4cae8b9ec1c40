"""What is known about one run: the nouns that the live page shows and the commands print."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Phase = Literal["waiting", "preparing", "statistics", "training", "evaluation", "handing out", "finished", "abandoned"]
HospitalCondition = Literal["waiting", "working", "answered", "silent", "refused", "away", "finished"]


@dataclass(frozen=True)
class HospitalState:
    """Where one hospital stands. `reason` is its own sentence when it refused, else empty."""

    name: str
    state: HospitalCondition
    since: datetime
    reason: str = ""


@dataclass(frozen=True)
class RoundMetric:
    """The global model after one round, over all hospitals together; None where the study does not evaluate."""

    round: int
    auroc: float | None
    auroc_low: float | None
    auroc_high: float | None
    brier: float | None
    log_loss: float | None


@dataclass(frozen=True)
class LogLine:
    """One thing that happened. `who` is a hospital's name or "coordinator"."""

    time: datetime
    who: str
    sentence: str


@dataclass(frozen=True)
class RunState:
    """One run as a person sees it; made anew at each call, so two calls may differ."""

    run_id: str
    study_name: str
    study_title: str
    study_hash: str
    started: datetime
    updated: datetime
    round: int  # 0 before the first round
    rounds: int  # the most there may be: the exact fit usually ends earlier
    phase: str
    hospitals: tuple[HospitalState, ...]
    metrics: tuple[RoundMetric, ...]
    seconds_per_round: float | None
    patients_total: int | None  # None until the secure sum of patient numbers is known
    secure_aggregation: str
    waiting_for: str | None  # the name of the hospital, or hospitals, that all others wait for
    log: tuple[LogLine, ...]  # oldest first
    finished: bool  # ended, whether well or not
    succeeded: bool
    outcome: str  # a sentence once finished, else empty


@dataclass(frozen=True)
class RunLine:
    """One row of the list of runs."""

    run_id: str
    study_title: str
    started: datetime
    round: int
    rounds: int
    finished: bool
    succeeded: bool
    outcome: str
