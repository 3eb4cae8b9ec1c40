"""The coordinator's part in a run: statistics, rounds, the global model, and its hand-out; resumable at every step.

The order of a round: ask, get the sum, and only then change and store the run. Before an unmasking is asked, the
masked sum is stored: a coordinator killed between the unmasking and its own note of it asks the identical question
again, gets the identical answers, and has the same sum. Everything else is a function of the stored run.
"""

import time
from collections.abc import Callable, Mapping

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from wardround.federation.errors import FederationError, MessageError
from wardround.federation.global_model import global_model, shown_candidate
from wardround.federation.identity import Member
from wardround.federation.messages import decode, encode
from wardround.federation.orders import NoOrders, Orders, StoppedByOrder
from wardround.federation.progress import (
    ExchangeBegan,
    ExchangeEnded,
    HospitalsMoved,
    OnProgress,
    PatientsKnown,
    PhaseEntered,
    RoundDone,
    Said,
    silent,
)
from wardround.federation.round_request import RoundRequest
from wardround.federation.run_outcome import FOLD_TOLERANCE, RunOutcome, finished_outcome, stopped_outcome
from wardround.federation.run_state import Pending, RoundRecord, RunMemory, StateStore
from wardround.federation.sealing import SealedUse, seal
from wardround.federation.study import Study
from wardround.federation.summation import (
    Federation,
    HospitalsMissing,
    Question,
    Summation,
    Summed,
    Transport,
    UnmaskingUnanswered,
    refusals_in,
    sha256,
)
from wardround.learning.evaluate import SMALLEST_CELL, federated_metrics
from wardround.learning.newton import NewtonError, NewtonState
from wardround.learning.round_layout import Layout, RoundSums, read_average, read_derivatives
from wardround.learning.statistics import FederatedStatistics, federated_statistics, statistics_length

__all__ = ["CoordinatorRun", "RunOutcome"]

Floats = NDArray[np.float64]

# A model whose coefficients would still move by less than this (standardised units) is as good as final.
NEARLY_THERE = 0.1


class CoordinatorRun:
    """One study's run over a transport. ``run`` may be called again, in a new process too, on the same store."""

    def __init__(
        self,
        study: Study,
        *,
        run: str,
        members: Mapping[str, Member],
        identity: Ed25519PrivateKey,
        transport: Transport,
        store: StateStore,
        on_progress: OnProgress = silent,
        may_shrink: bool = False,
        orders: Orders | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``members``: the hospitals asked to take part, by name; ``identity`` signs requests and the model.

        ``may_shrink``: go on without a hospital that left for good (the hospitals' own policy must allow it too).
        ``orders``: what an operator wants of the run, asked at its safe points.
        """
        self._study = study
        self._hash = study.hash
        self._store = store
        self._tell = on_progress
        self._clock = clock
        self._may_shrink = may_shrink
        self._orders = orders or NoOrders()
        self._federation = Federation(
            members=members, identity=identity, transport=transport, on_progress=on_progress, orders=self._orders
        )
        stored = store.load()
        if stored is None:
            self._memory = RunMemory(study_hash=self._hash, run=run, roster=tuple(sorted(members)))
        else:
            self._memory = RunMemory.from_bytes(stored, study_hash=self._hash)
        self._facts: FederatedStatistics | None = None

    def run(self) -> RunOutcome:
        """Everything that is still to do. Returns for every way a run can end; raises nothing a hospital can cause."""
        try:
            self._refuse_other_hospitals()
            if self._memory.stage == "statistics":
                self._begin(0)
                self._sum_statistics()
            self._know_patients()
            while self._memory.stage == "training":
                self._begin(self._memory.round + 1)
                self._one_round()
            return self._hand_out()
        except StoppedByOrder as order:
            return self._stopped(f"{order} {self._learned}", resumable=False)
        except (HospitalsMissing, UnmaskingUnanswered) as waiting:
            return self._stopped(str(waiting), resumable=True)
        except (FederationError, NewtonError, ValueError) as error:
            return self._stopped(str(error), resumable=False)

    def _begin(self, number: int) -> None:
        """A round of which the unmasking was asked has begun long ago; it is finished whatever is ordered."""
        pending = self._memory.pending
        if pending is None or pending.round != number:
            self._orders.before_round(number)

    def _refuse_other_hospitals(self) -> None:
        unknown = sorted(set(self._memory.roster) - self._federation.members.keys())
        if unknown:
            raise FederationError(
                f"This study was begun with {', '.join(unknown)}, and a study's hospitals do not change. "
                "Run it with all of them, or publish a new version of the study."
            )

    def _sum_statistics(self) -> None:
        self._tell(PhaseEntered(phase="statistics", round=0))
        length = statistics_length(self._study.features)
        # Before the first sum is revealed, hospitals that refuse or do not answer are simply not in the study.
        summed = self._sum(RoundRequest(kind="statistics"), round_number=0, length=length, may_shrink=True)
        self._facts = self._read_statistics(summed.total)
        layout = self._layout
        self._remember(
            self._memory.changed(
                roster=summed.roster,
                stage="training",
                round=0,
                statistics=summed.total,
                newton=NewtonState.start(models=layout.models, weights=layout.weights),
                pending=None,
            )
        )

    def _know_patients(self) -> None:
        if self._memory.statistics is None:
            raise FederationError("The stored run has no statistics.")
        self._facts = self._read_statistics(self._memory.statistics)
        if self._facts.patients >= SMALLEST_CELL:
            self._tell(PatientsKnown(patients=self._facts.patients))

    def _read_statistics(self, total: Floats) -> FederatedStatistics:
        return federated_statistics(
            total, features=self._study.features, minimum_count=self._study.privacy.minimum_category_count
        )

    def _one_round(self) -> None:
        memory, training = self._memory, self._study.training
        newton = self._newton
        number = memory.round + 1
        self._tell(PhaseEntered(phase="training", round=number))
        started = self._clock()
        averaging = training.method == "fedavg" and number <= training.rounds
        request = RoundRequest(kind="update" if averaging else "fit", statistics=memory.statistics, shared=newton.trial)
        layout = self._layout
        try:
            summed = self._sum(
                request,
                round_number=number,
                length=layout.average_length if averaging else layout.derivatives_length,
                may_shrink=self._may_shrink,
            )
        except HospitalsMissing as missing:
            self._end_early(missing)
            return
        if summed.roster != memory.roster:
            # Another set of patients is another objective; the trial is taken as it is.
            newton = _restarted(newton)
        if averaging:
            sums = read_average(summed.total, layout=layout)
            newton, took = _averaged(newton, sums=sums), np.ones(layout.models, dtype=bool)
        else:
            sums = read_derivatives(summed.total, layout=layout)
            newton = newton.advance(
                loss=sums.loss,
                gradient=sums.gradient,
                hessian=sums.hessian,
                ridge=self._study.model.ridge,
                tolerance=training.tolerance,
            )
            took = newton.accepted_last
        self._complete(summed, number=number, newton=newton, sums=sums, took=took, started=started, final=not averaging)

    def _complete(
        self,
        summed: Summed,
        *,
        number: int,
        newton: NewtonState,
        sums: RoundSums,
        took: NDArray[np.bool_],
        started: float,
        final: bool,
    ) -> None:
        layout, memory = self._layout, self._memory
        by_candidate = took.reshape(len(layout.candidates), 1 + layout.folds)
        validation = _taken(memory.validation, new=sums.validation, took=by_candidate[:, 1:])
        histograms = _taken(memory.histograms, new=sums.histograms, took=by_candidate[:, :1])
        chosen = shown_candidate(validation)
        record = RoundRecord(
            round=number,
            candidate=layout.candidates[chosen].name,
            metrics=federated_metrics(histograms[chosen]),
            largest_step=float(newton.largest_step[layout.whole].max()) if final else float("inf"),
            seconds=self._clock() - started,
            bytes_up_per_hospital=summed.bytes_up_per_hospital,
        )
        done = self._is_done(newton, number=number)
        self._remember(
            memory.changed(
                roster=summed.roster,
                round=number,
                newton=newton,
                validation=validation,
                histograms=histograms,
                history=(*memory.history, record),
                pending=None,
                stage="handing out" if done else "training",
            )
        )
        self._tell(
            RoundDone(
                round=number,
                metrics=record.metrics,
                candidate=record.candidate,
                largest_step=record.largest_step,
                seconds=record.seconds,
                bytes_up_per_hospital=record.bytes_up_per_hospital,
            )
        )

    def _is_done(self, newton: NewtonState, *, number: int) -> bool:
        training = self._study.training
        if training.method == "fedavg":
            # One round of derivatives at the final weights gives the intervals.
            return number > training.rounds
        whole = bool((newton.largest_step[self._layout.whole] < training.tolerance).all())
        return (whole and bool((newton.largest_step < FOLD_TOLERANCE).all())) or number >= training.rounds

    def _end_early(self, missing: HospitalsMissing) -> None:
        """A hospital is gone for good: the last complete model stays, if it is as good as final."""
        newton = self._newton
        step = float(newton.largest_step[self._layout.whole].max())
        if self._memory.history == () or self._study.training.method == "fedavg" or not step < NEARLY_THERE:
            raise missing
        self._tell(Said(sentence=f"{missing} The training ends with the model of round {self._memory.round}."))
        self._remember(self._memory.changed(stage="handing out", ended_early=True))

    def _hand_out(self) -> RunOutcome:
        memory = self._memory
        if memory.artifact is None:
            model = global_model(self._study, memory=memory, facts=self._known_facts, layout=self._layout)
            self._remember(memory.changed(artifact=model.to_bytes()))
        self._tell(PhaseEntered(phase="handing out", round=self._memory.round))
        for _ in range(3):
            waiting = tuple(name for name in self._memory.roster if name not in self._memory.received)
            if not waiting:
                break
            self._send_model(waiting)
        self._remember(self._memory.changed(stage="done"))
        self._tell(PhaseEntered(phase="finished", round=self._memory.round))
        return finished_outcome(
            self._memory, layout=self._layout, facts=self._known_facts, tolerance=self._study.training.tolerance
        )

    def _send_model(self, names: tuple[str, ...]) -> None:
        data = self._memory.artifact or b""
        to = {name: self._federation.members[name].sealing for name in names}
        which = {"study": self._hash, "run": self._memory.run, "round": self._memory.round}
        about = SealedUse(study=self._hash, run=self._memory.run, round=self._memory.round, use="model")
        envelopes = seal(data, to=to, signer=self._federation.identity, about=about)
        requests = {name: encode("model", {**which, "envelope": envelopes[name]}) for name in names}
        self._tell(
            ExchangeBegan(step="model", attempt=1, sizes={name: len(message) for name, message in requests.items()})
        )
        answers = self._federation.transport.exchange(requests, phase="model", minimum=len(names))
        self._tell(ExchangeEnded(step="model", sizes={name: len(answer) for name, answer in answers.items()}))
        for name, sentence in refusals_in(answers).items():
            self._tell(HospitalsMoved(conditions={name: "refused"}, reason=sentence))
        received = tuple(name for name in names if name in answers and self._has_it(name, answers[name], data=data))
        self._tell(HospitalsMoved(conditions=dict.fromkeys(received, "finished")))
        self._remember(self._memory.changed(received=tuple(sorted({*self._memory.received, *received}))))

    def _has_it(self, name: str, answer: bytes, *, data: bytes) -> bool:
        try:
            message = decode(answer, direction="to coordinator", kind="model received")
        except MessageError:
            return False
        return message.is_signed_by(self._federation.members[name].identity) and message.text("model") == sha256(data)

    def _sum(self, request: RoundRequest, *, round_number: int, length: int, may_shrink: bool) -> Summed:
        memory = self._memory
        pending = memory.pending

        def keep(masked: bytes, roster: tuple[str, ...]) -> None:
            self._remember(self._memory.changed(pending=Pending(round=round_number, masked=masked, roster=roster)))

        summation = Summation(self._federation, keep=keep)
        if pending is not None and pending.round == round_number:
            self._tell(
                Said(sentence=f"The unmasking of round {round_number} is asked again, as it was before the stop.")
            )
            return summation.resume(pending.masked, roster=pending.roster)
        question = Question(study=self._hash, run=memory.run, round=round_number, request=request, length=length)
        return summation.sum(question, roster=memory.roster, may_shrink=may_shrink)

    def _remember(self, memory: RunMemory) -> None:
        self._store.save(memory.to_bytes())
        self._memory = memory

    @property
    def _learned(self) -> str:
        """What is known when a run is stopped before its model is made."""
        done = self._memory.round
        if done < 0:
            return "Nothing was learned: no sum was revealed, and no model was made."
        if done == 0:
            return "The counts and means over all hospitals are known; no round was finished, and no model was made."
        metrics = self._memory.history[-1].metrics
        reached = "" if metrics is None else f", the last with an AUROC of {metrics.auroc:.3f} on held-out patients"
        rounds = "1 round was" if done == 1 else f"{done} rounds were"
        return f"{rounds} finished{reached}; no model was made. A new run of this study goes on from there."

    @property
    def _newton(self) -> NewtonState:
        if self._memory.newton is None:
            raise FederationError("The stored run has no models under way.")
        return self._memory.newton

    @property
    def _known_facts(self) -> FederatedStatistics:
        if self._facts is None:
            raise FederationError("The federated statistics are not known yet.")
        return self._facts

    @property
    def _layout(self) -> Layout:
        return Layout.of(self._study.model, folds=self._study.training.folds, encoder=self._known_facts.encoder)

    def _stopped(self, sentence: str, *, resumable: bool) -> RunOutcome:
        self._tell(Said(sentence=sentence))
        if not resumable:
            self._tell(PhaseEntered(phase="ended", round=max(self._memory.round, 0)))
        return stopped_outcome(sentence, memory=self._memory, facts=self._facts, resumable=resumable)


def _taken(before: Floats | None, *, new: Floats, took: NDArray[np.bool_]) -> Floats:
    """The new figures of models that took their trial; the earlier ones of those that did not."""
    return new if before is None else np.where(took, new, before)


def _averaged(newton: NewtonState, *, sums: RoundSums) -> NewtonState:
    """FedAvg: the mean local movement, weighted by patients, from the weights that were sent."""
    if np.any(sums.patients < 1):
        raise ValueError("A model of this round has no patients.")
    moved = newton.trial + sums.movement / sums.patients[:, None]
    return NewtonState(**{**vars(newton), "accepted": newton.trial, "trial": moved})


def _restarted(newton: NewtonState) -> NewtonState:
    return NewtonState(**{**vars(newton), "objective": np.full_like(newton.objective, np.inf)})
