"""Corrupted shares, replayed and altered messages, unusable numbers: an exact sum, or none."""

import numpy as np
import pytest

from tests.federation.rounds import Exchange, Federation, altered, losing, parties_of, run_until
from wardround.federation.errors import RoundAbandoned, SumRefused
from wardround.federation.messages import decode
from wardround.federation.secure_sum.aggregator import Aggregator
from wardround.federation.secure_sum.context import PHASES
from wardround.federation.secure_sum.party import unmasking_answer_again


@pytest.fixture
def federation(tmp_path):
    return Federation(tmp_path)


# Shares


def test_a_corrupted_encrypted_share_is_refused_by_its_recipient(federation):
    parties = parties_of(federation)
    requests = run_until("mask", federation, parties, Exchange(parties))
    shares = decode(requests["basel"], direction="to hospital").by_name("shares")
    damaged = bytes([shares["cleveland"][0] ^ 1]) + shares["cleveland"][1:]

    with pytest.raises(SumRefused, match="The shares from cleveland cannot be opened"):
        parties["basel"].handle("mask", altered(requests["basel"], shares={**shares, "cleveland": damaged}))


def test_shares_of_one_hospital_do_not_pass_as_those_of_another(federation):
    parties = parties_of(federation)
    requests = run_until("mask", federation, parties, Exchange(parties))
    shares = decode(requests["basel"], direction="to hospital").by_name("shares")

    with pytest.raises(SumRefused, match="The shares from amsterdam cannot be opened"):
        parties["basel"].handle("mask", altered(requests["basel"], shares={**shares, "amsterdam": shares["cleveland"]}))


def corrupting(liar, field, victim):
    """A hospital that gives one wrong share; Shamir's scheme combines it in silence."""

    def wire(phase, name, data):
        if (phase, name) != ("unmask", liar):
            return data
        shares = decode(data, direction="to coordinator").by_name(field)
        wrong = {**shares, victim: bytes([shares[victim][0] ^ 1]) + shares[victim][1:]}
        return altered(data, direction="to coordinator", signer=liar, **{field: wrong})

    return wire


def test_a_corrupted_share_of_a_seed_gives_no_sum_rather_than_a_wrong_one(tmp_path):
    federation = Federation(tmp_path, hospitals=3)  # all three shares are needed
    exchange = Exchange(parties_of(federation), to_coordinator=corrupting("cleveland", "seeds", "basel"))

    with pytest.raises(RoundAbandoned, match="The shares for basel do not combine") as abandoned:
        federation.aggregator().run(exchange)
    assert abandoned.value.spent


def test_a_corrupted_share_of_a_mask_key_gives_no_sum_rather_than_a_wrong_one(federation):
    lies = corrupting("cleveland", "mask_keys", "basel")
    lost = losing({"mask": {"basel"}})
    exchange = Exchange(
        parties_of(federation),
        to_coordinator=lambda phase, name, data: lies(phase, name, data) and lost(phase, name, lies(phase, name, data)),
    )

    with pytest.raises(RoundAbandoned, match="The shares for basel do not combine"):
        federation.aggregator().run(exchange)


def test_with_shares_to_spare_a_corrupted_one_is_left_out(federation):
    exchange = Exchange(parties_of(federation), to_coordinator=corrupting("amsterdam", "seeds", "basel"))

    result = federation.aggregator().run(exchange)

    assert np.array_equal(result.total, federation.plain_sum(federation.names))


def test_a_seed_that_does_not_fit_its_commitment_gives_no_sum(federation):
    def wire(phase, name, data):
        if (phase, name) != ("share", "basel"):
            return data
        return altered(data, direction="to coordinator", signer="basel", commitment="0" * 64)

    with pytest.raises(RoundAbandoned, match="The shares for basel do not combine"):
        federation.aggregator().run(Exchange(parties_of(federation), to_coordinator=wire))


def test_masked_numbers_altered_on_the_way_are_left_out(federation):
    def wire(phase, name, data):
        return data[:-100] + bytes([data[-100] ^ 1]) + data[-99:] if (phase, name) == ("mask", "basel") else data

    result = federation.aggregator().run(Exchange(parties_of(federation), to_coordinator=wire))

    assert result.survivors == ("amsterdam", "cleveland", "debrecen")
    assert "not signed" in result.reasons["basel"]
    assert np.array_equal(result.total, federation.plain_sum(result.survivors))


def test_fewer_or_more_words_than_agreed_are_left_out(federation):
    def wire(phase, name, data):
        if (phase, name) != ("mask", "basel"):
            return data
        return altered(data, direction="to coordinator", signer="basel", words=bytes(8 * 4))

    result = federation.aggregator().run(Exchange(parties_of(federation), to_coordinator=wire))

    assert result.survivors == ("amsterdam", "cleveland", "debrecen")
    assert "wrong length" in result.reasons["basel"]


# Replay and order


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_is_answered_once(federation, phase):
    # Two masked vectors under the same keys for different peers would give the numbers away by their difference.
    parties = parties_of(federation)
    exchange = Exchange(parties)
    request = run_until(phase, federation, parties, exchange)["basel"]
    answer = parties["basel"].handle(phase, request)

    if phase == "unmask":
        assert parties["basel"].handle(phase, request) == answer
    else:
        with pytest.raises(SumRefused, match="is not the next one"):
            parties["basel"].handle(phase, request)


@pytest.mark.parametrize("phase", PHASES[1:])
def test_a_phase_out_of_order_ends_the_attempt(federation, phase):
    parties = parties_of(federation)
    request = run_until(phase, federation, parties, Exchange(parties))["basel"]
    fresh = federation.party("basel")

    with pytest.raises(SumRefused, match="is not the next one"):
        fresh.handle(phase, request)
    with pytest.raises(SumRefused, match="lost its keys"):
        fresh.handle("advertise", federation.aggregator().requests()["basel"])


@pytest.mark.parametrize(
    "change", [{"round": 5}, {"study": "6" * 64}, {"run": "run-2"}, {"attempt": 1}, {"purpose": "update"}]
)
@pytest.mark.parametrize("phase", ["share", "mask", "consistency", "unmask"])
def test_a_message_of_another_round_study_run_attempt_or_purpose_is_refused(federation, phase, change):
    parties = parties_of(federation)
    request = run_until(phase, federation, parties, Exchange(parties))["basel"]

    with pytest.raises(SumRefused, match="another sum"):
        parties["basel"].handle(phase, altered(request, **change))


def test_answers_of_an_earlier_attempt_are_not_added_up(federation):
    first = Exchange(parties_of(federation))
    run_until("consistency", federation, first.parties, first)
    again = federation.context().repeated()

    def replaying(phase, name, data):
        return first.sent[name][phase] if (phase, name) == ("mask", "basel") else data

    result = federation.aggregator(context=again).run(
        Exchange(parties_of(federation, context=again), to_coordinator=replaying)
    )

    assert result.survivors == ("amsterdam", "cleveland", "debrecen")
    assert np.array_equal(result.total, federation.plain_sum(result.survivors))


def test_a_restarted_hospital_has_lost_its_round_keys(federation):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    restarted = federation.party("basel")

    assert unmasking_answer_again(requests["basel"], record=federation.nodes["basel"].record) is None
    with pytest.raises(SumRefused, match="is not the next one"):
        restarted.handle("unmask", requests["basel"])


def test_after_any_refusal_the_keys_are_gone(federation):
    parties = parties_of(federation)
    requests = run_until("mask", federation, parties, Exchange(parties))
    with pytest.raises(SumRefused):
        parties["basel"].handle("mask", altered(requests["basel"], round=99))

    assert parties["basel"]._mask_secret == parties["basel"]._seed == parties["basel"]._share_secret == b""
    with pytest.raises(SumRefused, match="lost its keys"):
        parties["basel"].handle("mask", requests["basel"])


# Inputs


@pytest.mark.parametrize(
    ("vector", "sentence"),
    [
        (np.array([1.0, np.nan, 0, 0, 0]), "infinite or not a number"),
        (np.array([1.0, np.inf, 0, 0, 0]), "infinite or not a number"),
        (np.array([1.0, 100.1, 0, 0, 0]), "beyond the agreed bound of 100"),
        (np.zeros(4), "has 4 numbers; 5 were agreed"),
        (np.zeros(5, dtype=np.int64), "float64 or float32"),
        (np.zeros((5, 1)), "one-dimensional"),
        (np.zeros(5, dtype=complex), "float64 or float32"),
        (np.array([None] * 5), "float64 or float32"),
    ],
)
def test_unusable_numbers_never_leave_and_the_sentence_holds_none_of_them(federation, vector, sentence):
    federation.vectors["basel"] = vector
    exchange = Exchange(parties_of(federation))

    result = federation.aggregator().run(exchange)

    assert result.survivors == ("amsterdam", "cleveland", "debrecen")
    assert sentence in exchange.refusals["basel"]
    assert "100.1" not in exchange.refusals["basel"]


def test_an_oversize_message_is_refused(federation):
    parties = parties_of(federation)
    request = run_until("share", federation, parties, Exchange(parties))["basel"]

    with pytest.raises(SumRefused, match="longer or shorter than its fields"):
        parties["basel"].handle("share", request + b"\0")


# What the coordinator sees


def test_what_crosses_the_wall_looks_random_and_never_repeats(tmp_path):
    federation = Federation(tmp_path, length=20_000, bits=32, bound=1.0)
    federation.vectors = {name: np.zeros(20_000) for name in federation.names}
    exchange = Exchange(parties_of(federation))
    result = federation.aggregator().run(exchange)
    words = [
        np.frombuffer(decode(exchange.sent[name]["mask"], direction="to coordinator").data("words"), dtype="<u4")
        for name in federation.names
    ]

    assert not result.total.any()
    for one in words:
        ones = np.unpackbits(one.view(np.uint8)).mean()
        assert abs(ones - 0.5) < 5 * 0.5 / np.sqrt(20_000 * 32)
    assert len(np.unique(np.concatenate(words))) > 79_990  # eighty thousand words, at most a few equal by chance


def test_masks_do_not_follow_from_the_study_seed(federation):
    words = []
    for attempt in range(2):
        context = federation.context() if attempt == 0 else federation.context().repeated()
        exchange = Exchange(parties_of(federation, context=context))
        aggregator = federation.aggregator(context=context)
        while aggregator.phase != "consistency":
            aggregator.receive(exchange(aggregator.phase, aggregator.requests()))
        words.append(decode(exchange.sent["basel"]["mask"], direction="to coordinator").data("words"))

    assert words[0] != words[1]


def test_a_coordinator_that_stops_after_asking_goes_on_with_the_answers_given(federation):
    kept = []
    parties = parties_of(federation)

    class StoppedError(Exception):
        pass

    def stopping(phase, requests):
        answers = Exchange(parties)(phase, requests)
        if phase == "unmask":
            raise StoppedError
        return answers

    with pytest.raises(StoppedError):
        federation.aggregator().run(stopping, keep=kept.append)
    resumed = Aggregator.resume(kept[-1], pinned=federation.pinned)
    result = resumed.run(Exchange(parties))

    assert np.array_equal(result.total, federation.plain_sum(federation.names))
