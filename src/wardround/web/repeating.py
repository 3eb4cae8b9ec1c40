"""How a thread of a worker looks again and again for what waits: one failure ends neither the thread nor what comes next."""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections

_log = logging.getLogger(__name__)


def repeat_until_stopped(stopping: threading.Event, look: Callable[[], object], *, seconds: float, what: str) -> None:
    """Look, every so many seconds. `what` is said in the log when it fails, with the error's name only: its words may hold a
    patient's."""
    while not stopping.wait(seconds):
        close_old_connections()
        try:
            look()
        except Exception as error:  # noqa: BLE001 - said in the log; the next look is another
            _log.error("%s failed: %s", what, type(error).__name__)


def work_off(stopping: threading.Event, next_one: Callable[[], bool]) -> None:
    """One after the other, until `next_one` says that none waits any more, or the worker ends."""
    while not stopping.is_set():
        if not next_one():
            return
