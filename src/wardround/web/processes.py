"""Starts a side's processes, restarts the one that dies, and ends them all together."""

import contextlib
import ctypes
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from wardround.federation.durable import write_whole
from wardround.web.home import Home

SUPERVISOR = "serve"
STOP_SECONDS = 6.0
_FIRST_DELAY, _LONGEST_DELAY, _HEALTHY_SECONDS = 0.5, 30.0, 60.0
_TICK_SECONDS = 0.2
_PR_SET_PDEATHSIG = 1


class ServeError(Exception):
    """The side cannot be served; the message says what to do."""


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Child:
    """One process of a side. It is started once `wanted()` is true, for example when the hospital has joined.

    `command()` is asked at each start.
    """

    name: str
    command: Callable[[], Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    wanted: Callable[[], bool] = _always
    pass_fds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Running:
    """A process that a pid file names and that still is the one it names."""

    pid: int
    started: int


@dataclass
class _Slot:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = _FIRST_DELAY
    not_before: float = 0.0


class Supervisor:
    """Runs children until it is told to stop. Runs in the main thread of a process that does nothing else."""

    def __init__(self, home: Home, *, children: Sequence[Child]) -> None:
        self._home = home
        self._slots = [_Slot(child) for child in children]
        self._stopping = False

    def run(self, *, on_started: Callable[[], None]) -> None:
        """Start everything, call `on_started` once, and return when SIGTERM or SIGINT came and all children ended."""
        claim(self._home, name=SUPERVISOR)
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._tend()
            on_started()
            while not self._stopping:
                time.sleep(_TICK_SECONDS)
                self._tend()
        finally:
            self._end_all()
            release(self._home, name=SUPERVISOR)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a signal handler
        self._stopping = True

    def _tend(self) -> None:
        now = time.monotonic()
        for slot in self._slots:
            if slot.process is not None and slot.process.poll() is not None:
                self._bury(slot, now=now)
            if slot.process is None and now >= slot.not_before and not self._stopping and slot.child.wanted():
                self._start(slot, now=now)

    def _start(self, slot: _Slot, *, now: float) -> None:
        child = slot.child
        with (self._home.logs / f"{child.name}.log").open("ab") as log:
            slot.process = subprocess.Popen(  # noqa: S603 - the commands are the product's own
                child.command(),
                env={**os.environ, "WARDROUND_HOME": str(self._home.path), **child.environment},
                cwd=self._home.path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # one group per child: its own children end with it
                pass_fds=child.pass_fds,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
            )
        slot.started = now
        _write_pid(self._home, name=child.name, pid=slot.process.pid)

    def _bury(self, slot: _Slot, *, now: float) -> None:
        process = slot.process
        if process is None:
            return
        _signal_group(process.pid, signal.SIGKILL)  # what the child left behind
        (self._home.run / f"{slot.child.name}.pid").unlink(missing_ok=True)
        if now - slot.started > _HEALTHY_SECONDS:
            slot.delay = _FIRST_DELAY
        logging.getLogger(__name__).warning(
            "%s ended with %d; it is started again in %.1f s.", slot.child.name, process.returncode, slot.delay
        )
        slot.process, slot.not_before = None, now + slot.delay
        slot.delay = min(slot.delay * 2, _LONGEST_DELAY)

    def _end_all(self) -> None:
        alive = [slot for slot in self._slots if slot.process is not None]
        for slot in alive:
            _signal_group(slot.process.pid, signal.SIGTERM)  # type: ignore[union-attr]
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(slot.process.poll() is None for slot in alive):  # type: ignore[union-attr]
            time.sleep(0.05)
        for slot in alive:
            # Also when the child itself has ended: a group outlives its leader.
            _signal_group(slot.process.pid, signal.SIGKILL)  # type: ignore[union-attr]
            slot.process.wait()  # type: ignore[union-attr]
            (self._home.run / f"{slot.child.name}.pid").unlink(missing_ok=True)


def listen(host: str, *, port: int) -> socket.socket:
    """A listening socket that children inherit; port 0 takes any free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ServeError(
            f"Port {port} of {host} cannot be used: {error.strerror}. Choose another with --port."
        ) from error
    listener.listen(128)
    listener.set_inheritable(True)
    return listener


def web_child(home: Home, *, site: str, listener: socket.socket) -> Child:
    """The web process of a site ("hospital" or "coordinator") on an inherited socket."""
    descriptor = str(listener.fileno())
    arguments = (
        "--fd",
        descriptor,
        "--no-access-log",
        "--no-server-header",
        "--lifespan",
        "off",
        "--log-level",
        "warning",
    )
    command = (sys.executable, "-m", "uvicorn", f"wardround.{site}.asgi:application", *arguments)
    return Child(
        name="web",
        command=lambda: command,
        environment={"DJANGO_SETTINGS_MODULE": f"wardround.{site}.settings", "HOME": str(home.path)},
        pass_fds=(listener.fileno(),),
    )


def claim(home: Home, *, name: str) -> None:
    """Write this process's pid file. Raises ServeError when another living process holds it."""
    found = running(home, name=name)
    if found is not None and found.pid != os.getpid():
        raise ServeError(f"{home.name} is already served by process {found.pid}. Stop it first, or use that one.")
    _write_pid(home, name=name, pid=os.getpid())


def release(home: Home, *, name: str) -> None:
    found = running(home, name=name)
    if found is not None and found.pid == os.getpid():
        (home.run / f"{name}.pid").unlink(missing_ok=True)


def running(home: Home, *, name: str = SUPERVISOR) -> Running | None:
    """The process a pid file names, if it lives. A number that was given to another process since is not it."""
    try:
        written = json.loads((home.run / f"{name}.pid").read_text("utf-8"))
        found = Running(pid=int(written["pid"]), started=int(written["started"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if start_time(found.pid) == found.started else None


def stop(home: Home, *, seconds: float = STOP_SECONDS + 4) -> bool:
    """End the side that is served from this home, with all its processes; False when none was."""
    found = running(home)
    if found is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while running(home) is not None:
        if time.monotonic() > deadline:
            raise ServeError(f"Process {found.pid} does not end. Look at {home.logs} and end it by hand.")
        time.sleep(0.05)
    return True


def _write_pid(home: Home, *, name: str, pid: int) -> None:
    content = json.dumps({"pid": pid, "started": start_time(pid) or 0})
    write_whole(home.run / f"{name}.pid", content.encode())


def start_time(pid: int) -> int | None:
    """When the kernel started the process, in clock ticks since boot; None when there is no such living process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _die_with_parent() -> None:
    # Linux: when the supervisor is killed, its children are too; theirs follow by end_with_parent().
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
