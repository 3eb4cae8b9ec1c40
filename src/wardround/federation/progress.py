"""What a coordinator's run tells while it goes on: for a live page, a log, a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wardround.learning.evaluate import Metrics

RunPhase = Literal["statistics", "training", "handing out", "finished", "ended"]
Condition = Literal["working", "answered", "silent", "refused", "away", "finished"]


@dataclass(frozen=True, kw_only=True)
class PhaseEntered:
    """The run enters a phase; ``round`` is 0 before the training."""

    phase: RunPhase
    round: int


@dataclass(frozen=True, kw_only=True)
class ExchangeBegan:
    """One message goes to each of these hospitals, of so many bytes; from now on they work.

    ``step`` is the phase of the secure sum, or "model"; ``attempt`` counts the tries at one sum from 1.
    """

    step: str
    attempt: int
    sizes: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class ExchangeEnded:
    """The answers that came, by hospital, in bytes. Who is missing gave none in time."""

    step: str
    sizes: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class WaitsFor:
    """An exchange takes longer than usual: who has answered, who has not, and until when it waits at most."""

    late: frozenset[str]
    answered: frozenset[str]
    until: datetime


@dataclass(frozen=True, kw_only=True)
class HospitalsMoved:
    """Where hospitals stand now. ``reason`` is a hospital's own sentence when it refused, else empty."""

    conditions: Mapping[str, Condition]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PatientsKnown:
    """Training patients over all hospitals, from the secure sum (at least five, or it would not be told)."""

    patients: int


@dataclass(frozen=True, kw_only=True)
class RoundDone:
    """One round's secure sum is read. ``metrics`` are of the shown candidate on the held-out patients of all hospitals.

    ``candidate`` names it; ``largest_step`` is how far its coefficients are from the optimum (inf for FedAvg).
    """

    round: int
    metrics: Metrics | None
    candidate: str
    largest_step: float
    seconds: float
    bytes_up_per_hospital: int


@dataclass(frozen=True, kw_only=True)
class Said:
    """A sentence for the log. ``who`` is a hospital or "coordinator"."""

    sentence: str
    who: str = "coordinator"


Progress = PhaseEntered | ExchangeBegan | ExchangeEnded | WaitsFor | HospitalsMoved | PatientsKnown | RoundDone | Said
OnProgress = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """For runs that nobody watches."""
