"""What a hospital refuses, whatever the coordinator asks."""

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from small_study import NAMES, federation

from wardround.federation.fixed_point import Encoding
from wardround.federation.messages import decode, encode
from wardround.federation.round import HospitalPolicy
from wardround.federation.round_request import ENCODINGS, RoundRequest
from wardround.federation.run_state import RunMemory
from wardround.federation.sealing import SealedUse, seal
from wardround.federation.secure_sum.aggregator import Aggregator
from wardround.federation.secure_sum.context import SumContext
from wardround.learning.artifact import Artifact
from wardround.learning.round_layout import Layout
from wardround.learning.statistics import federated_statistics, statistics_length, statistics_vector


@pytest.fixture
def made(tmp_path):
    return federation(tmp_path)


@pytest.fixture
def total(made):
    return sum(statistics_vector(s.training_raw, labels=s.training_labels) for s in made.sites.values())


@pytest.fixture
def layout(made, total):
    facts = federated_statistics(total, features=made.study.features, minimum_count=5)
    return Layout.of(made.study.model, folds=made.study.training.folds, encoder=facts.encoder)


def ask(made, request, *, length, round_number=1, roster=NAMES, encoding=None, study=None, clear=None, signer=None):
    """The answer of cleveland to the first message of a sum."""
    study = study or made.study.hash
    clear = request.to_bytes() if clear is None else clear
    context = SumContext.of_request(
        clear,
        study=study,
        run="memory",
        purpose=request.kind,
        round=round_number,
        roster=roster,
        encoding=encoding or ENCODINGS[request.kind],
        length=length,
    )
    sealed = seal(
        clear,
        to={name: made.members[name].sealing for name in roster},
        signer=signer or made._identity,
        about=SealedUse(study=study, run="memory", round=round_number, use="request"),
    )
    pinned = {name: made.members[name].identity for name in roster}
    messages = Aggregator(context, pinned=pinned, request=sealed).requests()
    return decode(made.transport.hospitals["cleveland"](messages["cleveland"]), direction="to coordinator")


def fit(total, shared):
    return RoundRequest(kind="fit", statistics=total, shared=shared)


def zeros(layout):
    return np.zeros((layout.models, layout.weights))


def sentence(answer):
    assert answer.kind.name == "refusal"
    return answer.text("sentence")


def test_an_honest_request_is_answered_with_keys(made, total, layout):
    answer = ask(made, fit(total, zeros(layout)), length=layout.derivatives_length)

    assert answer.kind.name == "advertised"
    assert answer.is_signed_by(made.members["cleveland"].identity)


def test_a_study_that_was_not_approved_is_refused(made, total, layout):
    answer = ask(made, fit(total, zeros(layout)), length=layout.derivatives_length, study="0" * 64)

    assert "not the one that this hospital's steward approved" in sentence(answer)
    assert answer.is_signed_by(made.members["cleveland"].identity)


def test_fewer_labelled_patients_than_the_policy_asks_for_are_refused(tmp_path, total, layout):
    made = federation(tmp_path / "strict", policy=HospitalPolicy(minimum_patients=121))

    assert "fewer than the 121" in sentence(ask(made, fit(total, zeros(layout)), length=layout.derivatives_length))


def test_a_request_that_the_coordinator_did_not_seal_is_refused(made, total, layout):
    answer = ask(made, fit(total, zeros(layout)), length=layout.derivatives_length, signer=Ed25519PrivateKey.generate())

    assert "not signed by the coordinator" in sentence(answer)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e6])
def test_a_model_that_is_not_finite_or_far_too_large_is_refused(made, total, layout, bad):
    shared = zeros(layout)
    shared[1, 2] = bad

    said = sentence(ask(made, fit(total, shared), length=layout.derivatives_length))

    assert "not finite" in said or "beyond 100" in said


def test_a_model_of_another_shape_is_refused(made, total, layout):
    said = sentence(
        ask(made, fit(total, np.zeros((layout.models, layout.weights + 1))), length=layout.derivatives_length)
    )

    assert "shape does not fit" in said


def test_another_number_of_words_than_the_studys_is_refused(made, total, layout):
    said = sentence(ask(made, fit(total, zeros(layout)), length=layout.derivatives_length + 1))

    assert "this study's sum has" in said


def test_another_encoding_than_the_protocols_is_refused(made, total, layout):
    coarse = Encoding(bits=64, bound=1.0)

    said = sentence(ask(made, fit(total, zeros(layout)), length=layout.derivatives_length, encoding=coarse))

    assert "another encoding" in said


def test_statistics_that_count_fewer_patients_than_the_hospital_has_are_refused(made, total, layout):
    own = made.sites["cleveland"]
    fewer = statistics_vector(own.training_raw.rows(np.arange(60)), labels=own.training_labels[:60])

    said = sentence(ask(made, fit(fewer, zeros(layout)), length=layout.derivatives_length))

    assert "fewer patients than this hospital alone" in said


def test_statistics_that_cannot_be_true_are_refused(made, total, layout):
    total = total.copy()
    total[2] += 7

    assert "cannot be true" in sentence(ask(made, fit(total, zeros(layout)), length=layout.derivatives_length))


def test_averaging_in_a_study_of_the_exact_fit_is_refused(made, total, layout):
    request = RoundRequest(kind="update", statistics=total, shared=zeros(layout))

    assert "no rounds of averaging" in sentence(ask(made, request, length=layout.average_length))


def test_a_request_with_trailing_bytes_is_refused(made):
    request = RoundRequest(kind="statistics")

    said = sentence(
        ask(
            made,
            request,
            length=statistics_length(made.study.features),
            round_number=0,
            clear=request.to_bytes() + b"x",
        )
    )

    assert "more than its kind" in said


def test_after_a_run_no_round_number_goes_back_and_no_model_is_summed_again(made, total, layout):
    outcome = made.coordinator().run()
    kept = RunMemory.from_bytes(made.store.data, study_hash=made.study.hash)
    shared = np.full((layout.models, layout.weights), 0.01)

    back = sentence(
        ask(made, fit(kept.statistics, shared), length=layout.derivatives_length, round_number=outcome.rounds)
    )
    again = sentence(
        ask(
            made, fit(kept.statistics, zeros(layout)), length=layout.derivatives_length, round_number=outcome.rounds + 1
        )
    )

    assert "is over" in back
    assert "already given its one unmasking answer" in again


def test_after_a_run_no_sum_is_revealed_over_fewer_hospitals(made, total, layout):
    made.coordinator().run()
    shared = np.full((layout.models, layout.weights), 0.01)

    answer = ask(made, fit(total, shared), length=layout.derivatives_length, round_number=99, roster=NAMES[:3])

    assert "difference of two sums would give it away" in sentence(answer)


def test_a_hospital_cannot_come_back_into_a_study(tmp_path, total, layout):
    policy = HospitalPolicy(minimum_patients=50, roster_may_shrink=True)
    made = federation(tmp_path / "shrinking", policy=policy)
    del made.transport.hospitals["reno"]
    made.coordinator().run()

    answer = ask(made, fit(total, zeros(layout)), length=layout.derivatives_length, round_number=99)

    assert "cannot join a later one" in sentence(answer)


def test_a_sum_that_leaves_a_hospital_of_the_roster_out_is_not_unmasked(tmp_path):
    """The coordinator hides reno's masked numbers and claims three survivors of four."""
    made = federation(tmp_path / "hiding")
    roster = NAMES
    request = RoundRequest(kind="statistics")
    context = SumContext.of_request(
        request.to_bytes(),
        study=made.study.hash,
        run="memory",
        purpose="statistics",
        round=0,
        roster=roster,
        encoding=ENCODINGS["statistics"],
        length=statistics_length(made.study.features),
    )
    sealed = seal(
        request.to_bytes(),
        to={name: made.members[name].sealing for name in roster},
        signer=made._identity,
        about=SealedUse(study=made.study.hash, run="memory", round=0, use="request"),
    )
    aggregator = Aggregator(context, pinned={n: made.members[n].identity for n in roster}, request=sealed)
    while aggregator.phase != "consistency":
        answers = {name: made.transport.hospitals[name](data) for name, data in aggregator.requests().items()}
        if aggregator.phase == "mask":
            del answers["reno"]
        aggregator.receive(answers)

    answers = {name: made.transport.hospitals[name](data) for name, data in aggregator.requests().items()}

    assert set(answers) == {"basel", "cleveland", "debrecen"}
    for answer in answers.values():
        assert "over the whole roster only" in sentence(decode(answer, direction="to coordinator"))


def test_a_restarted_hospital_refuses_until_the_next_attempt(made, total, layout):
    assert ask(made, fit(total, zeros(layout)), length=layout.derivatives_length).kind.name == "advertised"
    made.start_hospital("cleveland")
    which = {"study": made.study.hash, "run": "memory", "purpose": "fit", "round": 1, "attempt": 0}
    message = encode("share", {**which, "advertised": {}})

    answer = decode(made.transport.hospitals["cleveland"](message), direction="to coordinator")

    assert "its keys are gone" in sentence(answer)


def test_bytes_that_are_no_message_are_refused_and_not_raised(made):
    answer = decode(made.transport.hospitals["cleveland"](b"\x80\x04pickle"), direction="to coordinator")

    assert "not a message" in sentence(answer)


def test_a_model_of_another_study_is_not_kept(made):
    outcome = made.coordinator().run()
    model = Artifact.from_bytes(outcome.model)
    other = Artifact(**{**{n: getattr(model, n) for n in model.__dataclass_fields__}, "study_hash": "0" * 64})
    made.models.clear()

    assert "not made in this study" in sentence(hand_over(made, other.to_bytes()))
    assert "not a model file" in sentence(hand_over(made, b"nothing"))
    assert made.models == {}
    assert hand_over(made, outcome.model).kind.name == "model received"
    assert made.models["cleveland"] == outcome.model


def hand_over(made, data):
    about = SealedUse(study=made.study.hash, run="memory", round=3, use="model")
    envelope = seal(data, to={"cleveland": made.members["cleveland"].sealing}, signer=made._identity, about=about)
    fields = {"study": made.study.hash, "run": "memory", "round": 3, "envelope": envelope["cleveland"]}
    return decode(made.transport.hospitals["cleveland"](encode("model", fields)), direction="to coordinator")


def test_nothing_leaves_without_its_receipt(made, total, layout):
    run = made.start_hospital("cleveland")
    written = []

    def full_disk(answer):
        written.append(answer)
        raise OSError("disk full")

    run._on_outgoing = full_disk

    with pytest.raises(OSError, match="disk full"):
        ask(made, fit(total, zeros(layout)), length=layout.derivatives_length)
    assert decode(written[0], direction="to coordinator").kind.name == "advertised"


def test_a_hospital_that_restarts_after_unmasking_gives_the_identical_answer(tmp_path):
    asked = {}
    made = federation(tmp_path / "again")

    def listen(hospital, phase, answer):
        if phase == "unmask":
            asked.setdefault(hospital, answer)
        return answer

    made.transport.fault = listen
    handle = made.transport.hospitals["cleveland"]
    questions = []
    made.transport.hospitals["cleveland"] = lambda message: questions.append(message) or handle(message)
    made.coordinator().run()
    question = next(m for m in questions if decode(m, direction="to hospital").kind.name == "unmask")

    made.start_hospital("cleveland")

    assert made.transport.hospitals["cleveland"](question) == asked["cleveland"]
