"""A run over real processes: it makes the same weights as in memory, and what breaks on the way does not change them."""

import hashlib
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from invented_patients import PATIENTS, invented_events
from real_processes import NAMES, Federation, member_of, wait_until

from wardround.coordinator.models.vault import open_model
from wardround.federation.aggregate import CoordinatorRun
from wardround.federation.memory import MemoryStore, MemoryTransport
from wardround.federation.round import HospitalRun, RunKeys
from wardround.federation.secure_sum.party import Node
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord
from wardround.federation.study import Study
from wardround.interchange.meds import write_meds
from wardround.learning.artifact import Artifact
from wardround.learning.site import site_data, split_seed

pytestmark = [pytest.mark.processes, pytest.mark.slow]


def approved_by(federation: Federation, document: dict, *, name: str, hospitals: tuple[str, ...] = NAMES) -> Study:
    document["training"]["seed"] = int.from_bytes(hashlib.sha256(name.encode()).digest()[:3], "big")
    study, letter = federation.publish(document, name=name)
    for hospital in hospitals:
        federation.approve(hospital, study=study, letter=letter)
    return study


def in_memory(
    federation: Federation, study: Study, *, folder, run: str, hospitals: tuple[str, ...] = NAMES
) -> Artifact:
    """The same run by the same state machines, the messages handed over in memory."""
    folder.mkdir()
    members = {name: member_of(federation.sites[name].home) for name in hospitals}
    coordinator: Ed25519PrivateKey = federation.coordinator.identity_key()
    handles = {}
    for name in hospitals:
        home, meds = federation.sites[name].home, folder / f"{name}-meds"
        write_meds(meds, invented_events(name))
        node = Node(
            name=name,
            identity=home.identity_key(),
            pinned={other: member.identity for other, member in members.items()},
            record=UnmaskingRecord(folder / f"{name}-unmasking"),
        )
        site = site_data(
            meds, task=study.cohort.task, features=study.features, test_fraction=study.training.test_fraction,
            folds=study.training.folds, seed=split_seed(study.hash, name),
        )  # fmt: skip
        keys = RunKeys(node=node, sealing=home.sealing_key(), coordinator=coordinator.public_key())
        handles[name] = HospitalRun(study, site=site, keys=keys, folder=folder / name, on_model=lambda _: None).handle
    outcome = CoordinatorRun(
        study, run=run, members=members, identity=coordinator, transport=MemoryTransport(handles), store=MemoryStore()
    ).run()
    assert outcome.model is not None, outcome.sentence
    return Artifact.from_bytes(outcome.model)


def model_of(federation: Federation, run_id: str) -> Artifact:
    return Artifact.from_bytes(open_model(federation.coordinator, run_id=run_id))


def test_the_engine_makes_the_same_weights_as_memory_byte_for_byte(running: Federation, heart, tmp_path):
    study = approved_by(running, heart, name="same-bytes")

    run_id = running.run(study)
    state = running.ended(run_id, seconds=150)

    assert state.succeeded, state.outcome
    expected = in_memory(running, study, folder=tmp_path / "memory", run=run_id)
    found = model_of(running, run_id)
    assert found.weights.tobytes() == expected.weights.tobytes()
    assert found.fold_weights.tobytes() == expected.fold_weights.tobytes()
    assert state.patients_total is not None
    assert state.patients_total < PATIENTS * len(NAMES)
    assert running.outcome(run_id)["received"] == sorted(NAMES)


def test_a_worker_killed_in_the_masking_phase_is_started_again_and_the_weights_are_the_same(
    running: Federation, heart, tmp_path
):
    study = approved_by(running, heart, name="worker-killed")
    victim = running.sites["cleveland"]

    run_id = running.run(study)
    wait_until(lambda: victim.has_sent("shared", study=study, round_number=1), seconds=100, what="shares are out")
    victim.kill_worker()
    state = running.ended(run_id, seconds=150)

    assert state.succeeded, state.outcome
    said = [line.sentence for line in state.log]
    assert any("begins again" in sentence for sentence in said)
    assert said.count("The run is connected to its hospitals.") == 1, "the job went on; it was not started anew"
    assert running.outcome(run_id)["roster"] == sorted(NAMES)
    expected = in_memory(running, study, folder=tmp_path / "memory", run=run_id)
    assert model_of(running, run_id).weights.tobytes() == expected.weights.tobytes()


def test_a_coordinator_that_is_killed_goes_on_at_the_next_round_with_the_same_weights(
    running: Federation, heart, tmp_path
):
    study = approved_by(running, heart, name="coordinator-killed")

    run_id = running.run(study)
    before = wait_until(
        lambda: (s := running.state(run_id)) and s.round >= 2 and s, seconds=100, what="two rounds are done"
    )
    running.kill_coordinator()
    running.serve()
    state = running.ended(run_id, seconds=150)

    assert state.succeeded, state.outcome
    done = [line.sentence for line in state.log if line.sentence.startswith("Round ")]
    assert len(done) == len({sentence.split(" is ")[0] for sentence in done}), "no round was done twice"
    assert state.round > before.round
    assert state.started == before.started
    expected = in_memory(running, study, folder=tmp_path / "memory", run=run_id)
    assert model_of(running, run_id).weights.tobytes() == expected.weights.tobytes()


def test_a_hospital_that_dies_while_masks_are_removed_costs_no_sum_and_the_others_go_on(running: Federation, heart):
    for site in running.sites.values():
        (site.home.path / "policy.toml").write_text("roster_may_shrink = true\n", "utf-8")
    study = approved_by(running, heart, name="site-killed")
    victim = running.sites["long-beach"]

    run_id = running.run(study, "--may-shrink")
    wait_until(lambda: victim.has_sent("agreed", study=study, round_number=1), seconds=100, what="the list is signed")
    victim.kill()
    state = running.ended(run_id, seconds=200)

    assert state.succeeded, state.outcome
    first = next(line for line in state.log if line.sentence.startswith("Round 1 "))
    assert first.time - state.started < timedelta(seconds=60), "the sum over all four was finished without the dead one"
    left = [name for name in sorted(NAMES) if name != "long-beach"]
    assert running.outcome(run_id)["roster"] == left
    assert running.outcome(run_id)["received"] == left
    assert next(h for h in state.hospitals if h.name == "long-beach").state == "away"


def test_a_hospital_that_was_restarted_is_waited_for_and_the_weights_are_the_same(running: Federation, heart, tmp_path):
    study = approved_by(running, heart, name="site-restarted")
    site = running.sites["budapest"]

    run_id = running.run(study)
    wait_until(lambda: site.has_sent("unmasked", study=study, round_number=1), seconds=100, what="a round is done")
    site.kill()
    site.start()
    state = running.ended(run_id, seconds=200)

    assert state.succeeded, state.outcome
    assert running.outcome(run_id)["roster"] == sorted(NAMES)
    expected = in_memory(running, study, folder=tmp_path / "memory", run=run_id)
    assert model_of(running, run_id).weights.tobytes() == expected.weights.tobytes()


def test_a_hospital_that_approved_another_document_refuses_and_the_others_go_on(running: Federation, heart, tmp_path):
    original = approved_by(running, heart, name="original", hospitals=("zurich-basel",))
    altered = {**heart, "title": heart["title"] + "."}
    study, letter = running.publish(altered, name="altered")
    willing = tuple(name for name in NAMES if name != "zurich-basel")
    for name in willing:
        running.approve(name, study=study, letter=letter)

    run_id = running.run(study)
    state = running.ended(run_id, seconds=150)

    assert original.hash != study.hash
    assert state.succeeded, state.outcome
    assert running.outcome(run_id)["roster"] == sorted(willing)
    expected = in_memory(running, study, folder=tmp_path / "memory", run=run_id, hospitals=willing)
    assert model_of(running, run_id).weights.tobytes() == expected.weights.tobytes()
    refused = next(h for h in running.shown(run_id)["hospitals"] if h["name"] == "zurich-basel")
    assert refused["state"] == "refused"
    assert f"has not approved the study with the hash {study.hash[:12]}" in refused["reason"]
