"""Studies are signed and published to members; a run is asked for, seen on its board, and registered at its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from test_members import request_of, seen_by_telephone

import wardround.demo
from wardround.coordinator.engine.job import write_job
from wardround.coordinator.members.actions import admit, invite, receive_request, revoke
from wardround.coordinator.models.vault import keep_model, open_model
from wardround.coordinator.runs.actions import RunRefusedError, request_run
from wardround.coordinator.runs.board import BoardBusyError, RunBoard, first_state, is_led, read_state, run_folder
from wardround.coordinator.runs.models import Run
from wardround.coordinator.runs.queries import NoSuchRunError, latest_runs, run_state
from wardround.coordinator.runs.state import RoundMetric
from wardround.coordinator.runs.store import StudyStore
from wardround.coordinator.studies.actions import PublishRefusedError, publish
from wardround.coordinator.studies.queries import NoSuchStudyError, peers_of, publications_for, study_named
from wardround.federation.joining import Publication, public_hex, read_letter, write_proof
from wardround.federation.study import SignedStudy, verify
from wardround.web.home import Home
from wardround.web.sealed_file import SealedFileError, read_sealed

HEART = Path(wardround.demo.__file__).parent / "heart-study.yaml"


@pytest.fixture
def four(db, operator, tmp_path) -> dict[str, Home]:
    homes = {}
    for name in ("budapest", "cleveland", "long-beach", "zurich-basel"):
        homes[name] = Home.create(tmp_path / name, kind="hospital", name=name.title())
        receive_request(request_of(homes[name], invitation=invite(name.title(), name=name, by=operator)), by=operator)
        admit(name, fingerprint_seen=seen_by_telephone(homes[name]), by=operator)
    return homes


@pytest.fixture
def board(tmp_path):
    state = first_state("r", study=("heart", "Heart", "a" * 64), hospitals=("a", "b"), rounds=9, secure_aggregation="")
    made = RunBoard(tmp_path, state=state)
    yield made
    made.close()


def test_a_published_study_is_signed_and_names_its_hospitals_keys(four, operator, settings):
    study = publish(HEART, by=operator)

    own = public_hex(settings.HOME.identity_key())
    publication, _ = read_letter(bytes(study.publication), kind=Publication, signer=own)
    assert verify(SignedStudy.from_bytes(publication.study_bytes), bytes.fromhex(own)).hash == study.hash
    assert {p.name: p.identity for p in peers_of(study)} == {n: public_hex(h.identity_key()) for n, h in four.items()}


def test_a_study_published_again_is_the_same(four, operator):
    assert publish(HEART, by=operator) == publish(HEART, by=operator)


def test_a_study_is_published_to_those_who_were_named_and_to_no_stranger(four, operator):
    study = publish(HEART, hospitals=("budapest", "cleveland"), by=operator)

    assert [peer.name for peer in peers_of(study)] == ["budapest", "cleveland"]
    assert len(publications_for("budapest")) == 1
    assert publications_for("long-beach") == []
    with pytest.raises(PublishRefusedError, match="vienna is no member"):
        publish(HEART, hospitals=("vienna",), by=operator)


def test_a_study_needs_members(db, operator):
    with pytest.raises(PublishRefusedError, match="no members yet"):
        publish(HEART, by=operator)


def test_a_study_that_is_not_there_is_named(db):
    with pytest.raises(NoSuchStudyError, match="'lung'"):
        study_named("lung")


class TestMembersAsk:
    path = "/federation/studies"

    def ask(self, client, key: Ed25519PrivateKey, *, now: datetime | None = None, path: str = ""):
        proof = write_proof(path or self.path, key=key, now=now or datetime.now(UTC))
        return client.get(self.path, headers={"Authorization": f"Wardround {proof}"})

    def test_a_member_gets_its_studies(self, client, four, operator):
        study = publish(HEART, by=operator)

        reply = self.ask(client, four["budapest"].identity_key())

        assert reply.json()["publications"] == [bytes(study.publication).decode()]

    def test_a_stranger_a_revoked_member_and_nobody_get_none(self, client, four, operator):
        publish(HEART, by=operator)
        revoke("budapest", by=operator)

        assert self.ask(client, Ed25519PrivateKey.generate()).status_code == 403
        assert self.ask(client, four["budapest"].identity_key()).status_code == 403
        assert client.get(self.path).status_code == 401

    def test_an_old_proof_and_one_for_another_path_are_refused(self, client, four):
        key = four["budapest"].identity_key()

        assert self.ask(client, key, now=datetime.now(UTC) - timedelta(minutes=6)).status_code == 401
        assert self.ask(client, key, path="/federation/other").status_code == 401


def test_a_run_needs_three_hospitals_and_runs_once_at_a_time(four, operator):
    two = publish(HEART, hospitals=("budapest", "cleveland"), by=operator)
    with pytest.raises(RunRefusedError, match="at least 3 hospitals"):
        request_run(two, by=operator)


def test_a_run_of_a_running_study_is_refused(four, operator):
    study = publish(HEART, by=operator)
    run = request_run(study, by=operator)

    with pytest.raises(RunRefusedError, match="already running"):
        request_run(study, by=operator)

    assert run.minimum == 3
    assert run_state(run.run_id).phase == "waiting"
    assert [line.run_id for line in latest_runs()] == [run.run_id]


def test_a_run_without_one_of_its_members_is_refused(four, operator):
    study = publish(HEART, by=operator)
    revoke("budapest", by=operator)

    with pytest.raises(RunRefusedError, match="budapest is no member any more"):
        request_run(study, by=operator)


def test_an_unknown_run_is_said_to_be_unknown(db):
    with pytest.raises(NoSuchRunError, match="'nothing'"):
        run_state("nothing")


def test_a_hospital_that_refused_the_job_is_shown_with_its_own_sentence(four, operator, settings):
    run = request_run(publish(HEART, by=operator), by=operator)
    Run.objects.filter(run_id=run.run_id).update(refusals={"budapest": "Budapest has not approved it."})

    shown = {hospital.name: hospital for hospital in run_state(run.run_id).hospitals}

    assert (shown["budapest"].state, shown["budapest"].reason) == ("refused", "Budapest has not approved it.")
    assert shown["cleveland"].state == "waiting"


def test_what_is_written_on_a_board_is_read_back(board, tmp_path):
    board.enter("training", round_number=2)
    board.mark({"a": "answered", "b": "silent"})
    board.measure(RoundMetric(round=2, auroc=0.9, auroc_low=0.8, auroc_high=0.95, brier=0.1, log_loss=0.3))
    board.say("Round 2 is done.")

    assert read_state(tmp_path) == board.state


def test_since_moves_only_when_a_condition_changes(board):
    board.mark({"a": "answered"})
    first = board.state.hospitals[0].since
    board.mark({"a": "answered"})
    assert board.state.hospitals[0].since == first
    board.mark({"a": "silent"})
    assert board.state.hospitals[0].since > first


def test_a_run_is_led_by_one_process_only(board, tmp_path):
    assert is_led(tmp_path)
    with pytest.raises(BoardBusyError):
        RunBoard(tmp_path, state=replace(board.state))
    board.close()
    assert not is_led(tmp_path)


def test_the_same_run_gives_the_same_job(tmp_path):
    first, second = (
        write_job(tmp_path / place, study_hash="a" * 64, run_id="r", hospitals=["x", "y"], minimum=2) for place in "12"
    )
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())

    assert [str(path) for path in files] == [
        "hospital/config/config_fed_client.json",
        "meta.json",
        "server/config/config_fed_server.json",
    ]
    assert all(first.joinpath(path).read_bytes() == second.joinpath(path).read_bytes() for path in files)


def test_models_and_run_states_lie_encrypted_and_each_in_its_own_place(settings):
    home = settings.HOME
    keep_model(home, run_id="r1", artifact=b"global model in clear")
    keep_model(home, run_id="r2", artifact=b"another")
    store = StudyStore(home, study_hash="c" * 64)
    store.save(b"weights in clear")

    assert open_model(home, run_id="r1") == b"global model in clear"
    assert store.load() == b"weights in clear"
    for folder in (home.models, home.engine / "studies"):
        assert all(b"in clear" not in path.read_bytes() for path in folder.iterdir())
    (home.models / "r1.sealed").replace(home.models / "r2.sealed")
    with pytest.raises(SealedFileError, match="another home or purpose"):
        open_model(home, run_id="r2")


def test_a_sealed_file_that_lost_a_byte_is_refused(settings):
    keep_model(settings.HOME, run_id="r3", artifact=b"x" * 100)
    path = settings.HOME.models / "r3.sealed"
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(SealedFileError):
        read_sealed(path, home=settings.HOME, purpose="global model r3")


def test_a_run_folder_lies_in_the_home(settings):
    assert run_folder(settings.HOME, "r").is_relative_to(settings.HOME.engine)
