"""The exports' part of the worker process: one job after the other, and what has expired is thrown away."""

import logging
import threading

from django.db import close_old_connections

from wardround.hospital.exports.actions import expire_exports, run_next_export, start_anew

_LOOK_SECONDS = 0.5
_log = logging.getLogger(__name__)


def export_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker. A job that fails says so to its client; the next one goes on."""
    start_anew()
    while not stopping.wait(_LOOK_SECONDS):
        close_old_connections()
        try:
            expire_exports()
            while not stopping.is_set() and run_next_export():
                pass
        except Exception as error:  # noqa: BLE001 - by its name only: its words may hold a patient's
            _log.error("An export failed: %s", type(error).__name__)
