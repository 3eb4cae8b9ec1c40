"""The entry's part of the worker process: drafts that nobody came back to are deleted after a week."""

import threading

from wardround.hospital.entry import drafts, once
from wardround.web.repeating import repeat_until_stopped

_LOOK_SECONDS = 600.0


def sweep_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker."""

    def look() -> None:
        drafts.sweep()
        once.sweep()

    repeat_until_stopped(stopping, look, seconds=_LOOK_SECONDS, what="A sweep of old drafts")
