"""An operator pauses, resumes, closes and stops a run: written down, audited, and refused where the protocol says no."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from wardround.coordinator.leading.dispatch import Dispatcher
from wardround.coordinator.leading.obedience import Obedience
from wardround.coordinator.runs.board import RunBoard, first_state, read_state, run_folder
from wardround.coordinator.runs.models import Run, Standing
from wardround.coordinator.runs.orders import read_orders
from wardround.coordinator.runs.queries import NoSuchRunError, run_state
from wardround.coordinator.runs.steering import OrderRefusedError, order
from wardround.federation.orders import StoppedByOrder
from wardround.web.audit.actor import Actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

HOSPITALS = ("budapest", "cleveland", "long-beach", "zurich-basel")
ODETTE = Actor(kind="user", name="o.peeters", role="operator")


@pytest.fixture
def run(run_of_four) -> Run:
    Run.objects.filter(pk=run_of_four.pk).update(standing=Standing.RUNNING)
    return Run.objects.get(pk=run_of_four.pk)


@pytest.fixture
def folder(run, settings):
    return run_folder(settings.HOME, run.run_id)


@pytest.fixture
def board(run, folder):
    state = first_state(run.run_id, study=("heart", "Heart", "a" * 64), hospitals=HOSPITALS, rounds=9,
                        secure_aggregation="", minimum=3)  # fmt: skip
    made = RunBoard(folder, state=state)
    made.enter("training", round_number=3)
    yield made
    made.close()


def late(board, *names, step="mask"):
    board.ask(step, attempt=1, sizes=dict.fromkeys(HOSPITALS, 100))
    board.mark(dict.fromkeys(names, "silent"))
    board.wait(names, until=datetime.now(UTC) + timedelta(seconds=8))


class TestTheOrder:
    def test_an_order_is_written_down_with_who_and_why_and_is_in_the_trail(self, run, board, folder):
        order(run.run_id, "pause", reason="The telephone of Zurich is out", by=ODETTE)

        given = read_orders(folder).pause
        assert (given.by, given.reason) == ("o.peeters", "The telephone of Zurich is out.")
        event = AuditEvent.objects.get(action="run.pause")
        assert event.actor_name == "o.peeters"
        assert event.detail == {"reason": "The telephone of Zurich is out.", "round": 3}

    def test_an_order_without_a_reason_is_refused_and_the_refusal_is_in_the_trail(self, run, board, folder):
        with pytest.raises(OrderRefusedError, match="Give the reason"):
            order(run.run_id, "stop", reason="  ", by=ODETTE)

        assert read_orders(folder).stop is None
        assert AuditEvent.objects.filter(action="run.stop", outcome="refused").exists()

    def test_a_run_that_has_ended_takes_no_order(self, run, board):
        Run.objects.filter(pk=run.pk).update(standing=Standing.FINISHED)

        for command in ("pause", "close", "stop"):
            with pytest.raises(OrderRefusedError, match="has ended"):
                order(run.run_id, command, reason="Late.", by=ODETTE)

    def test_an_unknown_run_takes_no_order(self, db):
        with pytest.raises(NoSuchRunError):
            order("none", "pause", reason="Late.", by=ODETTE)

    def test_a_run_is_paused_once_and_resumed_once(self, run, board, folder):
        with pytest.raises(OrderRefusedError, match="not paused"):
            order(run.run_id, "resume", reason="Go on.", by=ODETTE)
        order(run.run_id, "pause", reason="Wait.", by=ODETTE)
        with pytest.raises(OrderRefusedError, match="paused the run already"):
            order(run.run_id, "pause", reason="Wait.", by=ODETTE)
        order(run.run_id, "resume", reason="Go on.", by=ODETTE)

        assert read_orders(folder).pause is None
        assert read_orders(folder).resume.reason == "Go on."

    def test_a_model_that_is_made_is_handed_out_whatever_is_ordered(self, run, board):
        board.enter("handing out", round_number=9)

        for command, sentence in (("pause", "training is over"), ("stop", "too late")):
            with pytest.raises(OrderRefusedError, match=sentence):
                order(run.run_id, command, reason="Late.", by=ODETTE)

    def test_after_a_stop_no_other_order_is_taken(self, run, board):
        order(run.run_id, "stop", reason="Wrong cohort.", by=ODETTE)

        with pytest.raises(OrderRefusedError, match="ordered a stop already"):
            order(run.run_id, "pause", reason="Wait.", by=ODETTE)


class TestClosing:
    def test_a_round_is_not_closed_while_nobody_is_late(self, run, board):
        with pytest.raises(OrderRefusedError, match="Nobody is late"):
            order(run.run_id, "close", reason="Late.", by=ODETTE)

    def test_a_roster_that_may_not_shrink_is_not_closed_and_the_reason_is_said(self, run, board):
        late(board, "zurich-basel")

        with pytest.raises(OrderRefusedError, match="by difference"):
            order(run.run_id, "close", reason="Late.", by=ODETTE)

    def test_a_roster_that_may_shrink_is_closed(self, run, board, folder):
        Run.objects.filter(pk=run.pk).update(may_shrink=True)
        late(board, "zurich-basel")

        order(run.run_id, "close", reason="Late.", by=ODETTE)

        assert read_orders(folder).close.round == 3

    def test_too_many_late_hospitals_are_not_left_out(self, run, board):
        Run.objects.filter(pk=run.pk).update(may_shrink=True)
        late(board, "zurich-basel", "budapest")

        with pytest.raises(
            OrderRefusedError, match="3 hospitals must stay, and without the late ones there would be 2"
        ):
            order(run.run_id, "close", reason="Late.", by=ODETTE)

    @pytest.mark.parametrize("step", ["consistency", "unmask"])
    def test_after_the_masked_numbers_are_in_a_round_may_always_be_closed(self, run, board, folder, step):
        late(board, "zurich-basel", step=step)

        order(run.run_id, "close", reason="Late.", by=ODETTE)

        assert read_orders(folder).close is not None

    def test_before_the_first_sum_a_late_hospital_may_always_be_left_out(self, run, board, folder):
        board.enter("statistics", round_number=0)
        late(board, "zurich-basel", step="advertise")

        order(run.run_id, "close", reason="Late.", by=ODETTE)

        assert read_orders(folder).close.round == 0

    def test_a_run_that_gathers_its_hospitals_starts_without_the_absent_where_enough_are_there(self, run, settings):
        Run.objects.filter(pk=run.pk).update(standing=Standing.REQUESTED)
        connected(settings, "budapest", "cleveland")
        with pytest.raises(OrderRefusedError, match="3 hospitals must take part, and 2 are connected"):
            order(run.run_id, "close", reason="Late.", by=ODETTE)
        connected(settings, "budapest", "cleveland", "long-beach")

        order(run.run_id, "close", reason="Late.", by=ODETTE)

        assert read_orders(run_folder(settings.HOME, run.run_id)).close.round == -1


class TestObedience:
    def test_a_paused_run_begins_no_round_until_it_is_resumed_and_the_board_says_both(self, run, board, folder):
        order(run.run_id, "pause", reason="Zurich is restarting.", by=ODETTE)
        looks = []

        def stay():
            looks.append(read_state(folder).held)
            if len(looks) == 2:
                order(run.run_id, "resume", reason="Zurich is back.", by=ODETTE)

        Obedience(folder, board=board, stay=stay, look=0).before_round(4)

        assert [held.by for held in looks] == ["o.peeters", "o.peeters"]
        assert board.state.held is None
        assert [line.sentence for line in board.state.log] == [
            "Paused by o.peeters: Zurich is restarting. No new round begins.",
            "Resumed by o.peeters: Zurich is back.",
        ]

    def test_a_paused_run_can_be_stopped(self, run, board, folder):
        order(run.run_id, "pause", reason="Wait.", by=ODETTE)

        with pytest.raises(StoppedByOrder, match=r"Stopped by o\.peeters: Wrong cohort\."):
            Obedience(
                folder, board=board, stay=lambda: order(run.run_id, "stop", reason="Wrong cohort.", by=ODETTE), look=0
            ).before_round(4)

    def test_a_stop_is_obeyed_before_a_sum_and_ends_only_waits_that_reveal_nothing(self, run, board, folder):
        obedience = Obedience(folder, board=board, stay=lambda: None)
        obedience.before_sum(3)
        order(run.run_id, "stop", reason="Wrong cohort.", by=ODETTE)

        with pytest.raises(StoppedByOrder):
            obedience.before_sum(3)
        assert obedience.gives_up("mask", enough=False)
        assert not obedience.gives_up("unmask", enough=True)

    def test_a_closed_round_waits_for_nobody_once_enough_have_answered_and_the_next_waits_again(
        self, run, board, folder
    ):
        late(board, "zurich-basel", step="unmask")
        order(run.run_id, "close", reason="Long enough.", by=ODETTE)
        obedience = Obedience(folder, board=board, stay=lambda: None)

        assert not obedience.gives_up("unmask", enough=False)
        assert obedience.gives_up("unmask", enough=True)
        assert not obedience.is_closed(4)
        said = [line.sentence for line in board.state.log]
        assert said == ["Round 3 was closed by o.peeters: Long enough."]

    def test_a_run_without_orders_is_not_held(self, board, folder):
        Obedience(folder, board=board, stay=lambda: pytest.fail("it was held")).before_round(1)

        assert board.state.log == ()


class Engine:
    """The engine's session as the dispatcher knows it; `submitted` counts jobs."""

    def __init__(self, *names):
        self.names, self.submitted = names, 0

    def connected(self):
        return dict.fromkeys(self.names, datetime.now(UTC))

    def submit(self, _job):
        self.submitted += 1
        return "job"


class TestARunThatNobodyLeads:
    @pytest.fixture
    def dispatcher(self, run_of_four):
        made = Dispatcher()
        made._engine = Engine(*HOSPITALS)
        return made

    def test_a_paused_run_does_not_start(self, dispatcher, run_of_four):
        order(run_of_four.run_id, "pause", reason="Wait.", by=ODETTE)
        dispatcher.step()
        assert dispatcher._engine.submitted == 0

        order(run_of_four.run_id, "resume", reason="Go on.", by=ODETTE)
        dispatcher.step()
        assert dispatcher._engine.submitted == 1

    def test_a_stopped_run_ends_before_it_starts(self, dispatcher, run_of_four):
        order(run_of_four.run_id, "stop", reason="Wrong cohort.", by=ODETTE)

        dispatcher.step()

        state = run_state(run_of_four.run_id)
        assert state.finished
        assert state.outcome == "Stopped by o.peeters: Wrong cohort. No model was made."
        assert dispatcher._engine.submitted == 0

    def test_a_run_whose_gathering_was_closed_starts_with_those_who_are_there(self, dispatcher, run_of_four, settings):
        dispatcher._engine = Engine(*HOSPITALS[:3])
        dispatcher.step()
        assert dispatcher._engine.submitted == 0

        order(run_of_four.run_id, "close", reason="Zurich comes tomorrow.", by=ODETTE)
        dispatcher.step()

        assert dispatcher._engine.submitted == 1


def connected(settings, *names):
    now = datetime.now(UTC).isoformat()
    content = json.dumps({"now": list(names), "seen": dict.fromkeys(names, now)})
    (settings.HOME.run / "connected.json").write_text(content, "utf-8")


def test_an_old_board_is_still_read(board, folder):
    written = json.loads((folder / "state.json").read_text())
    for name in ("step", "attempt", "waits_until", "may_shrink", "minimum", "held"):
        del written[name]
    for hospital in written["hospitals"]:
        for name in ("step", "heard", "messages", "bytes_up", "bytes_down"):
            del hospital[name]
    (folder / "state.json").write_text(json.dumps(written))

    assert read_state(folder).round == 3
