"""The watching's part of the worker process: every model in use is measured once a day, in the small hours."""

import subprocess
import sys
import threading
from datetime import datetime

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from wardround.hospital.training.models import LocalModel

_LOOK_SECONDS = 300.0
_HOUR = 3  # of the hospital's own day


def watch_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker."""
    while not stopping.wait(_LOOK_SECONDS):
        close_old_connections()
        now = timezone.localtime()
        if now.hour >= _HOUR and _is_due(since=now.replace(hour=0, minute=0, second=0)):
            # In a process of its own: what the studies' tasks need in memory is given back when it has ended.
            command = (sys.executable, "-m", "wardround.cli", "hospital", "drift", "--json")
            home = ("--home", str(settings.HOME.path))
            subprocess.run((*command, *home), stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - the product's own command


def _is_due(*, since: datetime) -> bool:
    measured = [
        (figures.get("drift") or {}).get("measured")
        for figures in LocalModel.objects.filter(is_current=True).values_list("figures", flat=True)
    ]
    return any(text is None or datetime.fromisoformat(text) < since for text in measured)
