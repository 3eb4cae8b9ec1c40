"""The entry's part of the worker process: drafts that nobody came back to are deleted after a week."""

import threading

from django.db import close_old_connections

from wardround.hospital.entry import drafts, once

_LOOK_SECONDS = 600.0


def sweep_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker."""
    while not stopping.wait(_LOOK_SECONDS):
        close_old_connections()
        drafts.sweep()
        once.sweep()
