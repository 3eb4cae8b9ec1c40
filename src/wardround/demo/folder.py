"""The demonstration's folder: five homes, the exports, the paper charts, the report, and how far it came."""

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wardround.demo.source import PLACES, Slug

State = Literal["building", "ready"]
_MARK = "demo.json"
_LOCK = "demo.lock"
COORDINATOR = "coordinator"


class DemoError(Exception):
    """The demonstration cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class DemoFolder:
    """Where everything of one demonstration lies. Nothing outside this folder is written."""

    path: Path

    @property
    def coordinator(self) -> Path:
        return self.path / COORDINATOR

    def hospital(self, slug: Slug) -> Path:
        return self.path / "hospitals" / slug

    @property
    def letters(self) -> Path:
        """Invitations, requests and admissions on their way between coordinator and hospitals."""
        return self.path / "letters"

    @property
    def report_html(self) -> Path:
        return self.path / "report.html"

    @property
    def report_json(self) -> Path:
        return self.path / "report.json"

    @property
    def story(self) -> Path:
        return self.path / "story.json"

    @property
    def log(self) -> Path:
        """What the commands said on standard error."""
        return self.path / "demo.log"

    def homes(self) -> Iterator[Path]:
        """The five homes that exist, hospitals first."""
        for home in (*(self.hospital(slug) for slug in PLACES), self.coordinator):
            if (home / "config.toml").is_file():
                yield home

    def mark(self) -> dict[str, str | int]:
        """What the folder's own note says: seed, state, password; empty where there is no demonstration."""
        try:
            found = json.loads((self.path / _MARK).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def note(self, *, seed: int, state: State, password: str) -> None:
        """Write the note whole or not at all; it holds the log-ins' password, so only the owner may read it."""
        partial = self.path / f"{_MARK}.partial"
        partial.write_text(json.dumps({"seed": seed, "state": state, "password": password}) + "\n", "utf-8")
        partial.chmod(0o600)
        partial.replace(self.path / _MARK)

    def is_ready(self, *, seed: int) -> bool:
        """Whether a finished demonstration of this seed lies here."""
        mark = self.mark()
        return mark.get("state") == "ready" and mark.get("seed") == seed and self.report_html.is_file()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder: no two demonstrations are built in or served from one. The lock goes with the process."""
        self._refuse_what_is_not_ours()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.path / _LOCK).open("w")
        except OSError as error:
            raise DemoError(
                f"{self.path} cannot be written: {error.strerror}. Name another folder with --home."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise DemoError(
                    f"Another demonstration uses {self.path} now. End it first: wardround demo down --home {self.path}"
                ) from None
            yield

    def begin_anew(self) -> None:
        """An empty folder for a new demonstration; an earlier demonstration's content goes, anybody else's never."""
        self._refuse_what_is_not_ours()
        if self.path.exists():
            for entry in self.path.iterdir():
                if entry.name in (_MARK, _LOCK):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.letters.mkdir(mode=0o700)
            (self.path / "hospitals").mkdir(mode=0o700)
        except OSError as error:
            raise DemoError(
                f"{self.path} cannot be written: {error.strerror}. Name another folder with --home."
            ) from error

    def _refuse_what_is_not_ours(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise DemoError(f"{self.path} is a file. Name a folder with --home.")
        if not self.mark() and any(entry.name != _LOCK for entry in self.path.iterdir()):
            raise DemoError(
                f"{self.path} holds something that no demonstration put there. Name an empty or new folder with --home."
            )
