"""What the worker does once a day, in the small hours."""

import threading
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from wardround.hospital.separately import run_separately
from wardround.web.repeating import repeat_until_stopped

_LOOK_SECONDS = 300.0
_HOUR = 3  # of the hospital's own day


def run_nightly(stopping: threading.Event, *command: str, is_due: Callable[[datetime], bool], what: str) -> None:
    """Run the command each day from three o'clock on, for as long as `is_due(midnight)`: one that failed is tried again."""

    def look() -> None:
        now = timezone.localtime()
        if now.hour >= _HOUR and is_due(now.replace(hour=0, minute=0, second=0)):
            run_separately(*command)

    repeat_until_stopped(stopping, look, seconds=_LOOK_SECONDS, what=what)
