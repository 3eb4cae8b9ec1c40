"""Shows on standard error what the demonstration is doing, and keeps how long each stage took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Stage:
    """One running stage; ``say`` replaces the words behind its title and may be called from several threads."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task
        self._lock = Lock()
        self.words = ""

    def say(self, words: str) -> None:
        with self._lock:
            self.words = words
            self._progress.update(self._task, words=words)


class Stages:
    """The stages of one demonstration, with a live line each; on anything but a terminal, one plain line when done."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: list[tuple[str, float]] = []
        self._started = time.monotonic()

    @property
    def total(self) -> float:
        return time.monotonic() - self._started

    @contextmanager
    def stage(self, title: str) -> Iterator[Stage]:
        started = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description:<14}"), TextColumn("[dim]{task.fields[words]}"))
        live = self.console.is_terminal
        with Progress(
            *columns, TimeElapsedColumn(), console=self.console, transient=True, disable=not live
        ) as progress:
            stage = Stage(progress, progress.add_task(title, total=None, words=""))
            yield stage
        seconds = time.monotonic() - started
        self.seconds.append((title, round(seconds, 1)))
        self.console.print(
            f"[green]✓[/green] {title:<14} [dim]{stage.words}[/dim]  {seconds:.1f} s", highlight=False, soft_wrap=True
        )
