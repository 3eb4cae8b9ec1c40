"""From what a run tells to what stands on its board, and from its outcome to the facts that are kept. No Django."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from wardround.coordinator.runs.board import OUTCOME, RunBoard
from wardround.coordinator.runs.state import RoundMetric
from wardround.federation.aggregate import RunOutcome
from wardround.federation.durable import write_whole
from wardround.federation.progress import (
    ExchangeBegan,
    ExchangeEnded,
    HospitalsMoved,
    PatientsKnown,
    PhaseEntered,
    Progress,
    RoundDone,
    Said,
    WaitsFor,
)
from wardround.federation.run_state import RoundRecord


class Narrator:
    """Writes each thing a run tells on its board."""

    def __init__(self, board: RunBoard) -> None:
        self._board = board
        self._seconds: list[float] = []

    def __call__(self, told: Progress) -> None:
        match told:
            case PhaseEntered():
                self._board.enter(told.phase, round_number=told.round)
            case ExchangeBegan():
                self._board.ask(told.step, attempt=told.attempt, sizes=told.sizes)
            case ExchangeEnded():
                self._board.hear(told.sizes)
            case WaitsFor():
                self._board.mark({**dict.fromkeys(told.answered, "answered"), **dict.fromkeys(told.late, "silent")})
                self._board.wait(told.late, until=told.until)
            case HospitalsMoved():
                self._board.mark(told.conditions, reason=told.reason)
                self._board.wait([h.name for h in self._board.state.hospitals if h.state == "silent"])
            case PatientsKnown():
                self._board.note(patients_total=told.patients)
            case RoundDone():
                self._seconds.append(told.seconds)
                self._board.note(seconds_per_round=sum(self._seconds) / len(self._seconds))
                if told.metrics is not None:
                    self._board.measure(_metric(told))
                self._board.say(f"Round {told.round} is done in {told.seconds:.1f} s.")
            case Said():
                self._board.say(told.sentence, who=told.who)

    def remember(self, history: tuple[RoundRecord, ...]) -> None:
        """What earlier processes of this run have done."""
        self._seconds = [record.seconds for record in history]


def write_outcome(folder: Path, *, outcome: RunOutcome, parameters: int) -> None:
    """Keep the facts of a run's end beside its board; what they hold is known to the coordinator anyway."""
    facts: dict[str, Any] = {
        "succeeded": outcome.succeeded,
        "sentence": outcome.sentence,
        "roster": list(outcome.roster),
        "rounds": outcome.rounds,
        "converged": outcome.converged,
        "patients": outcome.patients,
        "chosen": outcome.chosen,
        "model_sha256": outcome.model_sha256,
        "parameters": parameters,
        "validation": dict(outcome.validation),
        "metrics": asdict(outcome.metrics) if outcome.metrics else None,
        "calibration": [asdict(row) for row in outcome.calibration],
        "history": [asdict(record) for record in outcome.history],
        "received": list(outcome.received),
    }
    write_whole(folder / OUTCOME, json.dumps(facts, indent=1).encode())


def _metric(told: RoundDone) -> RoundMetric:
    metrics = told.metrics
    if metrics is None:
        return RoundMetric(round=told.round, auroc=None, auroc_low=None, auroc_high=None, brier=None, log_loss=None)
    return RoundMetric(
        round=told.round,
        auroc=metrics.auroc,
        auroc_low=metrics.auroc_low,
        auroc_high=metrics.auroc_high,
        brier=metrics.brier,
        log_loss=metrics.log_loss,
    )
