"""Brings requested runs to the engine, and brings a run back when the process that led it is gone."""

import json
import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.coordinator.engine.job import write_job
from wardround.coordinator.engine.session import EngineSession
from wardround.coordinator.leading.obedience import stopped_by
from wardround.coordinator.members.queries import CONNECTED, revoked_names
from wardround.coordinator.models.actions import register_model
from wardround.coordinator.runs.board import is_led, read_state, run_folder
from wardround.coordinator.runs.models import Run, Standing
from wardround.coordinator.runs.orders import BEFORE_THE_START, read_orders
from wardround.federation.durable import write_whole
from wardround.web.audit.actor import system_actor
from wardround.web.audit.trail import record_one

# Hospitals that are missing when a run is asked for have this long to connect.
GATHER_SECONDS = 15.0
# From submitting a job to the controller holding the run's lock.
START_SECONDS = 45.0
ATTEMPTS = 5
AGAIN_SECONDS = 3.0
# A run that was stopped waits so long for a hospital that was there before.
COME_BACK_SECONDS = 120.0
_CONNECTION_SECONDS = 2.0


class Dispatcher:
    """One per coordinator; `step()` does what is due and returns."""

    def __init__(self) -> None:
        self._home = settings.HOME
        self._engine = EngineSession(self._home)
        self._connected: frozenset[str] = frozenset()
        self._seen: dict[str, datetime] = {}
        self._asked = 0.0
        self._submitted: dict[str, float] = {}
        self._waits_since: dict[str, float] = {}

    def step(self) -> None:
        """Raises EngineAwayError when the engine does not answer; the next step tries again."""
        open_runs = list(Run.objects.filter(standing__in=(Standing.REQUESTED, Standing.RUNNING)).order_by("requested"))
        for run in open_runs:
            # What the run's own board says needs no engine.
            self._conclude(run)
        if time.monotonic() - self._asked > _CONNECTION_SECONDS or any(
            run.standing == Standing.REQUESTED for run in open_runs
        ):
            self._look_who_is_connected()
        for run in open_runs:
            if run.standing == Standing.REQUESTED:
                self._start_when_gathered(run)
            elif run.standing == Standing.RUNNING:
                self._tend(run)

    def close(self) -> None:
        self._engine.close()

    def _look_who_is_connected(self) -> None:
        connected = self._engine.connected()
        revoked = revoked_names()
        for name in connected.keys() & revoked:
            self._engine.shut_out(name)
        self._connected = frozenset(connected.keys() - revoked)
        self._asked = time.monotonic()
        self._seen.update({name: connected[name] for name in self._connected})
        seen = {name: moment.isoformat() for name, moment in self._seen.items()}
        content = json.dumps({"now": sorted(self._connected), "seen": seen})
        write_whole(self._home.run / CONNECTED, content.encode())

    def _is_held(self, run: Run) -> bool:
        """Obeys what is ordered of a run that no process leads: a stop ends it, a pause keeps it from starting."""
        orders = read_orders(run_folder(self._home, run.run_id))
        if orders.stop is not None:
            state = read_state(run_folder(self._home, run.run_id))
            begun = "" if state is None or state.round == 0 else " A new run of this study goes on from where it ended."
            self._fail(run, outcome=f"{stopped_by(orders.stop)} No model was made.{begun}")
            return True
        return orders.pause is not None

    def _start_when_gathered(self, run: Run) -> None:
        if self._is_held(run):
            return
        here = [name for name in run.hospitals if name in self._connected]
        waited = timezone.now() - run.requested > timedelta(seconds=GATHER_SECONDS) or self._is_closed(run)
        if len(here) == len(run.hospitals) or (len(here) >= run.minimum and waited):
            self._submit(run, hospitals=here)

    def _submit(self, run: Run, *, hospitals: list[str]) -> None:
        folder = run_folder(self._home, run.run_id) / "job"
        job = write_job(folder, study_hash=run.study.hash, run_id=run.run_id, hospitals=hospitals, minimum=run.minimum)
        run.job_id = self._engine.submit(job)
        run.standing, run.attempts = Standing.RUNNING, run.attempts + 1
        run.save(update_fields=["job_id", "standing", "attempts"])
        self._submitted[run.run_id] = time.monotonic()
        self._waits_since.pop(run.run_id, None)

    def _tend(self, run: Run) -> None:
        if is_led(run_folder(self._home, run.run_id)):
            self._note_refusals(run)
            return
        since = time.monotonic() - self._submitted.setdefault(run.run_id, float("-inf"))
        if since < START_SECONDS:
            status = self._engine.status(run.job_id)
            self._note_refusals(run)
            if not status.over:
                return
        self._conclude(run)
        if run.standing == Standing.RUNNING and since > AGAIN_SECONDS and not self._is_held(run):
            self._resume(run)

    def _resume(self, run: Run) -> None:
        """The process that led the run is gone and the run is not done: the same configuration, as a new job."""
        willing = [name for name in run.hospitals if name not in run.refusals]
        here = [name for name in willing if name in self._connected]
        if len(willing) < run.minimum:
            self._fail(run, outcome=f"Too few hospitals take part. {' '.join(run.refusals.values())}")
        elif run.attempts >= ATTEMPTS:
            self._fail(run, outcome=f"The run was started {run.attempts} times. {self._last_word(run)}".strip())
        elif len(here) == len(willing) or (len(here) >= run.minimum and self._has_waited(run)):
            logging.getLogger(__name__).warning("Run %s is led by nobody; it is started again.", run.run_id)
            self._submit(run, hospitals=here)

    def _is_closed(self, run: Run) -> bool:
        """The operator wants the run to start, or start again, without hospitals that are not connected."""
        folder = run_folder(self._home, run.run_id)
        close, state = read_orders(folder).close, read_state(folder)
        return close is not None and close.round == (state.round if state else BEFORE_THE_START)

    def _has_waited(self, run: Run) -> bool:
        """A hospital that was restarted takes part in a new job only, so a new job waits for it a while."""
        if self._is_closed(run):
            return True
        since = self._waits_since.setdefault(run.run_id, time.monotonic())
        return time.monotonic() - since > COME_BACK_SECONDS

    def _last_word(self, run: Run) -> str:
        state = read_state(run_folder(self._home, run.run_id))
        return state.log[-1].sentence if state is not None and state.log else ""

    def _note_refusals(self, run: Run) -> None:
        if run.refusals:
            return
        refusals = self._engine.status(run.job_id).refusals
        if refusals:
            run.refusals = refusals
            run.save(update_fields=["refusals"])

    def _conclude(self, run: Run) -> None:
        state = read_state(run_folder(self._home, run.run_id))
        if state is None or not state.finished:
            return
        if not state.succeeded:
            self._fail(run, outcome=state.outcome)
            return
        with transaction.atomic():
            register_model(run, rounds=state.round)
            run.standing, run.ended, run.outcome = Standing.FINISHED, timezone.now(), state.outcome
            run.save()
            record_one(system_actor("dispatch"), "run.finish", what=f"Run/{run.run_id}")

    def _fail(self, run: Run, *, outcome: str) -> None:
        with transaction.atomic():
            run.standing, run.ended, run.outcome = Standing.FAILED, timezone.now(), outcome
            run.save()
            record_one(system_actor("dispatch"), "run.fail", outcome="refused", what=f"Run/{run.run_id}")
