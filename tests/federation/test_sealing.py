"""Only the member for whom a model is sealed opens it, and only as what it was sealed."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from wardround.federation.errors import SealingError
from wardround.federation.sealing import SealedUse, open_sealed, seal

COORDINATOR = Ed25519PrivateKey.generate()
KEYS = {name: X25519PrivateKey.generate() for name in ("basel", "cleveland")}
ABOUT = SealedUse(study="5" * 64, run="run-1", round=4, use="model")
MODEL = b"the weights of round 4" * 100


@pytest.fixture
def envelopes():
    to = {name: key.public_key() for name, key in KEYS.items()}
    return seal(MODEL, to=to, signer=COORDINATOR, about=ABOUT)


def opened(envelope, *, to="basel", key=None, signer=COORDINATOR, about=ABOUT):
    return open_sealed(envelope, to=to, key=key or KEYS[to], signer=signer.public_key(), about=about)


def test_every_member_opens_its_own(envelopes):
    assert {name: opened(envelope, to=name) for name, envelope in envelopes.items()} == dict.fromkeys(KEYS, MODEL)


def test_who_is_not_a_member_cannot_open_it(envelopes):
    with pytest.raises(SealingError, match="cannot be opened with this hospital's sealing key"):
        opened(envelopes["basel"], key=X25519PrivateKey.generate())


def test_a_hospital_cannot_open_anothers(envelopes):
    with pytest.raises(SealingError, match="sealed for cleveland, not for basel"):
        opened(envelopes["cleveland"], to="basel")
    with pytest.raises(SealingError, match="cannot be opened"):
        opened(envelopes["cleveland"], to="cleveland", key=KEYS["basel"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"round": 5}, "another round: 4, not 5"),
        ({"study": "6" * 64}, "another study"),
        ({"run": "run-2"}, "another run"),
        ({"use": "request"}, "another use: model, not request"),
    ],
)
def test_a_model_of_another_round_study_run_or_use_is_refused_and_named(envelopes, change, named):
    with pytest.raises(SealingError, match=named):
        opened(envelopes["basel"], about=replace(ABOUT, **change))


def test_a_model_signed_by_somebody_else_is_refused():
    mallory = Ed25519PrivateKey.generate()
    forged = seal(MODEL, to={"basel": KEYS["basel"].public_key()}, signer=mallory, about=ABOUT)["basel"]

    with pytest.raises(SealingError, match="not signed by the coordinator"):
        opened(forged)


def test_a_recipient_written_over_is_refused(envelopes):
    swapped = envelopes["cleveland"].replace(b'"cleveland"', b'"basel"    ')
    with pytest.raises(SealingError):
        opened(swapped)


def test_a_changed_byte_anywhere_is_refused(envelopes):
    envelope = envelopes["basel"]
    for position in range(0, len(envelope), 7):
        damaged = envelope[:position] + bytes([envelope[position] ^ 1]) + envelope[position + 1 :]
        with pytest.raises(SealingError):
            opened(damaged)


def test_a_header_signed_anew_around_another_ciphertext_does_not_open(envelopes):
    # Even the coordinator's own signature cannot move a ciphertext to another round: the header is bound to it.
    from wardround.federation.sealing import _SIGNED, _digest

    later = seal(MODEL, to={"basel": KEYS["basel"].public_key()}, signer=COORDINATOR, about=replace(ABOUT, round=5))
    old, new = envelopes["basel"], later["basel"]
    start = 8 + int.from_bytes(old[4:8], "big")
    body = new[:start] + old[start:-64]
    with pytest.raises(SealingError, match="cannot be opened"):
        opened(body + COORDINATOR.sign(_SIGNED + _digest(body)), about=replace(ABOUT, round=5))


@pytest.mark.parametrize("length", [0, 3, 7, 8, 100, 300])
def test_a_cut_off_model_is_refused(envelopes, length):
    with pytest.raises(SealingError):
        opened(envelopes["basel"][:length])


def test_the_same_model_is_never_sealed_twice_to_the_same_bytes(envelopes):
    again = seal(MODEL, to={"basel": KEYS["basel"].public_key()}, signer=COORDINATOR, about=ABOUT)

    assert again["basel"] != envelopes["basel"]
    assert MODEL[:22] not in envelopes["basel"]
