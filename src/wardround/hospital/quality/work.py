"""The quality's part of the worker process: the records are measured once a day, in the small hours."""

import subprocess
import sys
import threading

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from wardround.hospital.quality.models import QualitySnapshot

_LOOK_SECONDS = 300.0
_HOUR = 3  # of the hospital's own day


def measure_until_stopped(stopping: threading.Event) -> None:
    """Runs in a thread of the worker."""
    while not stopping.wait(_LOOK_SECONDS):
        close_old_connections()
        now = timezone.localtime()
        is_made = QualitySnapshot.objects.filter(made__gte=now.replace(hour=0, minute=0, second=0)).exists()
        if now.hour >= _HOUR and not is_made:
            # In a process of its own: what the studies' tasks need in memory is given back when it has ended.
            command = (sys.executable, "-m", "wardround.cli", "hospital", "quality", "--keep", "--json")
            home = ("--home", str(settings.HOME.path))
            subprocess.run((*command, *home), stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - the product's own command
