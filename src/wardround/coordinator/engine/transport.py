"""Carries one message to each hospital and one answer back, over NVIDIA FLARE's tasks: bytes, nothing else."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nvflare.apis.client import Client
from nvflare.apis.controller_spec import ClientTask, Task
from nvflare.apis.fl_context import FLContext
from nvflare.apis.impl.controller import Controller
from nvflare.apis.shareable import Shareable
from nvflare.apis.signal import Signal

from wardround.federation.progress import OnProgress, WaitsFor

TASK = "exchange"
MESSAGE, ANSWER, REFUSAL = "message", "answer", "refusal"
# Once enough hospitals have answered, the others have this long.
GRACE_SECONDS = 3.0
# Where a sum begins (or a model is handed out) a hospital may be on its way back: a worker that was killed starts in
# five to eight seconds, and a sum over fewer hospitals is not an option.
RETURN_SECONDS = 10.0
BEGINNINGS = frozenset({"advertise", "model"})
# The first answer of a worker waits for its imports and its cohort, so it is given more.
START_SECONDS = 60.0
# With too few answers the exchange is given up after this.
EXCHANGE_SECONDS = 60.0
# Whoever has not answered by then is late, and is named.
LATE_SECONDS = 2.0


class RunStoppedError(Exception):
    """The engine ended the job from outside."""


@dataclass
class Exchange:
    """One exchange in flight; filled by the engine's threads under `changed`."""

    expected: frozenset[str]
    changed: threading.Condition = field(default_factory=threading.Condition)
    answers: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)

    @property
    def open(self) -> frozenset[str]:
        return self.expected - self.answers.keys() - self.refusals.keys()


class EngineTransport:
    """federation's Transport over a controller's tasks. One task per hospital, so nobody sees another's message."""

    def __init__(
        self,
        controller: Controller,
        *,
        participants: frozenset[str],
        fl_ctx: FLContext,
        abort_signal: Signal,
        on_refusal: Callable[[str, str], None],
        on_progress: OnProgress,
        gives_up: Callable[[str, bool], bool],
    ) -> None:
        """`participants` are in the engine's job; who is not never answers, and is not waited for.

        `on_refusal(hospital, sentence)`. `gives_up(phase, enough)`: whether to wait no longer in this phase, where
        `enough` says that as many have answered as must.
        """
        self._controller = controller
        self._participants = participants
        self._fl_ctx = fl_ctx
        self._abort = abort_signal
        self._on_refusal = on_refusal
        self._on_progress = on_progress
        self._gives_up = gives_up
        self._started: set[str] = set()

    def exchange(self, requests: Mapping[str, bytes], *, phase: str, minimum: int) -> Mapping[str, bytes]:
        """The answers of those who gave one; who is missing has dropped out of this phase.

        Waits for all; once `minimum` have answered, only for a grace, which is longer where a sum begins.
        """
        exchange = Exchange(expected=self._participants & requests.keys())
        tasks = [self._send(name, requests[name], exchange) for name in sorted(exchange.expected)]
        grace = RETURN_SECONDS if phase in BEGINNINGS else GRACE_SECONDS
        # A model is for each hospital by itself: whoever has it need not wait for the others.
        self._wait(exchange, phase=phase, minimum=1 if phase == "model" else minimum, grace=grace)
        for task in tasks:
            self._controller.cancel_task(task, fl_ctx=self._fl_ctx)
        with exchange.changed:
            answers, refusals = dict(exchange.answers), dict(exchange.refusals)
        self._started |= answers.keys()
        for name, sentence in refusals.items():
            self._on_refusal(name, sentence)
        return answers

    def _send(self, name: str, message: bytes, exchange: Exchange) -> Task:
        def received(client_task: ClientTask, fl_ctx: FLContext) -> None:  # noqa: ARG001 - the engine's signature
            _record(exchange, client_task)

        data = Shareable()
        data[MESSAGE] = message
        task = Task(name=TASK, data=data, timeout=int(EXCHANGE_SECONDS), result_received_cb=received)
        self._controller.broadcast(task=task, fl_ctx=self._fl_ctx, targets=[name], min_responses=1)
        return task

    def _wait(self, exchange: Exchange, *, phase: str, minimum: int, grace: float) -> None:
        start = time.monotonic()
        enough_since: float | None = None
        told: frozenset[str] = frozenset()
        while True:
            with exchange.changed:
                waited_for, answered = exchange.open, frozenset(exchange.answers)
                if len(answered) >= minimum and enough_since is None:
                    enough_since = time.monotonic()
                if not waited_for:
                    return
                patience = grace if waited_for <= self._started else START_SECONDS
                end = start + EXCHANGE_SECONDS if enough_since is None else enough_since + patience
                now = time.monotonic()
                if now > min(end, start + EXCHANGE_SECONDS):
                    return
                exchange.changed.wait(0.05)
            if self._abort.triggered:
                raise RunStoppedError("The engine ended the job before the run was done.")
            if now - start < LATE_SECONDS:
                continue
            if self._gives_up(phase, enough_since is not None):
                return
            if waited_for != told:
                told = waited_for
                until = datetime.now(UTC) + timedelta(seconds=min(end, start + EXCHANGE_SECONDS) - now)
                self._on_progress(WaitsFor(late=waited_for, answered=answered, until=until))


def _record(exchange: Exchange, client_task: ClientTask) -> None:
    client: Client = client_task.client
    result = client_task.result
    answer = result.get(ANSWER) if isinstance(result, Shareable) else None
    refusal = result.get(REFUSAL) if isinstance(result, Shareable) else None
    client_task.result = None  # the engine would keep it until the task is collected
    with exchange.changed:
        if isinstance(answer, bytes):
            exchange.answers[client.name] = answer
        else:
            text = (
                refusal if isinstance(refusal, str) and refusal else "It answered neither with a message nor a reason."
            )
            exchange.refusals[client.name] = text[:500]
        exchange.changed.notify_all()
