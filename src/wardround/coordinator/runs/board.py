"""The run's state on disk: the controller's process writes it, the web and the commands read it. No Django here."""

import fcntl
import json
import os
import threading
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from wardround.coordinator.runs.state import Held, HospitalCondition, HospitalState, LogLine, RoundMetric, RunState
from wardround.web.home import Home

COORDINATOR = "coordinator"
STATE, LOCK, PUBLICATION = "state.json", "controller.lock", "publication.json"
OPTIONS, OUTCOME = "options.json", "outcome.json"


def run_folder(home: Home, run_id: str) -> Path:
    return home.engine / "runs" / run_id


class BoardBusyError(Exception):
    """Another process already leads this run."""


class RunBoard:
    """One run's state, written whole after each change. Only one process at a time may hold a run's board."""

    def __init__(self, folder: Path, *, state: RunState) -> None:
        """Takes the run's lock; raises BoardBusyError when another process holds it."""
        self._folder = folder
        self._lock = _take_lock(folder / LOCK)
        self._changing = threading.Lock()
        self._state = state
        self._change(led=True)

    @property
    def state(self) -> RunState:
        return self._state

    def say(self, sentence: str, *, who: str = COORDINATOR) -> None:
        """Add one line to the log."""
        self._change(log=(*self._state.log, LogLine(time=_now(), who=who, sentence=sentence)))

    def enter(self, phase: str, *, round_number: int | None = None, waiting_for: str | None = None) -> None:
        self._change(
            phase=phase,
            round=self._state.round if round_number is None else round_number,
            waiting_for=waiting_for,
            waits_until=None,
        )

    def ask(self, step: str, *, attempt: int, sizes: Mapping[str, int]) -> None:
        """A message of so many bytes goes to each of these hospitals, and they work. Asked again, the late stay late."""
        now = _now()

        def asked(hospital: HospitalState) -> HospitalState:
            if hospital.name not in sizes:
                return hospital
            is_late = attempt > 1 and hospital.state == "silent"
            is_same = is_late or (hospital.state, hospital.step) == ("working", step)
            return replace(
                hospital,
                state="silent" if is_late else "working",
                since=hospital.since if is_same else now,
                step=step,
                reason="",
                bytes_down=hospital.bytes_down + sizes[hospital.name],
            )

        hospitals = tuple(asked(hospital) for hospital in self._state.hospitals)
        late = ", ".join(
            hospital.name for hospital in hospitals if hospital.name in sizes and hospital.state == "silent"
        )
        self._change(hospitals=hospitals, step=step, attempt=attempt, waiting_for=late or None, waits_until=None)

    def hear(self, sizes: Mapping[str, int]) -> None:
        """An answer of so many bytes has come from each of these hospitals."""
        now = _now()
        hospitals = tuple(
            replace(
                hospital, heard=now, messages=hospital.messages + 1, bytes_up=hospital.bytes_up + sizes[hospital.name]
            )
            if hospital.name in sizes
            else hospital
            for hospital in self._state.hospitals
        )
        self._change(hospitals=hospitals)

    def wait(self, late: Collection[str], *, until: datetime | None = None) -> None:
        """Name the hospitals that all others wait for; none where nobody is late."""
        names = ", ".join(hospital.name for hospital in self._state.hospitals if hospital.name in late) or None
        if (names, until) != (self._state.waiting_for, self._state.waits_until):
            self._change(waiting_for=names, waits_until=until)

    def hold(self, held: Held | None) -> None:
        """The run is held by an operator's pause, or goes on."""
        self._change(held=held)

    def mark(self, conditions: Mapping[str, HospitalCondition], *, reason: str = "") -> None:
        """Set where hospitals stand; `since` moves only when a hospital's condition changes."""
        now = _now()
        hospitals = tuple(
            replace(hospital, state=conditions[hospital.name], since=now, reason=reason)
            if hospital.name in conditions and (hospital.state != conditions[hospital.name] or reason)
            else hospital
            for hospital in self._state.hospitals
        )
        self._change(hospitals=hospitals)

    def measure(self, metric: RoundMetric) -> None:
        others = tuple(known for known in self._state.metrics if known.round != metric.round)
        self._change(metrics=tuple(sorted((*others, metric), key=lambda known: known.round)))

    def note(self, **facts: Any) -> None:
        """Set single facts: seconds_per_round, patients_total, rounds."""
        self._change(**facts)

    def finish(self, outcome: str, *, succeeded: bool) -> None:
        self.say(outcome)
        if succeeded:
            hospitals = tuple(
                replace(hospital, state="finished", since=_now())
                if hospital.state not in ("refused", "away")
                else hospital
                for hospital in self._state.hospitals
            )
            self._change(hospitals=hospitals)
        phase = "finished" if succeeded else "abandoned"
        self._change(
            finished=True,
            succeeded=succeeded,
            outcome=outcome,
            phase=phase,
            waiting_for=None,
            waits_until=None,
            held=None,
        )

    def close(self) -> None:
        """Let another process lead the run."""
        if (self._folder / STATE).exists():
            self._change(led=False)
        self._lock.close()

    def _change(self, **changes: Any) -> None:
        with self._changing:
            self._state = replace(self._state, **changes, updated=_now())
            _replace(self._folder / STATE, json.dumps(asdict(self._state), default=_plain))


def first_state(
    run_id: str,
    *,
    study: tuple[str, str, str],
    hospitals: tuple[str, ...],
    rounds: int,
    secure_aggregation: str,
    may_shrink: bool = False,
    minimum: int = 0,
) -> RunState:
    """The state of a run that has not begun. `study` is (name, title, hash)."""
    now = _now()
    return RunState(
        run_id=run_id,
        study_name=study[0],
        study_title=study[1],
        study_hash=study[2],
        started=now,
        updated=now,
        round=0,
        rounds=rounds,
        phase="waiting",
        hospitals=tuple(HospitalState(name=name, state="waiting", since=now) for name in hospitals),
        metrics=(),
        seconds_per_round=None,
        patients_total=None,
        secure_aggregation=secure_aggregation,
        waiting_for=None,
        log=(),
        finished=False,
        succeeded=False,
        outcome="",
        may_shrink=may_shrink,
        minimum=minimum,
    )


def read_state(folder: Path) -> RunState | None:
    """The state as last written, or None before the first."""
    try:
        written = json.loads((folder / STATE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    hospitals = tuple(HospitalState(**_with_times(entry, "since", "heard")) for entry in written.pop("hospitals"))
    metrics = tuple(RoundMetric(**entry) for entry in written.pop("metrics"))
    log = tuple(LogLine(**_with_times(entry, "time")) for entry in written.pop("log"))
    held = written.pop("held", None)
    return RunState(
        **_with_times(written, "started", "updated", "waits_until"),
        hospitals=hospitals,
        metrics=metrics,
        log=log,
        held=None if held is None else Held(**_with_times(held, "since")),
    )


def write_options(folder: Path, *, may_shrink: bool) -> None:
    """What the operator decided for this run, for the process that leads it."""
    _replace(folder / OPTIONS, json.dumps({"may_shrink": may_shrink}))


def read_options(folder: Path) -> bool:
    """Whether the run may go on without a hospital that left."""
    return bool(json.loads((folder / OPTIONS).read_text("utf-8"))["may_shrink"])


def read_outcome(folder: Path) -> dict[str, Any] | None:
    """How the run ended, in figures (see leading/narration.py); None before that."""
    try:
        facts: dict[str, Any] = json.loads((folder / OUTCOME).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return facts


def is_led(folder: Path) -> bool:
    """Does a living process lead this run?"""
    try:
        _take_lock(folder / LOCK).close()
    except BoardBusyError:
        return True
    return False


def _take_lock(path: Path) -> TextIO:
    # The lock belongs to the process and goes with it, so a killed controller needs no cleaning up.
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise BoardBusyError("Another process already leads this run.") from error
    return file


def _replace(path: Path, text: str) -> None:
    # No fsync: after a power cut the run's own checkpoint decides, and this is what people look at.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


def _now() -> datetime:
    return datetime.now(UTC)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong on a run's board.")


def _with_times(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: datetime.fromisoformat(value) if key in names and value else value for key, value in entry.items()}
