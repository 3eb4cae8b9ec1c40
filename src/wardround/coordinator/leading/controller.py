"""Leads one run inside the engine: our own state machine, which the engine's tasks carry and nothing more."""

import logging
import os
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from nvflare.apis.client import Client
from nvflare.apis.fl_context import FLContext
from nvflare.apis.impl.controller import Controller
from nvflare.apis.shareable import Shareable
from nvflare.apis.signal import Signal

from wardround.coordinator.engine.transport import EngineTransport, RunStoppedError
from wardround.coordinator.leading.narration import Narrator, write_outcome
from wardround.coordinator.leading.obedience import Obedience
from wardround.coordinator.models.vault import keep_model
from wardround.coordinator.runs.board import (
    PUBLICATION,
    BoardBusyError,
    RunBoard,
    first_state,
    read_options,
    read_state,
    run_folder,
)
from wardround.coordinator.runs.state import RunState
from wardround.coordinator.runs.store import StudyStore
from wardround.federation.aggregate import CoordinatorRun, RunOutcome
from wardround.federation.identity import Member
from wardround.federation.joining import Peer, Publication, public_hex, read_letter
from wardround.federation.secure_sum.context import required_threshold
from wardround.federation.study import SignedStudy, Study, verify
from wardround.learning.artifact import Artifact
from wardround.web.home import Home

_CHECK_SECONDS = 0.02


class StudyController(Controller):
    """One per engine job. It reads the run's publication from the home and keeps the run's state there."""

    def __init__(self, study_hash: str, run_id: str) -> None:
        super().__init__(task_check_period=_CHECK_SECONDS)
        self._study_hash = study_hash
        self._run_id = run_id

    def start_controller(self, fl_ctx: FLContext) -> None:  # noqa: ARG002 - the engine's signature
        # The engine 2.9.0 never reads the constructor's argument; its default of 0.2 s would double a round.
        self.communicator._task_check_period = _CHECK_SECONDS  # noqa: SLF001

    def control_flow(self, abort_signal: Signal, fl_ctx: FLContext) -> None:
        home = Home.load(os.environ["WARDROUND_HOME"])
        folder = run_folder(home, self._run_id)
        study, roster = _publication(folder, home=home)
        if study.hash != self._study_hash:
            raise RunStoppedError("The job names another study than the run's publication.")
        try:
            first = _first_state(self._run_id, study=study, roster=roster, may_shrink=read_options(folder))
            board = RunBoard(folder, state=read_state(folder) or first)
        except BoardBusyError:
            logging.getLogger(__name__).warning("Run %s is led by another process; this one ends.", self._run_id)
            return
        try:
            self._lead(board, home=home, study=study, roster=roster, abort_signal=abort_signal, fl_ctx=fl_ctx)
        except RunStoppedError as stopped:
            board.say(str(stopped))
        finally:
            board.close()

    def stop_controller(self, fl_ctx: FLContext) -> None:
        """Nothing to do: the run's state is on the disk after every step."""

    def process_result_of_unknown_task(
        self, client: Client, task_name: str, client_task_id: str, result: Shareable, fl_ctx: FLContext
    ) -> None:
        """An answer that comes after its exchange ended is dropped: its sender has dropped out of that phase."""

    def _lead(
        self,
        board: RunBoard,
        *,
        home: Home,
        study: Study,
        roster: tuple[Peer, ...],
        abort_signal: Signal,
        fl_ctx: FLContext,
    ) -> None:
        narrator = Narrator(board)
        folder = run_folder(home, self._run_id)
        obedience = Obedience(folder, board=board, stay=partial(_stay, abort_signal))
        transport = EngineTransport(
            self,
            participants=frozenset(client.name for client in fl_ctx.get_engine().get_clients()),
            fl_ctx=fl_ctx,
            abort_signal=abort_signal,
            on_refusal=lambda name, sentence: board.mark({name: "refused"}, reason=sentence),
            on_progress=narrator,
            gives_up=lambda phase, enough: obedience.gives_up(phase, enough=enough),
        )
        run = CoordinatorRun(
            study,
            run=self._run_id,
            members={peer.name: _member(peer) for peer in roster},
            identity=home.identity_key(),
            transport=transport,
            store=StudyStore(home, study_hash=study.hash),
            on_progress=narrator,
            may_shrink=read_options(folder),
            orders=obedience,
        )
        board.say("The run is connected to its hospitals.")
        _conclude(run.run(), board=board, home=home, run_id=self._run_id)


def _stay(abort_signal: Signal) -> None:
    if abort_signal.triggered:
        raise RunStoppedError("The engine ended the job while the run was paused.")


def _conclude(outcome: RunOutcome, *, board: RunBoard, home: Home, run_id: str) -> None:
    folder = run_folder(home, run_id)
    if outcome.succeeded and outcome.model is not None:
        keep_model(home, run_id=run_id, artifact=outcome.model)
        parameters = len(Artifact.from_bytes(outcome.model).weights)
        write_outcome(folder, outcome=outcome, parameters=parameters)
        board.note(rounds=max(outcome.rounds, 1))
        board.finish(outcome.sentence, succeeded=True)
    elif not outcome.resumable:
        write_outcome(folder, outcome=outcome, parameters=0)
        board.finish(outcome.sentence, succeeded=False)
    # Otherwise the run waits for a hospital. A hospital that was restarted takes part in a new job only, so this
    # process ends without finishing the board, and the dispatcher brings the run back.


def _publication(folder: Path, *, home: Home) -> tuple[Study, tuple[Peer, ...]]:
    own = public_hex(home.identity_key())
    publication, _ = read_letter((folder / PUBLICATION).read_bytes(), kind=Publication, signer=own)
    study = verify(SignedStudy.from_bytes(publication.study_bytes), bytes.fromhex(own))
    return study, publication.roster


def _first_state(run_id: str, *, study: Study, roster: tuple[Peer, ...], may_shrink: bool) -> RunState:
    hospitals = tuple(peer.name for peer in roster)
    return first_state(
        run_id,
        study=(study.name, study.title, study.hash),
        hospitals=hospitals,
        rounds=study.training.rounds,
        secure_aggregation=(
            f"Bonawitz et al. 2017, {len(hospitals)} hospitals, {required_threshold(len(hospitals))} must stay; "
            "the coordinator sees sums only"
        ),
        may_shrink=may_shrink,
        minimum=required_threshold(len(hospitals)),
    )


def _member(peer: Peer) -> Member:
    return Member(
        name=peer.name,
        identity=Ed25519PublicKey.from_public_bytes(bytes.fromhex(peer.identity)),
        sealing=X25519PublicKey.from_public_bytes(bytes.fromhex(peer.sealing_key)),
    )
