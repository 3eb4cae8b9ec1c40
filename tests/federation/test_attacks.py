"""Each guard of the secure sum, tested by the attack that it stops. The victim is Basel; the coordinator is malicious."""

import os
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.federation.rounds import _IDENTITIES, REQUEST, Exchange, Federation, losing
from wardround.federation.errors import InputSpent, RoundAbandoned, SumRefused
from wardround.federation.identity import public_bytes
from wardround.federation.messages import decode, encode
from wardround.federation.secure_sum import masks
from wardround.federation.secure_sum.advertised_keys import session_of
from wardround.federation.secure_sum.aggregator import Aggregator
from wardround.federation.secure_sum.context import PHASES, NodePolicy
from wardround.federation.secure_sum.party import Node, Party, unmasking_answer_again
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord


@pytest.fixture
def federation(tmp_path):
    return Federation(tmp_path)


def parties_of(federation, **changes):
    return {name: federation.party(name, **changes) for name in federation.names}


def altered(data, *, direction="to hospital", signer=None, **changes):
    """The same message with other fields; ``signer`` signs it anew when its kind is signed."""
    read = decode(data, direction=direction)
    fields = {name: changes.get(name, value) for name, value in read.fields.items()}
    return encode(read.kind.name, fields, identity=_IDENTITIES[signer] if signer else None)


def changing(phase, victim, **changes):
    """A wire that alters what one hospital is told in one phase."""

    def wire(now, name, data):
        return altered(data, **changes) if (now, name) == (phase, victim) else data

    return wire


def run_until(phase, federation, parties, exchange):
    """An honest sum up to this phase; the messages of the phase that an honest coordinator would send now."""
    aggregator = federation.aggregator()
    while aggregator.phase != phase:
        aggregator.receive(exchange(aggregator.phase, aggregator.requests()))
    return aggregator.requests()


# Alive and dropped


def test_a_hospital_named_both_alive_and_dropped_is_unmasked_by_nobody(federation):
    # Flower 1.42 answered this request: both masks of Basel together uncover its numbers.
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))

    for name, request in requests.items():
        with pytest.raises(SumRefused, match="basel is named both as a survivor and as dropped out"):
            parties[name].handle("unmask", altered(request, dropped=["basel"]))
        assert not federation.nodes[name].record.is_spent(federation.context().spends)


def test_the_mask_key_of_a_survivor_is_not_given_by_calling_it_dropped(federation):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    others = ["amsterdam", "cleveland", "debrecen"]

    for name, request in requests.items():
        with pytest.raises(SumRefused, match="not the one that this hospital signed"):
            parties[name].handle("unmask", altered(request, survivors=others, dropped=["basel"]))


def test_a_hospital_that_dropped_out_cannot_be_left_out_of_both_lists(federation):
    parties = parties_of(federation)
    exchange = Exchange(parties, to_coordinator=losing({"mask": {"basel"}}))
    requests = run_until("unmask", federation, parties, exchange)

    with pytest.raises(SumRefused, match="leaves over"):
        parties["amsterdam"].handle("unmask", altered(requests["amsterdam"], dropped=[]))


# One unmasking answer per input


def test_a_second_unmasking_with_another_question_is_refused(federation):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    parties["basel"].handle("unmask", requests["basel"])
    agreed = decode(requests["basel"], direction="to hospital").by_name("agreed")

    fewer = {name: agreed[name] for name in sorted(agreed)[:3]}
    with pytest.raises(InputSpent, match="already given its one unmasking answer"):
        parties["basel"].handle("unmask", altered(requests["basel"], agreed=fewer))


def test_asked_the_same_again_it_sends_the_identical_answer_even_after_a_restart(federation):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    answer = parties["basel"].handle("unmask", requests["basel"])

    assert parties["basel"].handle("unmask", requests["basel"]) == answer
    reopened = UnmaskingRecord(federation.nodes["basel"].record._folder)
    assert unmasking_answer_again(requests["basel"], record=reopened) == answer


def test_repeating_a_finished_round_with_one_hospital_fewer_is_refused_by_every_hospital(federation):
    # The difference of the two sums would be Basel's numbers.
    federation.aggregator().run(Exchange(parties_of(federation)))
    fewer = federation.context(roster=("amsterdam", "cleveland", "debrecen"), run="run-2", round=9)

    for name in fewer.roster:
        with pytest.raises(InputSpent, match="the run advances or ends"):
            federation.party(name, context=fewer)


def test_a_repetition_begun_before_the_first_unmasking_cannot_be_unmasked_after_it(federation):
    first, second = parties_of(federation), parties_of(federation, context=federation.context().repeated())
    fewer = Exchange(second, to_coordinator=losing({"mask": {"basel"}}))
    aggregator = federation.aggregator(context=federation.context().repeated())
    while aggregator.phase != "unmask":
        aggregator.receive(fewer(aggregator.phase, aggregator.requests()))
    federation.aggregator().run(Exchange(first))

    for name, request in aggregator.requests().items():
        with pytest.raises(InputSpent):
            second[name].handle("unmask", request)


def test_the_answer_is_on_the_disk_before_it_is_sent(federation, monkeypatch):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
    )
    real_link = os.link

    def link(source, target):
        assert synced == [str(source)]  # content first, then the name by which it is found
        real_link(source, target)

    monkeypatch.setattr(os, "link", link)
    parties["basel"].handle("unmask", requests["basel"])

    folder = federation.nodes["basel"].record._folder
    assert synced[-1] == str(folder)
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]


def test_of_two_processes_that_answer_at_once_the_first_answer_counts_for_both(federation):
    record, spends = federation.nodes["basel"].record, federation.context().spends

    assert record.keep(spends, question=b"all four", answer=b"first") == b"first"
    assert record.keep(spends, question=b"all four", answer=b"second") == b"first"
    with pytest.raises(InputSpent):
        record.keep(spends, question=b"three of them", answer=b"third")
    assert UnmaskingRecord(record._folder).answer(spends, question=b"all four") == b"first"


@pytest.mark.parametrize("change", [{"round": 9}, {"run": "run-2"}, {"roster": ("amsterdam", "basel", "cleveland")}])
def test_another_round_run_or_roster_does_not_make_an_input_new(federation, change):
    federation.nodes["basel"].record.keep(federation.context().spends, question=b"q", answer=b"a")

    with pytest.raises(InputSpent):
        federation.party("basel", context=federation.context(**change))


def test_another_model_is_another_input(federation):
    federation.nodes["basel"].record.keep(federation.context().spends, question=b"q", answer=b"a")

    assert federation.party("basel", request=b"the model of round 5")


def test_without_a_disk_there_is_no_unmasking_answer(federation, monkeypatch):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    monkeypatch.setattr(os, "link", lambda *paths: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    with pytest.raises(SumRefused, match="No space left on device"):
        parties["basel"].handle("unmask", requests["basel"])


def test_a_damaged_unmasking_record_counts_as_spent(federation):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    parties["basel"].handle("unmask", requests["basel"])
    (file,) = federation.nodes["basel"].record._folder.iterdir()
    file.write_text("{")

    with pytest.raises(InputSpent, match="cannot be read"):
        parties["basel"].handle("unmask", requests["basel"])


def test_a_round_abandoned_before_unmasking_may_be_repeated_with_new_keys(federation):
    first = Exchange(parties_of(federation), to_coordinator=losing({"mask": {"basel", "debrecen"}}))
    with pytest.raises(RoundAbandoned):
        federation.aggregator().run(first)
    again = federation.context().repeated()
    second = Exchange(parties_of(federation, context=again))

    result = federation.aggregator(context=again).run(second)

    assert np.array_equal(result.total, federation.plain_sum(federation.names))
    for name in federation.names:
        before, after = (
            decode(sent[name]["advertise"], direction="to coordinator") for sent in (first.sent, second.sent)
        )
        assert before.data("mask_key") != after.data("mask_key")
        assert before.data("share_key") != after.data("share_key")


# Split models, other contexts


def test_a_model_of_its_own_for_one_hospital_ends_the_round_and_is_named(federation):
    parties = parties_of(federation)
    other = federation.context(request=b"dead units for everybody else")
    parties["basel"] = federation.party("basel", context=other, request=b"dead units for everybody else")
    exchange = Exchange(parties)
    asked = {**federation.aggregator().requests(), "basel": federation.aggregator(
        context=other, request=b"dead units for everybody else").requests()["basel"]}  # fmt: skip
    advertised = exchange("advertise", asked)

    shown = encode("share", {**federation.context().which, "advertised": dict(advertised)})
    exchange("share", dict.fromkeys(federation.names, shown))

    assert exchange.refusals.keys() == set(federation.names)
    assert exchange.refusals["amsterdam"] == "basel takes part in another model or request than this side was told of."


def test_masks_of_hospitals_with_different_models_do_not_cancel(federation):
    # The second wall behind the check above: dead units for all others would leave Basel's numbers alone in the sum.
    mine, theirs = masks.new_secret(), masks.new_secret()
    my_key, their_key = (public_bytes(masks.key_of(secret).public_key()) for secret in (mine, theirs))

    def session(request):
        return session_of(federation.context(request=request).bytes(federation.pinned), keys={})

    def mask(own, peer, request):
        use = masks.mask_use("amsterdam", "basel")
        return masks.pairwise_key(own, peer=peer, session=session(request), use=use)

    assert mask(mine, their_key, b"model") == mask(theirs, my_key, b"model")
    assert mask(mine, their_key, b"model") != mask(theirs, my_key, b"dead units")


def test_a_request_that_is_not_the_hashed_one_is_refused(federation):
    with pytest.raises(SumRefused, match="not the one whose hash"):
        federation.party("basel", context=federation.context(), request=b"imprint weights")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"round": 5}, "another round"),
        ({"study": "6" * 64}, "another study"),
        ({"run": "run-2"}, "another run"),
        ({"purpose": "update"}, "another purpose"),
        ({"length": 6}, "another number of words"),
        ({"roster": ("amsterdam", "basel", "cleveland")}, "another roster"),
    ],
)
def test_keys_advertised_in_another_context_are_refused_and_the_difference_is_named(federation, change, named):
    parties = parties_of(federation)
    elsewhere = federation.context(**change)
    parties["basel"] = federation.party("basel", context=elsewhere)
    exchange = Exchange(parties)
    asked = {
        **federation.aggregator().requests(),
        "basel": federation.aggregator(context=elsewhere).requests()["basel"],
    }
    advertised = exchange("advertise", asked)
    shown = encode("share", {**federation.context().which, "advertised": dict(advertised)})

    with pytest.raises(SumRefused, match=named):
        parties["amsterdam"].handle("share", shown)


def test_the_coordinator_leaves_out_a_hospital_that_signed_for_another_context(federation):
    parties = parties_of(federation)
    parties["basel"] = federation.party("basel", context=federation.context(length=6))
    exchange = Exchange(parties, to_hospital=changing("advertise", "basel", length=6))

    result = federation.aggregator().run(exchange)

    assert result.survivors == ("amsterdam", "cleveland", "debrecen")
    assert "another number of words" in result.reasons["basel"]


# Keys and identities


def test_swapped_keys_of_a_man_in_the_middle_are_refused(federation):
    parties = parties_of(federation)
    exchange = Exchange(parties)
    advertised = exchange("advertise", federation.aggregator().requests())
    key = public_bytes(X25519PrivateKey.generate().public_key())
    forged = altered(advertised["basel"], direction="to coordinator", signer="mallory", share_key=key, mask_key=key)
    shown = encode("share", {**federation.context().which, "advertised": {**advertised, "basel": forged}})

    with pytest.raises(SumRefused, match="not signed by the identity that is pinned for basel"):
        parties["amsterdam"].handle("share", shown)


def test_an_identity_that_the_coordinator_relays_counts_for_nothing(federation, tmp_path):
    pinned = {**federation.pinned}
    del pinned["basel"]
    node = Node(
        name="amsterdam", identity=_IDENTITIES["amsterdam"], pinned=pinned, record=UnmaskingRecord(tmp_path / "r")
    )

    with pytest.raises(SumRefused, match="basel is on the roster, but its key is not pinned here"):
        Party(federation.context(), node=node, request=REQUEST, vector=lambda: None, rounding=None)


def test_another_key_for_the_same_name_gives_another_context(federation):
    other = {**federation.pinned, "basel": _IDENTITIES["mallory"].public_key()}

    assert federation.context().bytes(federation.pinned) != federation.context().bytes(other)


def test_one_key_advertised_by_two_hospitals_is_refused(federation):
    parties = parties_of(federation)
    advertised = Exchange(parties)("advertise", federation.aggregator().requests())
    stolen = decode(advertised["cleveland"], direction="to coordinator").data("mask_key")
    copied = altered(advertised["basel"], direction="to coordinator", signer="basel", mask_key=stolen)
    shown = encode("share", {**federation.context().which, "advertised": {**advertised, "basel": copied}})

    with pytest.raises(SumRefused, match="Two of the advertised keys are the same key"):
        parties["amsterdam"].handle("share", shown)


def test_a_hospital_whose_own_keys_were_replaced_refuses(federation):
    first, second = parties_of(federation), parties_of(federation)
    old = Exchange(first)("advertise", federation.aggregator().requests())
    new = Exchange(second)("advertise", federation.aggregator().requests())
    shown = encode("share", {**federation.context().which, "advertised": {**new, "basel": old["basel"]}})

    with pytest.raises(SumRefused, match="shown as this hospital's own"):
        second["basel"].handle("share", shown)


def test_a_key_of_small_order_is_refused(federation):
    parties = parties_of(federation)
    advertised = Exchange(parties)("advertise", federation.aggregator().requests())
    weak = altered(advertised["basel"], direction="to coordinator", signer="basel", share_key=bytes(32))
    shown = encode("share", {**federation.context().which, "advertised": {**advertised, "basel": weak}})

    with pytest.raises(SumRefused, match="The keys of basel are not usable"):
        parties["amsterdam"].handle("share", shown)


# Roster and threshold


@pytest.mark.parametrize("threshold", [1, 2, 4])
def test_a_lowered_or_raised_threshold_is_refused(federation, threshold):
    from dataclasses import replace

    with pytest.raises(SumRefused, match="it must be 3"):
        federation.party("basel", context=replace(federation.context(), threshold=threshold))


def test_two_hospitals_are_refused(tmp_path):
    federation = Federation(tmp_path, hospitals=2)

    with pytest.raises(SumRefused, match="at least 3"):
        federation.party("basel")


def test_a_node_that_insists_on_five_hospitals_refuses_four(federation, tmp_path):
    given = federation.nodes["basel"]
    node = Node(
        name="basel", identity=given.identity, pinned=given.pinned, record=given.record,
        policy=NodePolicy(minimum_hospitals=5),
    )  # fmt: skip

    with pytest.raises(SumRefused, match="at least 5"):
        Party(federation.context(), node=node, request=REQUEST, vector=lambda: None, rounding=None)


def test_no_policy_allows_fewer_than_three_hospitals():
    with pytest.raises(SumRefused, match="at least three"):
        NodePolicy(minimum_hospitals=2)


def test_a_hospital_outside_the_roster_is_refused(federation):
    parties = parties_of(federation)
    advertised = Exchange(parties)("advertise", federation.aggregator().requests())
    shown = encode(
        "share", {**federation.context().which, "advertised": {**advertised, "mallory": advertised["basel"]}}
    )

    with pytest.raises(SumRefused, match="mallory is not on the roster"):
        parties["amsterdam"].handle("share", shown)


def test_too_few_hospitals_in_any_phase_are_refused_by_the_hospital_itself(federation):
    parties = parties_of(federation)
    exchange = Exchange(parties)
    aggregator = federation.aggregator()
    advertised = exchange("advertise", aggregator.requests())
    two = {name: advertised[name] for name in ("amsterdam", "basel")}

    with pytest.raises(SumRefused, match="Only 2 hospitals advertised keys; 3 must"):
        parties["basel"].handle("share", encode("share", {**federation.context().which, "advertised": two}))

    aggregator.receive(advertised)
    del parties["basel"]
    requests = {name: request for name, request in aggregator.requests().items() if name in parties}
    aggregator.receive(exchange("share", requests))
    request = aggregator.requests()["amsterdam"]
    shares = decode(request, direction="to hospital").by_name("shares")
    one = {name: shares[name] for name in ("cleveland",)}
    with pytest.raises(SumRefused, match="Only 2 hospitals shared their secrets; 3 must"):
        parties["amsterdam"].handle("mask", altered(request, shares=one))


# Survivor lists


def test_a_survivor_list_with_too_few_signatures_unmasks_nothing(federation):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    agreed = decode(requests["basel"], direction="to hospital").by_name("agreed")
    two = {name: agreed[name] for name in ("amsterdam", "basel")}

    with pytest.raises(SumRefused, match="Only 2 hospitals signed the list of survivors; 3 must"):
        parties["basel"].handle("unmask", altered(requests["basel"], agreed=two))


def test_a_forged_survivor_signature_unmasks_nothing(federation):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    agreed = decode(requests["basel"], direction="to hospital").by_name("agreed")
    forged = altered(agreed["cleveland"], direction="to coordinator", signer="mallory")

    with pytest.raises(SumRefused, match="not signed by the identity that is pinned for cleveland"):
        parties["basel"].handle("unmask", altered(requests["basel"], agreed={**agreed, "cleveland": forged}))


def test_one_signature_does_not_count_twice(federation):
    parties = parties_of(federation)
    requests = run_until("unmask", federation, parties, Exchange(parties))
    agreed = decode(requests["basel"], direction="to hospital").by_name("agreed")
    copies = dict.fromkeys(("amsterdam", "cleveland", "debrecen"), agreed["amsterdam"])

    with pytest.raises(SumRefused, match="pinned for cleveland"):
        parties["basel"].handle("unmask", altered(requests["basel"], agreed=copies))


def test_another_survivor_list_for_one_hospital_is_named_and_unmasks_nothing(federation):
    # Basel is told that Debrecen dropped out, the others that it survived: two different sums.
    parties = parties_of(federation)
    told = changing("consistency", "basel", survivors=["amsterdam", "basel", "cleveland"])
    exchange = Exchange(parties, to_hospital=told)
    aggregator = federation.aggregator()
    while aggregator.phase != "consistency":
        aggregator.receive(exchange(aggregator.phase, aggregator.requests()))
    agreed = dict(exchange("consistency", aggregator.requests()))
    question = {
        **federation.context().which,
        "request_hash": federation.context().request_hash,
        "survivors": federation.names,
        "dropped": [],
        "agreed": agreed,
    }

    with pytest.raises(SumRefused, match=r"basel signed another list of survivors \(without debrecen\)"):
        parties["amsterdam"].handle("unmask", encode("unmask", question))
    assert not federation.nodes["amsterdam"].record.is_spent(federation.context().spends)


def test_signatures_from_an_earlier_attempt_do_not_count(federation):
    first = parties_of(federation)
    before = run_until("unmask", federation, first, Exchange(first))
    again = federation.context().repeated()
    second = parties_of(federation, context=again)
    exchange = Exchange(second)
    aggregator = federation.aggregator(context=again)
    while aggregator.phase != "unmask":
        aggregator.receive(exchange(aggregator.phase, aggregator.requests()))
    old = decode(before["basel"], direction="to hospital").by_name("agreed")

    with pytest.raises(SumRefused, match="another sum: its attempt differs"):
        second["basel"].handle("unmask", altered(aggregator.requests()["basel"], agreed=old))


def test_a_hospital_that_delivered_is_not_declared_dropped_behind_its_back(federation):
    parties = parties_of(federation)
    requests = run_until("consistency", federation, parties, Exchange(parties))

    with pytest.raises(SumRefused, match="leaves out this hospital"):
        parties["basel"].handle(
            "consistency", altered(requests["basel"], survivors=["amsterdam", "cleveland", "debrecen"])
        )


def test_survivors_who_shared_no_secrets_are_refused(federation):
    parties = parties_of(federation)
    exchange = Exchange(parties, to_coordinator=losing({"share": {"debrecen"}}))
    requests = run_until("consistency", federation, parties, exchange)

    with pytest.raises(SumRefused, match="did not share its secrets"):
        parties["basel"].handle("consistency", altered(requests["basel"], survivors=list(federation.names)))


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
