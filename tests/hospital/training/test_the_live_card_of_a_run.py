"""What the page says of a run while it goes on, state by state, and that a run whose worker died does not look live."""

import json
import os
import subprocess
import sys

import pytest
from django.urls import reverse

from wardround.federation.errors import FederationError
from wardround.federation.messages import encode
from wardround.federation.receipts import Receipts
from wardround.hospital.training.actions import receive_publication
from wardround.hospital.training.ledger import ledger_path
from wardround.hospital.training.models import RunRecord
from wardround.hospital.training.run_now import RunWriter
from wardround.web.audit.actor import system_actor
from wardround.web.processes import start_time

pytestmark = pytest.mark.django_db
RUN = "heart-2026-11-24"
ROSTER = ("cleveland", "long-beach", "test-hospital")


@pytest.fixture
def published_study(joined, publication):
    return receive_publication(publication, by=system_actor("tests"))


@pytest.fixture
def writer(published_study, settings) -> RunWriter:
    """The worker of a run, which is this process."""
    ledger_path(settings.HOME).unlink(missing_ok=True)
    return RunWriter(settings.HOME, study=published_study.hash, run=RUN)


@pytest.fixture
def asks(published_study, coordinator):
    """The coordinator's message that begins a sum."""

    def message() -> bytes:
        which = {"study": published_study.hash, "run": RUN, "round": 3, "purpose": "fit", "attempt": 0}
        asked = {
            "roster": list(ROSTER), "threshold": 3, "bits": 64, "bound": 8.0, "length": 4, "request_hash": "ab" * 32,
            "request": b"weights",
        }  # fmt: skip
        return encode("advertise", {**which, **asked}, identity=coordinator)

    return message


@pytest.fixture
def answer(published_study, settings):
    def message(kind: str, **fields: object) -> bytes:
        which: dict[str, object] = {"study": published_study.hash, "run": RUN}
        if kind != "refusal":
            which["round"] = 3
        return encode(kind, {**which, **fields}, identity=settings.HOME.identity_key())

    return message


def shown(client) -> str:
    return client.get(reverse("runs-now")).content.decode()


def looks_live(text: str) -> bool:
    return "live-run" in text


def killed(settings) -> None:
    """The worker's file is as it was, and its process is gone."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    path = settings.HOME.engine / "runs" / f"{RUN}.json"
    written = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(written | {"process": ended.pid, "process_started": 1}), "utf-8")


class TestNobodyRuns:
    def test_a_hospital_in_no_federation_is_told_to_join(self, administrator, db):
        assert "In no federation yet" in shown(administrator)

    def test_a_client_that_is_not_there_is_said_to_be_not_there(self, administrator, published_study):
        text = shown(administrator)

        assert "Not connected" in text
        assert "wardround hospital serve" in text

    def test_a_client_that_waits_is_ready(self, administrator, published_study, settings):
        path = settings.HOME.run / "engine.pid"
        path.write_text(json.dumps({"pid": os.getpid(), "started": start_time(os.getpid())}), "utf-8")
        try:
            assert "Ready" in shown(administrator)
            path.write_text(json.dumps({"pid": os.getpid(), "started": 1}), "utf-8")
            assert "Not connected" in shown(administrator)
        finally:
            path.unlink()

    def test_a_supervisor_alone_is_no_client(self, administrator, published_study, settings):
        path = settings.HOME.run / "serve.pid"
        path.write_text(json.dumps({"pid": os.getpid(), "started": start_time(os.getpid())}), "utf-8")
        try:
            assert "Not connected" in shown(administrator)
        finally:
            path.unlink()


class TestARunGoesOn:
    def test_it_opens_its_cohort(self, administrator, writer):
        text = shown(administrator)

        assert looks_live(text)
        assert "Opens its cohort" in text
        assert RUN in text

    def test_it_waits_for_the_coordinator_to_begin(self, administrator, writer):
        with writer.opening():
            pass

        assert "Waiting for Coordinator to begin." in shown(administrator)

    def test_it_computes_and_says_the_round_and_the_step(self, administrator, writer, asks, study):
        writer.asked(asks())
        text = shown(administrator)

        assert "Computes" in text
        assert f"3 <small>of at most {study.training.rounds}" in text
        assert "exchanging fresh keys, fitting the model." in text
        assert "is awaited" not in text

    def test_its_answer_left_and_the_others_are_awaited_by_name(self, administrator, writer, asks, answer):
        writer.asked(asks())
        sent = answer(
            "masked", purpose="fit", attempt=0, session="b" * 64, participants=list(ROSTER), words=b"\x11" * 32
        )
        writer.answered(sent)
        text = shown(administrator)

        assert "This hospital has answered; Coordinator is awaited." in text
        assert "It goes on when the others have answered too: Cleveland, Long-Beach." in text
        assert "A pause is not told to hospitals." in text
        assert f"1 <small>messages, {len(sent)}" in text

    def test_it_refused_and_says_why(self, administrator, writer, answer):
        writer.answered(answer("refusal", sentence="This hospital has too few patients."))
        text = shown(administrator)

        assert '<span class="state bad">Refused</span>' in text
        assert "This hospital has too few patients." in text

    def test_a_refusal_before_the_first_message(self, administrator, writer):
        with pytest.raises(FederationError), writer.opening():
            raise FederationError("The coordinator's key is another one.")

        text = shown(administrator)
        assert '<span class="state bad">Refused</span>' in text
        assert "The coordinator&#x27;s key is another one." in text

    @pytest.mark.parametrize("step", ["opening", "answering"])
    def test_something_broke_and_no_word_of_it_is_shown(self, administrator, writer, asks, step):
        doing = writer.opening() if step == "opening" else writer.answering(asks())
        with pytest.raises(RuntimeError), doing:
            raise RuntimeError("Kovács Ilona")

        text = shown(administrator)
        assert '<span class="state bad">Failed</span>' in text
        assert "log says why." in text
        assert "Computes" not in text
        assert "Opens its cohort" not in text
        assert "Kovács" not in text

    def test_an_answer_that_cannot_be_made_is_not_for_ever_being_computed(self, administrator, writer, asks):
        with pytest.raises(FederationError), writer.answering(asks()):
            raise FederationError("The ledger of receipts cannot be written: No space left on device.")

        text = shown(administrator)
        assert "No space left on device." in text
        assert "Computes" not in text

    def test_a_message_that_is_none_changes_nothing(self, administrator, writer):
        writer.asked(b"\x00 no message")

        assert "Opens its cohort" in shown(administrator)


class TestARunIsOver:
    def page(self, client) -> str:
        return client.get(reverse("runs")).content.decode()

    def test_the_model_came(self, administrator, writer, answer):
        writer.answered(answer("model received", model="ef" * 32))
        RunRecord.objects.all().delete()
        text = self.page(administrator)

        assert not looks_live(text)
        assert RUN in text

    def test_the_model_came_and_is_not_decided_on_yet(self, administrator, writer, answer, settings, published_study):
        sent = answer("model received", model="ef" * 32)
        from datetime import UTC, datetime

        Receipts(ledger_path(settings.HOME), identity=settings.HOME.identity_key()).record(sent, time=datetime.now(UTC))
        writer.answered(sent)
        text = self.page(administrator)
        ledger_path(settings.HOME).unlink()

        assert not looks_live(text)
        assert "The model came, not decided on yet" in text

    @pytest.mark.parametrize("state", ["opening", "waiting", "computing"])
    def test_a_worker_that_was_killed_is_not_live(self, administrator, writer, asks, settings, state):
        if state == "waiting":
            with writer.opening():
                pass
        if state == "computing":
            writer.asked(asks())
        assert looks_live(shown(administrator))

        killed(settings)

        assert not looks_live(shown(administrator))
        text = self.page(administrator)
        assert "Ended without a model" in text
        assert "Its worker is not there any more." in text

    def test_one_that_failed_and_ended_says_so(self, administrator, writer, asks, settings):
        with pytest.raises(RuntimeError), writer.answering(asks()):
            raise RuntimeError

        killed(settings)

        text = self.page(administrator)
        assert not looks_live(text)
        assert '<span class="state bad">Failed</span>' in text

    def test_a_number_that_another_process_has_now_is_not_its_worker(self, administrator, writer, settings):
        path = settings.HOME.engine / "runs" / f"{RUN}.json"
        written = json.loads(path.read_text("utf-8"))
        assert written["process"] == os.getpid()
        path.write_text(json.dumps(written | {"process_started": written["process_started"] - 1}), "utf-8")

        assert not looks_live(shown(administrator))

    def test_a_worker_that_was_started_again_is_live_with_what_it_had_sent(
        self, administrator, writer, answer, settings, published_study
    ):
        writer.answered(answer("refusal", sentence="No."))
        killed(settings)

        RunWriter(settings.HOME, study=published_study.hash, run=RUN)

        text = shown(administrator)
        assert looks_live(text)
        assert "1 <small>messages" in text
        assert "No." not in text

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"run": "x"}', "null"])
    def test_a_file_that_is_torn_is_passed_over(self, administrator, writer, settings, content):
        (settings.HOME.engine / "runs" / f"{RUN}.json").write_text(content, "utf-8")

        assert administrator.get(reverse("runs")).status_code == 200
        assert not looks_live(shown(administrator))


def test_a_study_that_is_not_known_here_is_named_by_its_run(administrator, joined, settings):
    RunWriter(settings.HOME, study="e" * 64, run=RUN)

    assert RUN in shown(administrator)


def test_a_stranger_to_the_federation_sees_no_run(as_client, nurse, writer):
    assert as_client(nurse).get(reverse("runs-now")).status_code == 403
