"""Carries one message to each hospital and one answer back, over NVIDIA FLARE's tasks: bytes, nothing else."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nvflare.apis.client import Client
from nvflare.apis.controller_spec import ClientTask, Task
from nvflare.apis.fl_context import FLContext
from nvflare.apis.impl.controller import Controller
from nvflare.apis.shareable import Shareable
from nvflare.apis.signal import Signal

TASK = "exchange"
MESSAGE, ANSWER, REFUSAL = "message", "answer", "refusal"
# Once enough hospitals have answered, the others have this long: a worker killed by a signal is back by then.
GRACE_SECONDS = 3.0
# The first answer of a worker waits for its imports and its cohort, so it is given more.
START_SECONDS = 60.0
# With too few answers the exchange is given up after this.
EXCHANGE_SECONDS = 120.0


class RunStoppedError(Exception):
    """The engine ended the job from outside."""


@dataclass
class Exchange:
    """One exchange in flight; filled by the engine's threads under `changed`."""

    expected: frozenset[str]
    changed: threading.Condition = field(default_factory=threading.Condition)
    fetched: set[str] = field(default_factory=set)
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
        fl_ctx: FLContext,
        abort_signal: Signal,
        on_refusal: Callable[[str, str], None],
        on_answer: Callable[[str, int, int], None],
    ) -> None:
        """`on_refusal(hospital, sentence)`; `on_answer(hospital, bytes down, bytes up)`."""
        self._controller = controller
        self._fl_ctx = fl_ctx
        self._abort = abort_signal
        self._on_refusal = on_refusal
        self._on_answer = on_answer
        self._started: set[str] = set()
        self._silent: set[str] = set()

    def exchange(self, requests: Mapping[str, bytes], *, phase: str, minimum: int) -> Mapping[str, bytes]:
        """The answers of those who gave one; who is missing has dropped out of this phase.

        Waits for all; once `minimum` have answered, only GRACE_SECONDS more. A hospital that was silent before is
        waited for only if it has fetched this message, so one dead hospital costs the grace once, not in each phase.
        """
        exchange = Exchange(expected=frozenset(requests))
        tasks = [self._send(name, message, exchange) for name, message in requests.items()]
        self._wait(exchange, minimum=minimum)
        for task in tasks:
            self._controller.cancel_task(task, fl_ctx=self._fl_ctx)
        with exchange.changed:
            answers, refusals, missing = dict(exchange.answers), dict(exchange.refusals), exchange.open
        self._silent = (self._silent | missing) - answers.keys() - refusals.keys()
        self._started |= answers.keys()
        for name, sentence in refusals.items():
            self._on_refusal(name, sentence)
        for name, answer in answers.items():
            self._on_answer(name, len(requests[name]), len(answer))
        return answers

    def _send(self, name: str, message: bytes, exchange: Exchange) -> Task:
        def sent(client_task: ClientTask, fl_ctx: FLContext) -> None:
            with exchange.changed:
                exchange.fetched.add(client_task.client.name)
                exchange.changed.notify_all()

        def received(client_task: ClientTask, fl_ctx: FLContext) -> None:
            _record(exchange, client_task)

        data = Shareable()
        data[MESSAGE] = message
        task = Task(
            name=TASK, data=data, timeout=int(EXCHANGE_SECONDS), after_task_sent_cb=sent, result_received_cb=received
        )
        self._controller.broadcast(task=task, fl_ctx=self._fl_ctx, targets=[name], min_responses=1)
        return task

    def _wait(self, exchange: Exchange, *, minimum: int) -> None:
        start = time.monotonic()
        enough_since: float | None = None
        while True:
            with exchange.changed:
                waited_for = self._waited_for(exchange)
                if len(exchange.answers) >= minimum and enough_since is None:
                    enough_since = time.monotonic()
                now = time.monotonic()
                if not waited_for or now - start > EXCHANGE_SECONDS:
                    return
                if enough_since is not None:
                    grace = GRACE_SECONDS if waited_for <= self._started else START_SECONDS
                    if now - enough_since > grace:
                        return
                exchange.changed.wait(0.05)
            if self._abort.triggered:
                raise RunStoppedError("The engine ended the job before the run was done.")

    def _waited_for(self, exchange: Exchange) -> frozenset[str]:
        return exchange.open - (self._silent - exchange.fetched)


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
