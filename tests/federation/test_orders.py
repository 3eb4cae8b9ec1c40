"""What an operator orders is obeyed at the run's safe points: it changes no number, and reveals none."""

import pytest
from small_study import POLICY, federation

from wardround.federation.orders import NoOrders, StoppedByOrder
from wardround.federation.progress import ExchangeBegan, Said
from wardround.federation.round import HospitalPolicy


class Given(NoOrders):
    """Orders of a test: `stop_at` a round or before an attempt at its sum, `closed` rounds; `asked` notes each round."""

    def __init__(self, *, stop_at=None, stop_sum=None, closed=()):
        self.stop_at, self.stop_sum, self.closed = stop_at, stop_sum, closed
        self.asked = []
        self.sums = []

    def before_round(self, number):
        self.asked.append(number)
        if number == self.stop_at:
            raise StoppedByOrder("Stopped by Odette Peeters: the cohort is wrong.")

    def before_sum(self, number):
        self.sums.append(number)
        if self.sums.count(number) > 1 and number == self.stop_sum:
            raise StoppedByOrder("Stopped by Odette Peeters: it hangs.")

    def is_closed(self, number):
        return number in self.closed


def never(hospital, after):
    """A fault: this hospital masks its numbers so many times and then no more."""
    masked = []

    def fault(name, phase, answer):
        if name == hospital and phase == "mask":
            masked.append(phase)
            if len(masked) > after:
                return None
        return answer

    return fault


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return federation(tmp_path_factory.mktemp("undisturbed")).coordinator().run()


def test_a_run_asks_before_every_round_and_orders_change_no_number(tmp_path, undisturbed):
    orders = Given()

    outcome = federation(tmp_path).coordinator(orders=orders).run()

    assert orders.asked == list(range(outcome.rounds + 1))
    assert outcome.model == undisturbed.model


def test_a_run_that_is_stopped_says_who_and_what_was_learned_and_makes_no_model(tmp_path):
    made = federation(tmp_path)

    outcome = made.coordinator(orders=Given(stop_at=3)).run()

    assert not outcome.succeeded
    assert not outcome.resumable
    assert outcome.model is None
    assert outcome.sentence.startswith(
        "Stopped by Odette Peeters: the cohort is wrong. 2 rounds were finished, the last"
    )
    assert made.models == {}


def test_a_run_that_is_stopped_before_its_first_sum_has_learned_nothing(tmp_path):
    outcome = federation(tmp_path).coordinator(orders=Given(stop_at=0)).run()

    assert "Nothing was learned" in outcome.sentence


def test_a_new_run_goes_on_where_a_stopped_one_ended_with_the_same_model(tmp_path, undisturbed):
    made = federation(tmp_path)
    made.coordinator(orders=Given(stop_at=3)).run()
    second = Given()

    outcome = made.coordinator(orders=second).run()

    assert second.asked[0] == 3
    assert outcome.model is not None
    assert outcome.rounds == undisturbed.rounds


def test_a_sum_that_waits_in_vain_can_be_stopped_before_its_next_attempt(tmp_path):
    orders = Given(stop_sum=1)
    made = federation(tmp_path, fault=never("reno", after=1))

    outcome = made.coordinator(orders=orders).run()

    assert outcome.sentence.startswith("Stopped by Odette Peeters: it hangs.")
    assert orders.sums.count(1) == 2


def test_a_closed_round_goes_on_without_the_late_hospital_after_one_attempt(tmp_path):
    policy = HospitalPolicy(minimum_patients=POLICY.minimum_patients, roster_may_shrink=True)
    told = []
    made = federation(tmp_path, fault=never("reno", after=1), policy=policy)

    outcome = made.coordinator(on_progress=told.append, may_shrink=True, orders=Given(closed=(1,))).run()

    assert outcome.succeeded
    assert outcome.roster == ("basel", "cleveland", "debrecen")
    first_round = [event for event in told if isinstance(event, ExchangeBegan) and event.step == "mask"][1:3]
    assert [len(event.sizes) for event in first_round] == [4, 3]
    assert any(isinstance(event, Said) and "goes on without reno" in event.sentence for event in told)


def test_a_roster_that_may_not_shrink_waits_even_when_the_round_is_closed(tmp_path):
    made = federation(tmp_path, fault=never("reno", after=1))

    outcome = made.coordinator(orders=Given(closed=(1,))).run()

    assert not outcome.succeeded
    assert outcome.resumable
    assert outcome.sentence.startswith("The round waits for reno.")
