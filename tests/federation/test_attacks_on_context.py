"""Split models, swapped keys, other rosters and thresholds: hospitals take part in one and the same sum, or in none."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.federation.rounds import IDENTITIES, REQUEST, Exchange, Federation, altered, changing, parties_of
from wardround.federation.errors import SumRefused
from wardround.federation.identity import public_bytes
from wardround.federation.messages import decode, encode
from wardround.federation.secure_sum import masks
from wardround.federation.secure_sum.advertised_keys import session_of
from wardround.federation.secure_sum.context import NodePolicy
from wardround.federation.secure_sum.party import Node, Party
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord


@pytest.fixture
def federation(tmp_path):
    return Federation(tmp_path)


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
        name="amsterdam", identity=IDENTITIES["amsterdam"], pinned=pinned, record=UnmaskingRecord(tmp_path / "r")
    )

    with pytest.raises(SumRefused, match="basel is on the roster, but its key is not pinned here"):
        Party(federation.context(), node=node, request=REQUEST, vector=lambda: None, rounding=None)


def test_another_key_for_the_same_name_gives_another_context(federation):
    other = {**federation.pinned, "basel": IDENTITIES["mallory"].public_key()}

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
