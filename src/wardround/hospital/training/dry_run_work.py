"""The dry runs' part of the worker process: those that wait are done, and a pause is kept after one that could not be done."""

import logging
import threading

from wardround.hospital.separately import run_separately
from wardround.hospital.training.dry_run import wait_again
from wardround.hospital.training.models import DryRun
from wardround.web.repeating import repeat_until_stopped

_LOOK_SECONDS = 0.5
_PAUSE_SECONDS = 60.0
_log = logging.getLogger(__name__)


def try_out_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker."""
    wait_again()

    def look() -> None:
        is_waiting = DryRun.objects.filter(state=DryRun.State.WAITING).exists()
        if is_waiting and not run_separately("dry-run", "--waiting"):
            _log.error("A dry run could not be done; see above.")
            stopping.wait(_PAUSE_SECONDS)

    repeat_until_stopped(stopping, look, seconds=_LOOK_SECONDS, what="A dry run")
