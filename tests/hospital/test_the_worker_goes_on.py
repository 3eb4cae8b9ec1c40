"""One failure of the worker ends neither its thread nor what comes next; what is for the night is done at night."""

import sqlite3
import subprocess
import sys
import threading
from datetime import datetime

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from wardround.hospital import work
from wardround.hospital.entry.work import sweep_until_stopped
from wardround.hospital.exports.work import export_until_stopped
from wardround.hospital.intake.upload_work import import_until_stopped
from wardround.hospital.quality.models import QualitySnapshot
from wardround.hospital.quality.work import measure_until_stopped
from wardround.hospital.training import vault
from wardround.hospital.training.dry_run_work import try_out_until_stopped
from wardround.hospital.training.ledger_check import check_until_stopped
from wardround.hospital.training.models import ApprovedStudy, DryRun, LocalModel
from wardround.hospital.training.watch_work import watch_until_stopped
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent
from wardround.web.audit.sealing import seal_until_stopped
from wardround.web.audit.trail import record_one
from wardround.web.home import Home

pytestmark = pytest.mark.django_db
LOOKS = (
    seal_until_stopped,
    export_until_stopped,
    measure_until_stopped,
    import_until_stopped,
    sweep_until_stopped,
    try_out_until_stopped,
    watch_until_stopped,
    check_until_stopped,
    work.decide_until_stopped,
)


class After(threading.Event):
    """Is set after so many looks. It keeps how long it was asked to wait, and waits no time; `meanwhile` happens instead."""

    def __init__(self, looks: int, *, meanwhile=lambda look: None) -> None:
        super().__init__()
        self.looks, self.meanwhile, self.waited = looks, meanwhile, []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        self.meanwhile(len(self.waited))
        if len(self.waited) > self.looks:
            self.set()
        return self.is_set()


@pytest.fixture
def at(monkeypatch):
    def at(hour: int) -> None:
        now = datetime(2026, 3, 2, hour, 10, tzinfo=timezone.get_default_timezone())
        monkeypatch.setattr(timezone, "now", lambda: now)

    return at


@pytest.fixture
def study(db):
    return ApprovedStudy.objects.create(
        hash="5" * 64, name="heart", version="1", title="Heart", publication=b"", received=timezone.now()
    )


@pytest.fixture
def refusing_home(tmp_path, settings):
    """A home whose commands end with a sentence on standard error, as those of an earlier version do."""
    settings.HOME = Home.create(tmp_path / "home", kind="hospital", name="Test Hospital")
    return settings.HOME


def times_refused(capfd) -> int:
    return capfd.readouterr().err.count("was made by an earlier version")


@pytest.mark.parametrize("look_until_stopped", LOOKS)
def test_a_look_that_fails_is_said_without_its_words_and_looks_again(look_until_stopped, at, caplog):
    at(4)
    stopping = After(looks=1)

    def fail_while_looking(execute, *args):
        if stopping.waited:
            raise DatabaseError("Kovács Ilona")
        return execute(*args)

    with connection.execute_wrapper(fail_while_looking):
        look_until_stopped(stopping)

    assert len(stopping.waited) == 2
    assert "failed: DatabaseError" in caplog.text
    assert "Kovács" not in caplog.text


def test_every_thread_of_the_worker_is_one_of_these():
    assert {*work.THREADS.values(), work.decide_until_stopped} == set(LOOKS)


def test_the_sealer_seals_what_it_could_not_seal_before():
    record_one(system_actor("tests"), "patient.open", patient_id="p1")
    stopping = After(looks=2)

    def fail_at_first(execute, *args):
        if len(stopping.waited) == 1:
            raise DatabaseError
        return execute(*args)

    with connection.execute_wrapper(fail_at_first):
        seal_until_stopped(stopping)

    assert AuditEvent.objects.get().is_sealed


@pytest.mark.slow
def test_the_records_are_measured_once_a_night(tmp_path, settings, at):
    home = tmp_path / "home"
    init = ("init", "--home", str(home), "--name", "Budapest")
    subprocess.run((sys.executable, "-m", "wardround.cli", "hospital", *init), check=True)
    settings.HOME = Home.load(home)

    def kept() -> int:
        with sqlite3.connect(home / "wardround.sqlite3") as store:
            return store.execute(f"select count(*) from {QualitySnapshot._meta.db_table}").fetchone()[0]

    at(2)
    measure_until_stopped(After(looks=1))
    assert kept() == 0

    at(3)
    measure_until_stopped(After(looks=1))
    assert kept() == 1

    QualitySnapshot.objects.create(made=timezone.now(), made_by="worker", facts={})
    at(5)
    measure_until_stopped(After(looks=1))
    assert kept() == 1


@pytest.mark.parametrize(
    ("hour", "measured", "times"),
    [
        (2, None, 0),
        (4, None, 2),  # one that failed is tried again
        (4, "2026-03-01T04:00:00+00:00", 2),
        (4, "2026-03-02T03:05:00+00:00", 0),
    ],
)
def test_a_model_in_use_is_measured_at_night_until_it_has_been(hour, measured, times, study, refusing_home, at, capfd):
    figures = {"drift": {"measured": measured}} if measured else {}
    LocalModel.objects.create(study=study, kind="local", model_sha256="", figures=figures, made=timezone.now())
    at(hour)

    watch_until_stopped(After(looks=2))

    assert times_refused(capfd) == times


def test_a_dry_run_that_could_not_be_done_is_tried_again_after_a_pause(study, refusing_home, capfd, caplog):
    DryRun.objects.create(study=study, asked=timezone.now(), asked_by="s.moreau")
    stopping = After(looks=3)  # a look, its pause, and a look

    try_out_until_stopped(stopping)

    assert times_refused(capfd) == 2
    assert caplog.text.count("A dry run could not be done") == 2
    assert stopping.waited[1] > stopping.waited[0]


def test_a_dry_run_that_a_killed_worker_left_waits_again(study):
    DryRun.objects.create(study=study, asked=timezone.now(), asked_by="s.moreau", state=DryRun.State.RUNNING)

    try_out_until_stopped(After(looks=0))

    assert DryRun.objects.get().state == DryRun.State.WAITING


def test_a_model_that_could_not_be_decided_on_is_left_to_a_person_and_the_next_is_tried(study, refusing_home, capfd):
    def arrive(look: int) -> None:
        if look in (1, 4):
            vault.keep(refusing_home, vault.received_name(study.hash, f"run-{look}"), b"a model")

    work.decide_until_stopped(After(looks=6, meanwhile=arrive))

    assert times_refused(capfd) == 2
