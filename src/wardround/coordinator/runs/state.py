"""What is known about one run: the nouns that the live page shows and the commands print."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

HospitalCondition = Literal["waiting", "working", "answered", "silent", "refused", "away", "finished"]


@dataclass(frozen=True)
class HospitalState:
    """Where one hospital stands. `reason` is its own sentence when it refused, else empty.

    `step` is the phase it was last asked in, `heard` when its last answer came; messages and bytes are of this run.
    """

    name: str
    state: HospitalCondition
    since: datetime
    reason: str = ""
    step: str = ""
    heard: datetime | None = None
    messages: int = 0
    bytes_up: int = 0
    bytes_down: int = 0


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
class Held:
    """An operator's pause that the run obeys."""

    by: str
    reason: str
    since: datetime


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
    phase: str  # waiting, preparing, statistics, training, evaluation, handing out, finished, abandoned
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
    step: str = ""  # the phase of the secure sum, or "model"
    attempt: int = 1  # which try at the present sum
    waits_until: datetime | None = None  # when the exchange that waits for `waiting_for` ends at the latest
    may_shrink: bool = False  # may go on without a hospital that left, as far as its operator is concerned
    minimum: int = 0  # hospitals that must stay
    held: Held | None = None
    led: bool = True  # a process leads the run, as far as the last one that did has said


@dataclass(frozen=True)
class RunLine:
    """One row of the list of runs."""

    run_id: str
    study_title: str
    study_hash: str
    started: datetime
    round: int
    rounds: int
    finished: bool
    succeeded: bool
    outcome: str
