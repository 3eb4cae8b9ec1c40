"""The coordinator's run under faults: exact or ended with a sentence, and resumable from every step."""

import pytest
from small_study import NAMES, POLICY, federation, four_sites, small_study

from wardround.federation.memory import MemoryStore, no_fault
from wardround.federation.progress import HospitalsMoved, PatientsKnown, RoundDone, Said
from wardround.federation.round import HospitalPolicy
from wardround.federation.run_state import RunMemory, StateError
from wardround.learning.artifact import Artifact


class Killed(BaseException):
    """The process is gone; nobody catches it."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return federation(tmp_path_factory.mktemp("undisturbed")).coordinator().run()


class Faults:
    """Drops a hospital's answers: ``drop[(hospital, phase)]`` times, after ``spare`` answers of that phase."""

    def __init__(self, drop, spare=0):
        self.drop = dict(drop)
        self.spare = spare
        self.counted = {}

    def __call__(self, hospital, phase, answer):
        key = (hospital, phase)
        self.counted[key] = self.counted.get(key, 0) + 1
        if self.counted[key] > self.spare and self.drop.get(key, 0) > 0:
            self.drop[key] -= 1
            return None
        return answer


@pytest.mark.parametrize("phase", ["advertise", "share", "mask"])
@pytest.mark.parametrize("spare", [0, 3])
def test_a_hospital_lost_before_unmasking_costs_a_repetition_with_new_keys(tmp_path, undisturbed, phase, spare):
    said = []
    made = federation(tmp_path, fault=Faults({("reno", phase): 1}, spare=spare))

    outcome = made.coordinator(on_progress=said.append).run()

    assert outcome.model == undisturbed.model
    assert any(isinstance(event, Said) and "begins again" in event.sentence for event in said)


@pytest.mark.parametrize("phase", ["consistency", "unmask"])
def test_a_hospital_lost_after_it_delivered_its_numbers_costs_nothing(tmp_path, undisturbed, phase):
    said = []
    made = federation(tmp_path, fault=Faults({("reno", phase): 4}))

    outcome = made.coordinator(on_progress=said.append).run()

    assert outcome.model == undisturbed.model
    assert not any(isinstance(event, Said) and "begins again" in event.sentence for event in said)
    assert any(isinstance(event, HospitalsMoved) and event.conditions.get("reno") == "silent" for event in said)


def test_a_hospital_that_is_not_there_at_the_start_is_not_in_the_study(tmp_path):
    made = federation(tmp_path)
    del made.transport.hospitals["reno"]

    outcome = made.coordinator().run()

    assert outcome.succeeded
    assert outcome.roster == ("basel", "cleveland", "debrecen")
    assert set(made.models) == set(outcome.roster)


def test_a_hospital_that_refuses_does_not_stop_the_others(tmp_path):
    study = small_study()
    sites = four_sites(study)
    said = []
    made = federation(tmp_path, study=study, sites=sites, policy=HospitalPolicy(minimum_patients=85))

    outcome = made.coordinator(on_progress=said.append).run()

    assert outcome.roster == ("cleveland", "debrecen", "reno")
    assert any(isinstance(e, Said) and e.who == "basel" and "85 labelled patients" in e.sentence for e in said)


def test_two_hospitals_are_never_summed(tmp_path):
    made = federation(tmp_path)
    del made.transport.hospitals["reno"], made.transport.hospitals["basel"]

    outcome = made.coordinator().run()

    assert not outcome.succeeded
    assert "waits for basel, reno" in outcome.sentence
    assert made.models == {}


def test_a_hospital_that_leaves_early_is_waited_for_and_the_run_goes_on_when_it_is_back(tmp_path, undisturbed):
    made = federation(tmp_path)
    leave_after(made, "reno", rounds=1)

    first = made.coordinator().run()
    made.transport.fault = no_fault
    made.start_hospital("reno")
    second = made.coordinator().run()

    assert not first.succeeded
    assert first.resumable
    assert "waits for reno" in first.sentence
    assert second.model == undisturbed.model


def test_a_hospital_that_leaves_late_ends_the_training_with_the_last_complete_model(tmp_path, undisturbed):
    made = federation(tmp_path)
    leave_after(made, "reno", rounds=4)

    outcome = made.coordinator().run()

    assert outcome.succeeded
    assert outcome.rounds == 4
    assert "ended with the last complete model" in outcome.sentence
    assert outcome.received == ("basel", "cleveland", "debrecen")
    exact = Artifact.from_bytes(undisturbed.model).weights
    assert abs(Artifact.from_bytes(outcome.model).weights - exact).max() < 0.01


def test_where_every_policy_allows_it_the_federation_goes_on_without_a_hospital(tmp_path):
    said = []
    made = federation(tmp_path, policy=HospitalPolicy(minimum_patients=50, roster_may_shrink=True))
    leave_after(made, "reno", rounds=1)

    outcome = made.coordinator(may_shrink=True, on_progress=said.append).run()

    assert outcome.succeeded
    assert outcome.roster == ("basel", "cleveland", "debrecen")
    assert any(isinstance(e, Said) and "goes on without reno" in e.sentence for e in said)
    # The number of held-out patients would give reno's by difference.
    assert outcome.metrics is None


def test_a_coordinator_that_wants_to_go_on_without_a_hospital_is_refused_by_default(tmp_path):
    made = federation(tmp_path)
    leave_after(made, "reno", rounds=1)

    outcome = made.coordinator(may_shrink=True).run()

    assert not outcome.succeeded
    assert "difference of two sums would give it away" in outcome.sentence


def leave_after(made, name, *, rounds):
    """The hospital answers until it has answered the unmasking of ``rounds`` rounds of training, and then never."""
    handle = made.transport.hospitals[name]
    answered = []

    def until_gone(message):
        answer = handle(message)
        answered.append(answer)
        return answer

    def fault(hospital, phase, answer):
        if hospital == name:
            if len(answered) > 5 * (rounds + 1):
                made.transport.hospitals.pop(name, None)
                return None
            return answer
        return answer

    made.transport.hospitals[name] = until_gone
    made.transport.fault = fault


class FragileStore(MemoryStore):
    """Kills the coordinator at one of its saves: before the bytes are kept, or just after."""

    def __init__(self, *, at, kept):
        super().__init__()
        self.at, self.kept = at, kept

    def save(self, data):
        self.saves += 1
        if self.saves == self.at and not self.kept:
            raise Killed
        self.data = data
        if self.saves == self.at:
            raise Killed


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_coordinator_killed_between_an_unmasking_and_its_note_resumes_to_the_same_bytes(
    tmp_path, undisturbed, at, kept
):
    """The first four notes: before and after the statistics, before and after round 1."""
    outcome, killed = killed_at(tmp_path, at=at, kept=kept)

    assert killed
    assert outcome.model == undisturbed.model


@pytest.mark.slow
@pytest.mark.parametrize("kept", [True, False])
def test_a_coordinator_killed_at_any_of_its_notes_resumes_to_the_same_bytes(tmp_path, undisturbed, kept):
    at, killed = 1, True
    while killed:
        outcome, killed = killed_at(tmp_path / f"{at}", at=at, kept=kept)
        assert outcome.model == undisturbed.model, f"killed at note {at}"
        at += 1

    assert at > 2 * undisturbed.rounds


def killed_at(folder, *, at, kept):
    made = federation(folder)
    made.store = FragileStore(at=at, kept=kept)
    try:
        return made.coordinator().run(), False
    except Killed:
        return made.coordinator().run(), True


@pytest.mark.parametrize("phase", ["advertise", "mask", "consistency", "unmask", "model"])
def test_a_coordinator_killed_in_an_exchange_resumes_to_the_same_bytes(tmp_path, undisturbed, phase):
    """The hospitals have answered, and nobody heard it; they are restarted too."""

    def kill(hospital, now, answer):
        if now == phase and hospital == "reno":
            raise Killed
        return answer

    made = federation(tmp_path)
    made.transport.fault = kill
    with pytest.raises(Killed):
        made.coordinator().run()
    made.transport.fault = lambda hospital, now, answer: answer
    for name in NAMES:
        made.start_hospital(name)

    assert made.coordinator().run().model == undisturbed.model


def test_a_run_whose_state_was_lost_after_unmasking_is_not_repeated(tmp_path):
    made = federation(tmp_path)
    made.coordinator().run()
    made.store = MemoryStore()

    outcome = made.coordinator().run()

    assert not outcome.succeeded
    assert not outcome.resumable
    assert "is over" in outcome.sentence


def test_a_study_that_was_begun_with_a_hospital_is_not_run_without_it(tmp_path):
    made = federation(tmp_path)
    leave_after(made, "reno", rounds=1)
    made.coordinator().run()
    del made.members["reno"]

    outcome = made.coordinator().run()

    assert not outcome.resumable
    assert "begun with reno" in outcome.sentence


def test_a_finished_run_run_again_is_the_same_and_asks_nobody(tmp_path, undisturbed):
    made = federation(tmp_path)
    made.coordinator().run()
    made.transport.hospitals.clear()

    assert made.coordinator().run().model == undisturbed.model


def test_a_hospital_that_missed_the_model_gets_it_when_the_run_is_run_again(tmp_path):
    made = federation(
        tmp_path, fault=lambda hospital, phase, answer: None if (hospital, phase) == ("reno", "model") else answer
    )
    first = made.coordinator().run()
    made.transport.fault = lambda hospital, phase, answer: answer

    second = made.coordinator().run()

    assert first.succeeded
    assert first.resumable
    assert "reno has not received it yet" in first.sentence
    assert second.received == NAMES
    assert not second.resumable


def test_the_live_page_hears_of_every_round(tmp_path):
    said = []
    outcome = federation(tmp_path).coordinator(on_progress=said.append).run()

    rounds = [event for event in said if isinstance(event, RoundDone)]
    assert [event.round for event in rounds] == list(range(1, outcome.rounds + 1))
    assert rounds[-1].metrics == outcome.metrics
    assert rounds[-1].largest_step < 1e-3 < rounds[0].largest_step
    assert all(event.bytes_up_per_hospital > 1000 for event in rounds)
    assert [event.patients for event in said if isinstance(event, PatientsKnown)] == [outcome.patients]


def test_the_state_of_another_study_is_refused(tmp_path):
    made = federation(tmp_path)
    made.coordinator().run()

    with pytest.raises(StateError, match="another study"):
        RunMemory.from_bytes(made.store.data, study_hash="0" * 64)
    with pytest.raises(StateError, match="cannot be read"):
        RunMemory.from_bytes(b"{", study_hash="0" * 64)
    kept = RunMemory.from_bytes(made.store.data, study_hash=made.study.hash)
    assert RunMemory.from_bytes(kept.to_bytes(), study_hash=made.study.hash).to_bytes() == made.store.data


def test_the_coordinator_never_holds_a_hospitals_own_numbers(tmp_path):
    """Everything that reaches it is searched for the hospital's vector of patient numbers, plain or as words."""
    heard = []
    made = federation(tmp_path, fault=lambda hospital, phase, answer: heard.append((hospital, phase, answer)) or answer)
    made.coordinator().run()

    masked = [answer for hospital, phase, answer in heard if hospital == "reno" and phase == "mask"]
    from wardround.federation.messages import decode
    from wardround.federation.round_request import ENCODINGS
    from wardround.learning.site import generator
    from wardround.learning.statistics import statistics_vector

    site = made.sites["reno"]
    own = statistics_vector(site.training_raw, labels=site.training_labels)
    plain = ENCODINGS["statistics"].encode(own, hospitals=4, rounding=generator("any"))
    words = decode(masked[0], direction="to coordinator").data("words")
    assert len(words) == plain.nbytes
    equal = sum(a == b for a, b in zip(words, plain.tobytes(), strict=True)) / len(words)
    assert equal < 0.05
    assert POLICY.minimum_patients == 50
