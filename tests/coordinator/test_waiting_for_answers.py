"""An exchange over the engine: who is late is told while it waits, and an order ends the wait only where it may."""

import threading
from types import SimpleNamespace

import pytest
from nvflare.apis.shareable import Shareable
from nvflare.apis.signal import Signal

from wardround.coordinator.engine import transport
from wardround.coordinator.engine.transport import ANSWER, EngineTransport, RunStoppedError
from wardround.federation.progress import WaitsFor

NAMES = frozenset({"budapest", "cleveland", "zurich"})


class Engine:
    """Hospitals as the engine's controller reaches them: `prompt` ones answer at once, others when `answer` is called."""

    def __init__(self, prompt):
        self.prompt, self.waiting, self.cancelled = prompt, {}, 0

    def broadcast(self, *, task, fl_ctx, targets, min_responses):
        (name,) = targets
        if name in self.prompt:
            self._deliver(name, task.result_received_cb)
        else:
            self.waiting[name] = task.result_received_cb

    def answer(self, name):
        self._deliver(name, self.waiting.pop(name))

    def cancel_task(self, _task, *, fl_ctx):
        self.cancelled += 1

    def _deliver(self, name, received):
        result = Shareable()
        result[ANSWER] = name.encode()
        received(SimpleNamespace(client=SimpleNamespace(name=name), result=result), None)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Waits of a few milliseconds, or so long that only an answer or an order ends them."""
    monkeypatch.setattr(transport, "LATE_SECONDS", 0.0)
    monkeypatch.setattr(transport, "GRACE_SECONDS", 60.0)
    monkeypatch.setattr(transport, "START_SECONDS", 60.0)


def carrier(engine, *, told=None, gives_up=lambda phase, enough: False, abort=None) -> EngineTransport:
    return EngineTransport(
        engine,
        participants=NAMES,
        fl_ctx=None,
        abort_signal=abort or Signal(),
        on_refusal=lambda name, sentence: None,
        on_progress=(told if told is not None else []).append,
        gives_up=gives_up,
    )


def test_whoever_has_not_answered_is_named_while_the_exchange_waits_and_may_still_answer():
    engine = Engine(prompt={"budapest", "cleveland"})
    told = []

    def tell(event):
        told.append(event)
        threading.Timer(0.01, engine.answer, ["zurich"]).start()

    made = carrier(engine)
    made._on_progress = tell
    answers = made.exchange(dict.fromkeys(NAMES, b"?"), phase="mask", minimum=3)

    assert set(answers) == NAMES
    assert [(event.late, event.answered) for event in told] == [({"zurich"}, {"budapest", "cleveland"})]
    assert all(isinstance(event, WaitsFor) and event.until.tzinfo is not None for event in told)


def test_a_closed_round_waits_no_longer_once_enough_have_answered():
    asked = []

    def gives_up(phase, enough):
        asked.append((phase, enough))
        return enough

    made = carrier(Engine(prompt={"budapest", "cleveland"}), gives_up=gives_up)
    answers = made.exchange(dict.fromkeys(NAMES, b"?"), phase="unmask", minimum=2)

    assert set(answers) == {"budapest", "cleveland"}
    assert asked == [("unmask", True)]


def test_an_order_that_gives_up_a_sum_ends_the_wait_although_too_few_have_answered():
    made = carrier(Engine(prompt={"budapest"}), gives_up=lambda phase, enough: phase == "mask")

    assert set(made.exchange(dict.fromkeys(NAMES, b"?"), phase="mask", minimum=3)) == {"budapest"}


def test_nobody_is_named_where_all_answer_at_once():
    told = []

    carrier(Engine(prompt=NAMES), told=told).exchange(dict.fromkeys(NAMES, b"?"), phase="mask", minimum=3)

    assert told == []


def test_a_job_that_the_engine_ends_is_not_waited_for():
    abort = Signal()
    abort.trigger("ended")

    with pytest.raises(RunStoppedError):
        carrier(Engine(prompt=set()), abort=abort).exchange(dict.fromkeys(NAMES, b"?"), phase="mask", minimum=3)
