"""What a malicious coordinator asks for at the end: nothing more than one sum is ever unmasked. The victim is Basel."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.federation.rounds import Exchange, Federation, altered, changing, losing, parties_of, run_until
from wardround.federation.errors import InputSpent, RoundAbandoned, SumRefused
from wardround.federation.messages import decode, encode
from wardround.federation.secure_sum.party import unmasking_answer_again
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord


@pytest.fixture
def federation(tmp_path):
    return Federation(tmp_path)


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
