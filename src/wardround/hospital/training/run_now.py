"""What this hospital's part of a run is doing, as a small file per run that the engine's worker writes. No Django.

`engine/runs/<run>.json` holds rounds, phases and times; never a number about patients. A page reads it; no run depends on it.
"""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from wardround.federation.durable import write_whole
from wardround.federation.errors import FederationError
from wardround.federation.messages import Message, decode
from wardround.web.home import Home
from wardround.web.processes import start_time

# opening: the cohort is read. working: an answer is computed. waiting: the answer left; the coordinator is awaited.
# refused: a sentence says why, and the coordinator has it. failed: something broke here, and the log says what.
State = Literal["opening", "working", "waiting", "refused", "failed", "received"]
_LARGEST = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class RunNow:
    """One run as this hospital sees it. `roster` are the hospitals in it; `answers` counts messages that left."""

    study: str
    run: str
    state: State
    started: str
    since: str
    process: int
    process_started: int
    round: int | None = None
    purpose: str = ""
    phase: str = ""
    attempt: int = 0
    roster: tuple[str, ...] = ()
    answers: int = 0
    size: int = 0
    sentence: str = ""
    model: str = ""

    @property
    def is_over(self) -> bool:
        """The model came, or the worker that wrote this is gone."""
        return self.state == "received" or start_time(self.process) != self.process_started

    @property
    def started_at(self) -> datetime:
        return datetime.fromisoformat(self.started)

    @property
    def since_at(self) -> datetime:
        return datetime.fromisoformat(self.since)


class RunWriter:
    """Keeps the file of one run; a disk that is full stops no run."""

    def __init__(self, home: Home, *, study: str, run: str) -> None:
        self._path = _folder(home) / f"{run}.json"
        now, pid = _now(), os.getpid()
        earlier = _read(self._path)
        self._now = RunNow(
            study=study,
            run=run,
            state="opening",
            started=earlier.started if earlier else now,
            since=now,
            process=pid,
            process_started=start_time(pid) or 0,
            answers=earlier.answers if earlier else 0,
            size=earlier.size if earlier else 0,
        )
        self._save()

    def asked(self, message: bytes) -> None:
        """A message of the coordinator came; an answer is computed."""
        try:
            read = decode(message, direction="to hospital")
        except FederationError:
            return
        told = {"phase": read.kind.name, "round": read.whole("round"), **_of_a_sum(read)}
        self._now = replace(self._now, state="working", since=_now(), sentence="", **told)
        self._save()

    def answered(self, message: bytes) -> None:
        """This answer leaves."""
        read = decode(message, direction="to coordinator")
        now = replace(self._now, since=_now(), answers=self._now.answers + 1, size=self._now.size + len(message))
        if read.kind.name == "refusal":
            self._now = replace(now, state="refused", sentence=read.text("sentence"))
        elif read.kind.name == "model received":
            self._now = replace(now, state="received", model=read.text("model"))
        else:
            self._now = replace(now, state="waiting")
        self._save()

    @contextmanager
    def opening(self) -> Iterator[None]:
        """What keeps the part from starting is written down before it is raised again."""
        with self._telling("This hospital's part did not start; the engine's log says why."):
            yield
        self._now = replace(self._now, state="waiting", since=_now())
        self._save()

    @contextmanager
    def answering(self, message: bytes) -> Iterator[None]:
        """The same for the answer to a message of the coordinator; `answered` is called once it is made."""
        self.asked(message)
        with self._telling("This hospital's part failed; the engine's log says why."):
            yield

    @contextmanager
    def _telling(self, otherwise: str) -> Iterator[None]:
        try:
            yield
        except FederationError as refusal:
            self._stopped("refused", sentence=str(refusal))
            raise
        except Exception:
            self._stopped("failed", sentence=otherwise)  # not its own words: they may hold a patient's
            raise

    def _stopped(self, state: State, *, sentence: str) -> None:
        self._now = replace(self._now, state=state, since=_now(), sentence=sentence[:500])
        self._save()

    def _save(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._path, json.dumps(asdict(self._now)).encode())
        except OSError as error:
            logging.getLogger(__name__).warning("The state of the run could not be written: %s", error.strerror)


def runs_now(home: Home) -> list[RunNow]:
    """Every run this hospital had a part in, as it was last written; the latest first."""
    found = [read for path in _folder(home).glob("*.json") if (read := _read(path)) is not None]
    return sorted(found, key=lambda one: one.since, reverse=True)


def _of_a_sum(read: Message) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if "purpose" in read.fields:
        told = {"purpose": read.text("purpose"), "attempt": read.whole("attempt")}
    if "roster" in read.fields:
        told["roster"] = read.names("roster")
    return told


def _read(path: Path) -> RunNow | None:
    try:
        with path.open("rb") as file:
            written = json.loads(file.read(_LARGEST))
        return RunNow(**{**written, "roster": tuple(written["roster"])})
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _folder(home: Home) -> Path:
    return home.engine / "runs"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
