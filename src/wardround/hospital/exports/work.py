"""The exports' part of the worker process: one job after the other, and what has expired is thrown away."""

import threading

from wardround.hospital.exports.actions import expire_exports, run_next_export, start_anew
from wardround.web.repeating import repeat_until_stopped, work_off

_LOOK_SECONDS = 0.5


def export_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker. A job that fails says so to its client; the next one goes on."""
    start_anew()

    def look() -> None:
        expire_exports()
        work_off(stopping, run_next_export)

    repeat_until_stopped(stopping, look, seconds=_LOOK_SECONDS, what="An export")
